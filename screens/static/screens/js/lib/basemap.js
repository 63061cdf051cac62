/** A base map below everything else: one of those that the administrators brought, or none. */
import * as maplibregl from "/static/npm/maplibre-gl/maplibre-gl.mjs";
import { read } from "./api.js";
import { element } from "./elements.js";

const KEPT = "base-map"; // the choice outlasts the page
const FONTS = ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"];
const OTHER = "#cfc7b8";
/** What the layers of a vector archive show, by their usual names. */
const COLOURS = /** @type {[RegExp, string][]} */ ([
  [/water|river|lake|ocean/, "#9cc3e0"],
  [/park|wood|forest|grass|green|landcover|landuse/, "#cfe0c0"],
  [/build/, "#d3c8b8"],
  [/road|street|highway|transport|rail/, "#a79c8a"],
]);
const NAMED = /place|poi|name|label|road|street|transport/;

/** @param {any} told one of the list @returns {any[]} layers of the style for its source */
function drawn(told) {
  if (told.kind === "raster") return [{ type: "raster" }];
  const colour = (name) => COLOURS.find(([words]) => words.test(name))?.[1] ?? OTHER;
  const shapes = told.source_layers.flatMap((name) => [
    { type: "fill", "source-layer": name, filter: ["==", ["geometry-type"], "Polygon"], paint: { "fill-color": colour(name), "fill-opacity": 0.7 } },
    { type: "line", "source-layer": name, filter: ["!=", ["geometry-type"], "Point"], paint: { "line-color": colour(name), "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.5, 16, 3] } },
  ]);
  const written = told.source_layers.filter((name) => NAMED.test(name)).map((name) => ({
    type: "symbol",
    "source-layer": name,
    layout: { "text-field": ["coalesce", ["get", "name:zh"], ["get", "name"]], "text-font": FONTS, "text-size": 11, "symbol-placement": /road|street|transport/.test(name) ? "line" : "point" },
    paint: { "text-color": "#6b6459", "text-halo-color": "#ffffff", "text-halo-width": 1.4 },
  }));
  return [...shapes, ...written];
}

/** A field of the map to choose in. Where nobody brought a base map there is none. */
class Chooser {
  /** @param {any[]} known @param {string} label @param {string} none what no base map is called */
  constructor(known, label, none) {
    this.known = known;
    this.field = /** @type {HTMLSelectElement} */ (element("select", "basemap"));
    this.field.setAttribute("aria-label", label);
    this.field.append(new Option(none, ""), ...known.map(({ name, title }) => new Option(title, name)));
    this.field.value = localStorage.getItem(KEPT) ?? "";
    if (this.field.selectedIndex < 0) this.field.value = "";
    this.field.addEventListener("change", () => {
      localStorage.setItem(KEPT, this.field.value);
      this.show();
    });
  }

  onAdd(map) {
    this.map = map;
    this.above = map.getStyle().layers[1].id;
    this.fills = map.getStyle().layers.flatMap(({ id, type, source }) => {
      const opacity = type === "fill" ? map.getPaintProperty(id, "fill-opacity") : null;
      return typeof opacity === "number" ? [{ id, opacity, thin: Math.min(opacity, source === "cells" ? 0.2 : 0.45) }] : [];
    });
    this.show();
    const frame = element("div", "maplibregl-ctrl maplibregl-ctrl-group");
    frame.append(this.field);
    return frame;
  }

  onRemove() {
    this.field.parentElement?.remove();
  }

  show() {
    const { map } = this;
    const own = (name) => name?.startsWith("base-map");
    for (const { id, source } of map.getStyle().layers) if (own(source)) map.removeLayer(id);
    for (const name of Object.keys(map.getStyle().sources).filter(own)) map.removeSource(name);
    const chosen = this.known.find(({ name }) => name === this.field.value);
    for (const { id, opacity, thin } of this.fills) map.setPaintProperty(id, "fill-opacity", chosen ? thin : opacity);
    if (this.credit) map.removeControl(this.credit);
    this.credit = null;
    if (!chosen) return;
    this.lay("base-map", chosen, chosen.tiles);
    if (chosen.labels) this.lay("base-map-labels", chosen, chosen.labels);
    this.credit = new maplibregl.AttributionControl({ compact: false });
    const narrow = map.getContainer().clientWidth < 640; // the legend lies below there
    map.addControl(this.credit, narrow ? "top-right" : "bottom-right");
  }

  lay(source, told, address) {
    const { kind, minzoom, maxzoom, attribution, bounds } = told;
    this.map.addSource(source, { type: kind, tiles: [window.location.origin + address], minzoom, maxzoom, attribution: plain(attribution), ...(bounds ? { bounds } : {}), ...(kind === "raster" ? { tileSize: 256 } : {}) });
    for (const [place, layer] of drawn(told).entries()) this.map.addLayer({ id: `${source}-${place}`, source, ...layer }, this.above);
  }
}

/** The control writes what it gets as markup: words only. */
function plain(words) {
  return element("span", "", words).innerHTML;
}

/** Let people choose a base map. Where none can be had the map does without. @param {any} map that has loaded */
export async function offerBaseMaps(map) {
  const { basemaps, label, none } = await read("/api/v1/basemaps/").catch(() => ({ basemaps: [] }));
  if (basemaps.length) map.addControl(new Chooser(basemaps, label, none), "top-right");
}
