/** A map of the catalogue's layers with live incidents on top. Knows no element of any page. */
import * as maplibregl from "/static/npm/maplibre-gl/maplibre-gl.mjs";
import { read } from "./api.js";
import { offerBaseMaps } from "./basemap.js";

const GROUND = "rivers,cells,areas,places,area_names,cell_names";
const EMPTY = { type: "FeatureCollection", features: [] };
const HOME = [107.94, 34.22, 108.14, 34.34];

const OUTPUTS = {
  interpolate: (i) => i > 2 && i % 2 === 1,
  step: (i) => i % 2 === 1,
  match: (i, length) => i > 1 && (i % 2 === 0 || i === length - 1),
};

/** A size of the style, larger for large screens. @param {any} size number or expression */
function scaled(size, factor) {
  if (typeof size === "number") return size * factor;
  const [kind, ...rest] = size;
  const isOutput = OUTPUTS[kind];
  if (!isOutput) return ["*", factor, size];
  return [kind, ...rest.map((part, i) => (isOutput(i, rest.length) ? scaled(part, factor) : part))];
}

/** @param {any[]} layers @param {number} factor */
function enlarge(layers, factor) {
  if (factor === 1) return layers;
  const sizes = ["text-size", "circle-radius", "circle-stroke-width", "line-width"];
  const grown = (part) => Object.fromEntries(Object.entries(part ?? {}).map(([name, value]) => [name, sizes.includes(name) ? scaled(value, factor) : value]));
  const later = (zoom) => zoom + Math.log2(factor); // the same ground, so many more pixels
  return layers.map((layer) => ({
    ...layer,
    ...(layer.minzoom === undefined ? {} : { minzoom: later(layer.minzoom) }),
    ...(layer.maxzoom === undefined ? {} : { maxzoom: later(layer.maxzoom) }),
    ...(layer.layout ? { layout: grown(layer.layout) } : {}),
    paint: grown(layer.paint),
  }));
}

const DARK = { ground: "#0f1b34", word: "#eef3fb", halo: "#0a1326", cell: "#53658c", area: "#c7d2e6" };

/** The same layers for a dark room. @param {any[]} layers */
function darken(layers) {
  return layers.map((layer) => {
    const paint = { ...layer.paint };
    if (layer.type === "background") paint["background-color"] = DARK.ground;
    if (layer.type === "symbol") Object.assign(paint, { "text-color": DARK.word, "text-halo-color": DARK.halo });
    if (layer.type === "line") paint["line-color"] = layer.source === "areas" ? DARK.area : DARK.cell;
    if (layer.type === "fill") paint["fill-opacity"] = 0.28;
    return { ...layer, paint };
  });
}

/** Rings around what is chosen and what is urgent, and lines around the chosen ground. */
function extras(factor) {
  const ring = (id, filter, colour, radius, width) => ({ id, type: "circle", source: "incidents", filter, paint: { "circle-color": "transparent", "circle-radius": radius * factor, "circle-stroke-color": colour, "circle-stroke-width": width * factor } });
  const line = (name) => ({ id: `${name}-chosen`, type: "line", source: name, "source-layer": name, filter: ["==", ["get", "code"], ""], paint: { "line-color": "#0b5cad", "line-width": 4 * factor } });
  return {
    ground: [line("cells"), line("areas")],
    incidents: [ring("urgent", ["==", ["get", "urgent"], true], "#c1121f", 15, 2), ring("chosen", ["==", ["get", "number"], ""], "#14213d", 15, 3.5)],
  };
}

/**
 * @param {HTMLElement} element
 * @param {{view?: number[] | null, bounds?: number[], margins?: any, factor?: number, still?: boolean, dark?: boolean, labels?: any,
 *   incidents?: boolean, ground?: string, onChoose?: (number: string) => void,
 *   onGround?: (cell: any, at: [number, number]) => void}} wanted view: lon, lat, zoom
 */
export async function liveMap(element, wanted) {
  const { view, bounds = HOME, factor = 1, still = false, ground = GROUND, margins = 32 } = wanted;
  const [style, listed] = await Promise.all([
    read(`/api/v1/layers/style.json?layers=${ground}`),
    wanted.incidents === false ? { layers: [] } : read("/api/v1/layers/?layers=incidents"),
  ]);
  const added = extras(factor);
  if (wanted.dark) style.layers = darken(style.layers);
  style.layers = [...enlarge(style.layers, factor), ...(ground === GROUND ? added.ground : [])];
  const map = new maplibregl.Map({
    container: element,
    style,
    ...(view ? { center: [view[0], view[1]], zoom: view[2] } : { bounds, fitBoundsOptions: { padding: margins } }),
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    interactive: !still,
    locale: wanted.labels,
  });
  map.touchZoomRotate?.disableRotation();
  if (!still) map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl({ unit: "metric", maxWidth: 100 * factor }), "bottom-right");
  await map.once("load");
  const layer = listed.layers[0];
  if (layer) addIncidents(map, enlarge(layer.style, factor), added.incidents, wanted.onChoose);
  if (wanted.onGround) {
    map.on("click", "cells-0", (event) => {
      const hit = layer && map.queryRenderedFeatures(event.point, { layers: ["incidents-0"] });
      if (!hit?.length) wanted.onGround(event.features[0].properties, [event.lngLat.lng, event.lngLat.lat]);
    });
  }
  if (!still && !wanted.dark) offerBaseMaps(map);
  return handle(map, layer, margins, ground);
}

function addIncidents(map, layers, rings, onChoose) {
  map.addSource("incidents", { type: "geojson", data: EMPTY, promoteId: "number" });
  for (const part of [...layers, ...rings]) {
    const { "source-layer": _tiled, ...plain } = part;
    map.addLayer(plain);
  }
  if (!onChoose) return;
  map.on("click", "incidents-0", (event) => onChoose(event.features[0].properties.number));
  for (const [name, cursor] of [["mouseenter", "pointer"], ["mouseleave", ""]]) {
    map.on(name, "incidents-0", () => {
      if (map.getCanvas().style.cursor !== "crosshair") map.getCanvas().style.cursor = cursor;
    });
  }
}

/** What a page may do with the map. */
function handle(map, incidents, margins, ground) {
  let tiled = false;
  let overlaid = ""; // the layer of cells below the points
  const changes = new Map(); // number -> feature, or null where it is gone: those of one frame

  /** More than a screen can hold: the same layers, from tiles. @param {string} query filters */
  async function tile(query) {
    const { layers } = await read(`/api/v1/layers/?layers=incidents&${query}`);
    const tiles = [window.location.origin + layers[0].tiles];
    if (tiled) return map.getSource("incidents").setTiles(tiles);
    swap({ type: "vector", tiles, maxzoom: 16, promoteId: { incidents: "number" } }, true);
  }

  function swap(source, nowTiled) {
    const own = map.getStyle().layers.filter((part) => part.source === "incidents");
    for (const part of own) map.removeLayer(part.id);
    map.removeSource("incidents");
    map.addSource("incidents", source);
    for (const { "source-layer": _old, ...part } of own) map.addLayer(nowTiled ? { ...part, "source-layer": "incidents" } : part);
    tiled = nowTiled;
  }

  function flush() {
    const all = [...changes];
    changes.clear();
    if (tiled || !all.length) return;
    const add = all.flatMap(([, feature]) => feature ?? []);
    const remove = all.flatMap(([number, feature]) => (feature ? [] : number));
    map.getSource("incidents").updateData({ add, remove });
  }

  return {
    map,
    legend: incidents?.legend ?? [],
    tile,
    /** @param {any[]} features */
    show(features) {
      if (tiled) swap({ type: "geojson", data: EMPTY, promoteId: "number" }, false);
      changes.clear();
      map.getSource("incidents").setData({ type: "FeatureCollection", features });
    },
    /** A difference to what is shown; those of one frame go to the map together. */
    change(number, feature) {
      if (tiled) return;
      if (!changes.size) requestAnimationFrame(flush);
      changes.set(number, feature);
    },
    /** @param {string} number @param {[number, number] | null} [point] */
    choose(number, point) {
      map.setFilter("chosen", ["==", ["get", "number"], number]);
      if (point) map.easeTo({ center: point, zoom: Math.max(map.getZoom(), 13.5) });
    },
    /** Other cells are in force: the tiles of now. */
    async renewGround() {
      const { sources } = await read(`/api/v1/layers/style.json?layers=${ground}`);
      for (const [name, { tiles }] of Object.entries(sources)) if (tiles) map.getSource(name)?.setTiles(tiles);
    },
    /** Lines around an area or a cell. @param {string} area @param {string} cell */
    outline(area, cell) {
      map.setFilter("areas-chosen", ["==", ["get", "code"], area]);
      map.setFilter("cells-chosen", ["==", ["get", "code"], cell]);
    },
    /** @param {number[]} box @param {boolean} [atOnce] */
    fit(box, atOnce = false) {
      map.fitBounds(box, { padding: margins, animate: !atOnce, maxZoom: 15.5 });
    },
    /** @returns {[number, number, number, number]} */
    box: () => map.getBounds().toArray().flat(),
    /** A layer of cells below the points; null takes it away. @param {any} layer of the catalogue */
    overlay(layer) {
      for (const part of map.getStyle().layers.filter((one) => one.source === overlaid)) map.removeLayer(part.id);
      if (map.getSource(overlaid)) map.removeSource(overlaid);
      overlaid = layer?.name ?? "";
      if (!layer) return;
      map.addSource(overlaid, { type: "vector", tiles: [window.location.origin + layer.tiles], maxzoom: 16 });
      for (const part of layer.style) map.addLayer(part, "areas-0");
    },
    /** The map as it is, on another canvas. @param {HTMLCanvasElement} paper */
    copy(paper) {
      const drawn = map.getCanvas();
      Object.assign(paper, { width: drawn.width, height: drawn.height });
      map.redraw(); // what was drawn can only be read right after
      paper.getContext("2d").drawImage(drawn, 0, 0);
    },
  };
}

/** @param {any} geometry @returns {number[]} west, south, east, north */
export function boxOf(geometry) {
  const box = [180, 90, -180, -90];
  const walk = (part) => {
    if (typeof part[0] !== "number") return part.forEach(walk);
    box[0] = Math.min(box[0], part[0]);
    box[1] = Math.min(box[1], part[1]);
    box[2] = Math.max(box[2], part[0]);
    box[3] = Math.max(box[3], part[1]);
  };
  walk(geometry.coordinates);
  return box;
}

/** The steps of a legend as list lines. @param {{colour: string, label: string}[]} steps */
export function legendLines(steps) {
  return steps.map(({ colour, label }) => {
    const line = document.createElement("li");
    const swatch = document.createElement("i");
    line.className = "step";
    swatch.className = "swatch";
    swatch.style.background = colour;
    line.append(swatch, label);
    return line;
  });
}
