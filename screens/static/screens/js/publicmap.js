/** The public map: classes per cell, and a list of recent matters at coarse places. */
import { read } from "./lib/api.js";
import { button, element, facts, told } from "./lib/elements.js";
import { boxOf, legendLines, liveMap } from "./lib/livemap.js";
import { clockwork } from "./lib/time.js";

const GROUND = "rivers,open_counts,areas,area_names";
const FONTS = ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"];
const PAGE = 20; // more at once is a column that nobody scrolls on a phone
const at = (id) => document.getElementById(id);
const words = told("words");
const language = document.documentElement.lang;
const clock = clockwork(language, document.body.dataset.zone, words);
const nameOf = (one) => (language.startsWith("zh") ? one.category_name : one.category_name_en);
const factor = Math.max(1, window.innerWidth / 1920); // of signs and letters, as on the other maps
let map = null;
let recent = [];
let listed = PAGE;

function wanted() {
  const [category, closed] = [at("category").value, at("closed").value];
  return recent.filter(({ properties: one }) => (!category || one.category_name === category) && (!closed || one.closed === (closed === "yes")));
}

function lineOf({ properties: one, geometry }) {
  const line = element("li");
  const made = button(nameOf(one), "", () => {
    at("map").scrollIntoView({ block: "nearest" });
    map?.map.easeTo({ center: geometry.coordinates, zoom: 14 });
  });
  made.removeAttribute("aria-label");
  const state = element("span", `badge ${one.closed ? "green" : "blue"}`, one.closed ? words.done : words.handled);
  made.append(element("b", "", nameOf(one)), state, element("span", "soft", one.place_name), element("span", "soft", one.day));
  line.append(made);
  return line;
}

/** Matters of the same place as one dot with their number. */
function dots(found) {
  const places = Map.groupBy(found, (one) => one.geometry.coordinates.join());
  const features = [...places.values()].map((own) => ({ type: "Feature", geometry: own[0].geometry, properties: { number: own.length, name: own[0].properties.place_name } }));
  return { type: "FeatureCollection", features };
}

function addDots() {
  const together = { cluster: true, clusterRadius: 24 * factor, clusterMaxZoom: 13, clusterProperties: { number: ["+", ["get", "number"]] } };
  map.map.addSource("told", { type: "geojson", data: dots(wanted()), ...together });
  const radius = ["*", factor, ["interpolate", ["linear"], ["get", "number"], 1, 8, 10, 13, 50, 20]];
  map.map.addLayer({ id: "told", type: "circle", source: "told", paint: { "circle-color": "#0b5cad", "circle-opacity": 0.9, "circle-radius": radius, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1.5 } });
  const layout = { "text-field": ["to-string", ["get", "number"]], "text-font": FONTS, "text-size": 12 * factor, "text-allow-overlap": true, "text-ignore-placement": true };
  map.map.addLayer({ id: "told-numbers", type: "symbol", source: "told", layout, paint: { "text-color": "#ffffff" } });
  map.map.on("click", "told", ({ features: [dot], lngLat }) => {
    if (dot.properties.cluster) map.map.easeTo({ center: lngLat, zoom: map.map.getZoom() + 1.5 });
    else showPlace(dot.properties.name);
  });
  for (const { id, source } of map.map.getStyle().layers) if (source === "area_names") map.map.setLayoutProperty(id, "text-offset", [0, -1.2]); // above the dots
}

/** What is told of a place, by category. */
function showPlace(name) {
  const own = wanted().filter((one) => one.properties.place_name === name);
  const kinds = Map.groupBy(own, ({ properties: one }) => nameOf(one));
  openCard(name, facts([...kinds].map(([kind, matters]) => [kind, `${matters.length} ${words.pieces}`])));
}

function openCard(title, body) {
  const shut = button(words.close, "×", () => {
    at("card").hidden = true;
  }, "icon quiet shut");
  at("card").replaceChildren(element("h2", "", title), shut, body);
  at("card").hidden = false;
}

function draw() {
  const found = wanted();
  map?.map.getSource("told")?.setData(dots(found));
  at("list").replaceChildren(...found.slice(0, listed).map(lineOf));
  at("more").hidden = found.length <= listed;
  at("shown").textContent = String(found.length);
  at("empty").hidden = found.length > 0;
}

function drawAnew() {
  listed = PAGE;
  draw();
}

function drawMore() {
  const before = listed;
  listed += PAGE;
  draw();
  at("list").children[before].firstChild.focus({ preventScroll: true });
}

async function load() {
  const answer = await read("/api/v1/layers/recent/");
  recent = answer.features;
  at("loading").hidden = true;
  at("trouble").hidden = true;
  const names = new Map(recent.map(({ properties: one }) => [one.category_name, nameOf(one)]));
  for (const [value, name] of names) {
    const option = element("option", "", name);
    option.value = value;
    at("category").append(option);
  }
  draw();
}

/** The cell that was touched: its name, its class, and who answers for it. */
async function showCell(cell, label, spot) {
  openCard(cell.name, facts([[words.handled, `${label} ${words.pieces}`]]));
  const place = await read(`/api/v1/locate/?lon=${spot.lng}&lat=${spot.lat}`).catch(() => null);
  if (!place?.worker || at("card").firstChild.textContent !== cell.name) return;
  const phone = element("a", "", place.worker.phone);
  phone.href = `tel:${place.worker.phone}`;
  const person = element("span", "", `${place.worker.name} `);
  person.append(phone);
  at("card").append(facts([[words.worker, person]]));
}

async function startMap() {
  const [{ layers }, outline] = await Promise.all([read("/api/v1/layers/?layers=open_counts"), read("/api/v1/areas/?level=TOWN")]);
  const [counts] = layers;
  at("legend").append(...legendLines(counts.legend));
  const bounds = outline.features.length ? boxOf({ coordinates: outline.features.map((one) => one.geometry.coordinates) }) : undefined;
  const labels = { "NavigationControl.ZoomIn": words.zoomIn, "NavigationControl.ZoomOut": words.zoomOut };
  map = await liveMap(at("map"), { bounds, incidents: false, ground: GROUND, factor, labels, margins: { top: 20, bottom: 60, left: 20, right: 20 } });
  addDots();
  map.map.on("click", "open_counts-0", ({ features, lngLat, point }) => {
    if (map.map.queryRenderedFeatures(point, { layers: ["told"] }).length) return;
    const cell = features[0].properties;
    showCell(cell, counts.legend.find((step) => step.value === cell.at_least)?.label ?? "", lngLat);
  });
  map.map.once("idle", () => {
    window.gridkeeperReady = true;
  });
}

function loadUntilThere() {
  load().catch(() => {
    at("loading").hidden = true;
    at("trouble").hidden = false;
    setTimeout(loadUntilThere, 10_000);
  });
}

for (const id of ["category", "closed"]) at(id).addEventListener("change", drawAnew);
at("more").addEventListener("click", drawMore);
loadUntilThere();
startMap().catch(() => {
  at("no-map").hidden = false;
});
