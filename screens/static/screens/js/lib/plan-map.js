/** The planner's map: cells as a plan draws them, what is chosen, changed or wrong. */
import * as maplibregl from "/static/npm/maplibre-gl/maplibre-gl.mjs";
import { offerBaseMaps } from "./basemap.js";
import { eachRing } from "./snap.js";

const FONTS = ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"];
const GROUND = ["#dbe7f3", "#e9e3d3", "#dcebdc", "#ece0ea", "#f3e1d9", "#e2e3ea"];
const ROOM = { top: 160, bottom: 80, left: 80, right: 80 }; // for the tools and the legend
const INK = "#14213d";
const collection = (features) => ({ type: "FeatureCollection", features: [...features] });
const source = (extra = {}) => ({ type: "geojson", data: collection([]), ...extra });
const by = (name, yes, no) => ["case", ["boolean", ["feature-state", name], false], yes, no];

const factor = Math.max(1, window.innerWidth / 1920); // letters grow with the screen
const NAMED = 13.2 + Math.log2(factor); // from this zoom on cells have their names

function styleOf() {
  const names = { "text-field": ["get", "name"], "text-font": FONTS, "text-size": 13 * factor, "text-max-width": 8 };
  const halo = { "text-color": INK, "text-halo-color": "#ffffff", "text-halo-width": 1.6 };
  const change = (yes, fresh, no) => ["match", ["get", "change"], "changed", yes, "new", fresh, no];
  return {
    version: 8,
    sources: { cells: source({ promoteId: "code" }), names: source(), communities: source(), offer: source(), troubles: source(), nodes: source(), typed: source(), pieces: source() },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": "#f7f9fc" } },
      { id: "cells", type: "fill", source: "cells", paint: { "fill-color": change("#a9c8ea", "#bfe3c0", ["match", ["%", ["get", "tint"], GROUND.length], ...GROUND.slice(1).flatMap((colour, i) => [i + 1, colour]), GROUND[0]]), "fill-opacity": 0.85 } },
      { id: "pieces", type: "fill", source: "pieces", paint: { "fill-color": "#c05621", "fill-opacity": 0.5 } },
      { id: "offer", type: "fill", source: "offer", paint: { "fill-color": "#7c3aed", "fill-opacity": 0.45, "fill-outline-color": "#4c1d95" } },
      { id: "borders", type: "line", source: "cells", paint: { "line-color": "#7c89a3", "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.6, 16, 1.8] } },
      { id: "changed", type: "line", source: "cells", filter: ["!=", ["get", "change"], ""], paint: { "line-color": change("#0b5cad", "#0a7d55", "#000"), "line-width": 2.4, "line-dasharray": [2, 1.2] } },
      { id: "picked-fill", type: "fill", source: "cells", paint: { "fill-color": "#ffb703", "fill-opacity": by("picked", 0.3, 0) } },
      { id: "picked", type: "line", source: "cells", paint: { "line-color": "#b36b00", "line-width": 3.5, "line-opacity": by("picked", 1, 0) } },
      { id: "communities", type: "symbol", source: "communities", maxzoom: NAMED, layout: { ...names, "text-size": 14 * factor }, paint: halo },
      { id: "names", type: "symbol", source: "names", minzoom: NAMED, layout: names, paint: halo },
      { id: "nodes", type: "circle", source: "nodes", paint: { "circle-radius": ["case", [">", ["get", "meet"], 2], 6, 4], "circle-color": ["case", ["get", "held"], "#ffb703", "#ffffff"], "circle-stroke-color": "#0b5cad", "circle-stroke-width": 2 } },
      { id: "troubles", type: "circle", source: "troubles", paint: { "circle-color": ["match", ["get", "weight"], "blocking", "#c1121f", "#e09f00"], "circle-radius": 10, "circle-stroke-color": "#ffffff", "circle-stroke-width": 2 } },
      { id: "trouble-marks", type: "symbol", source: "troubles", layout: { "text-field": "!", "text-font": FONTS, "text-size": 15, "text-allow-overlap": true }, paint: { "text-color": ["match", ["get", "weight"], "blocking", "#ffffff", INK] } },
      { id: "typed", type: "line", source: "typed", paint: { "line-color": "#0b5cad", "line-width": 4, "line-dasharray": [1.5, 1] } },
    ],
  };
}

/** @param {Iterable<any>} features @returns {[number, number, number, number] | null} */
export function boundsOf(features) {
  const box = [180, 90, -180, -90];
  for (const feature of features)
    eachRing(feature.geometry, (ring) => {
      for (const [lon, lat] of ring) {
        box[0] = Math.min(box[0], lon);
        box[1] = Math.min(box[1], lat);
        box[2] = Math.max(box[2], lon);
        box[3] = Math.max(box[3], lat);
      }
    });
  return box[0] > box[2] ? null : box;
}

/** A trouble as a point of the map. @param {{lon: number, lat: number}} place @param {string} level */
export const mark = (place, level) => ({ type: "Feature", properties: { weight: level.toLowerCase() }, geometry: { type: "Point", coordinates: [place.lon, place.lat] } });

/** A point for the name: the middle of the largest ring, so that tiles do not repeat it. */
function nameOf(cell) {
  let best = [0, 0, -1];
  eachRing(cell.geometry, (ring) => {
    let [area, x, y] = [0, 0, 0];
    const [ox, oy] = ring[0];
    for (let i = 0; i + 1 < ring.length; i += 1) {
      const [ax, ay, bx, by] = [ring[i][0] - ox, ring[i][1] - oy, ring[i + 1][0] - ox, ring[i + 1][1] - oy];
      const cross = ax * by - bx * ay;
      area += cross;
      x += (ax + bx) * cross;
      y += (ay + by) * cross;
    }
    if (Math.abs(area) > best[2]) best = [ox + x / (3 * area), oy + y / (3 * area), Math.abs(area)];
  });
  return { type: "Feature", properties: { name: cell.properties.name }, geometry: { type: "Point", coordinates: best.slice(0, 2) } };
}

/** A name in the midst of the cells of each community, for maps too small for theirs. */
function communitiesOf(cells) {
  const own = Map.groupBy(cells, (cell) => cell.properties.community_name ?? "");
  return [...own].map(([name, of]) => {
    const spots = of.map((cell) => nameOf(cell).geometry.coordinates);
    const middle = [0, 1].map((axis) => spots.reduce((sum, spot) => sum + spot[axis], 0) / spots.length);
    return { type: "Feature", properties: { name }, geometry: { type: "Point", coordinates: middle } };
  });
}

/** @param {HTMLElement} element @param {any[]} features */
export function planMap(element, features) {
  const map = new maplibregl.Map({
    container: element,
    style: styleOf(),
    bounds: boundsOf(features) ?? [107.94, 34.22, 108.14, 34.34],
    fitBoundsOptions: { padding: { ...ROOM, left: 30, right: 50, top: 92 } },
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    boxZoom: false,
    doubleClickZoom: false,
    canvasContextAttributes: { preserveDrawingBuffer: true }, // the printed sheet shows the map
  });
  map.addControl(new maplibregl.NavigationControl({ showCompass: false }));
  map.addControl(new maplibregl.ScaleControl({ unit: "metric", maxWidth: 100 * factor }), "bottom-right");
  const loaded = new Promise((done) => map.once("load", done));
  loaded.then(() => offerBaseMaps(map));
  let picked = [];
  const put = (name, found) => loaded.then(() => map.getSource(name).setData(collection(found)));
  return {
    map,
    loaded,
    /** @param {Iterable<any>} cells */
    show: (cells) => Promise.all([put("cells", cells), put("names", [...cells].map(nameOf)), put("communities", communitiesOf(cells))]),
    /** @param {any[]} found points with `weight` */
    troubles: (found) => put("troubles", found),
    /** @param {any[]} found points with `meet` (cells) and `held` */
    nodes: (found) => put("nodes", found),
    offer: (found) => put("offer", found),
    /** @param {any[]} found ground that changes hands */
    pieces: (found) => put("pieces", found),
    /** @param {string[]} codes */
    pick(codes) {
      for (const code of picked) map.setFeatureState({ source: "cells", id: code }, { picked: false });
      for (const code of codes) map.setFeatureState({ source: "cells", id: code }, { picked: true });
      picked = codes;
    },
    /** @param {Iterable<any>} wanted features to look at */
    look(wanted) {
      const box = boundsOf(wanted);
      if (box) map.fitBounds(box, { padding: ROOM, maxZoom: 16, duration: 0 });
    },
    lookAt: (place) => map.easeTo({ center: place, zoom: Math.max(map.getZoom(), 15.5), duration: 0 }),
    /** @returns {string} code of the cell at a point of the screen */
    cellAt: (point) => map.queryRenderedFeatures(point, { layers: ["cells"] })[0]?.properties.code ?? "",
  };
}

/** Two maps move as one. @param {any} one @param {any} two @returns {() => void} stops it */
export function together(one, two) {
  let busy = false;
  const follow = (from, to) => () => {
    if (busy) return;
    busy = true;
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom() });
    busy = false;
  };
  const [left, right] = [follow(one, two), follow(two, one)];
  one.on("move", left);
  two.on("move", right);
  left();
  return () => {
    one.off("move", left);
    two.off("move", right);
  };
}
