/** The kiosk: a still map, one touch, one card in large letters; it goes back by itself. */
import { read } from "./lib/api.js";
import { button, element, told } from "./lib/elements.js";

const BACK_MS = 60_000; // the next person finds the map, not the last one's card
const AGAIN_MS = 10_000;
const FRESH_MS = 3_600_000; // boundaries and names may have changed
const LABELS = 45; // more names than that cover the map: then those of the areas above stand there
const TINTS = ["#8ecae6", "#f4d58d", "#b8d8ba", "#d9b8d8", "#f2b5a7", "#c9cba3"];
const at = (id) => document.getElementById(id);
const [words, rules] = [told("words"), told("rules")];
const { area } = document.body.dataset;
const { L } = window;
const map = L.map("map", { zoomControl: false, attributionControl: false, zoomSnap: 0.25, maxZoom: 18 });
const above = L.layerGroup().addTo(map);
let drawn = null;
let mark = null;
let home = null;
let timer = 0;
let asked = 0;

const tint = (index) => TINTS[index % TINTS.length];

/** Neighbours have codes near each other: another tint for each of six in a row. */
function draw(features) {
  drawn?.remove();
  drawn = L.geoJSON(features, {
    style: (one) => ({ color: "#33415c", weight: 1.5, fillColor: tint(one.properties.index), fillOpacity: 0.75 }),
    onEachFeature: (one, shape) => {
      if (features.length <= LABELS) shape.bindTooltip(one.properties.short, { permanent: true, direction: "center", className: "cell-name" });
    },
    smoothFactor: 0,
  }).addTo(map);
  home = drawn.getBounds();
  map.fitBounds(home, { padding: [24, 24], animate: false });
  at("cells").replaceChildren(...features.map(lineOf));
  above.clearLayers();
  if (features.length > LABELS) nameAreas(features).catch(() => {});
}

/** The names of communities, or of towns where even those are too many. */
async function nameAreas(features) {
  const few = new Set(features.map((one) => one.properties.community_code)).size <= LABELS;
  const found = await read(`/api/v1/layers/area_names/?area=${area}&level=${few ? "COMMUNITY" : "TOWN"}`);
  for (const { geometry, properties } of found.features) {
    const spot = L.circleMarker(geometry.coordinates.toReversed(), { radius: 0, stroke: false, interactive: false });
    spot.bindTooltip(properties.name, { permanent: true, direction: "center", className: "cell-name" }).addTo(above);
  }
}

function lineOf({ properties: cell }) {
  const line = element("li");
  const choice = button(cell.name, cell.name, () => ask(`cell=${encodeURIComponent(cell.code)}`, cell.code));
  choice.dataset.code = cell.code;
  choice.style.setProperty("--tint", tint(cell.index));
  line.append(choice);
  return line;
}

/** Where somebody touched, or which cell was chosen. */
async function ask(query, code) {
  const mine = ++asked;
  const answer = await read(`/api/v1/locate/?${query}`).catch(() => null);
  if (mine !== asked) return;
  show(answer ?? { trouble: true });
  choose(answer?.cell?.code ?? code ?? "");
}

function show(answer) {
  const { cell, worker } = answer;
  at("chain").textContent = (answer.areas ?? []).map((one) => one.name).reverse().join(" · ");
  at("cell").textContent = cell?.name ?? "";
  at("rule").textContent = rules[worker?.rule] ?? "";
  at("name").textContent = answer.trouble ? words.failed : (worker?.name ?? (cell ? words.vacant : ""));
  at("name").classList.toggle("vacant", !worker);
  at("phone").replaceChildren(dialled(worker?.phone ?? ""));
  document.querySelector(".worker").hidden = !cell && !answer.trouble;
  at("outside").hidden = Boolean(cell) || Boolean(answer.trouble);
  at("how").hidden = !worker;
  at("welcome").hidden = true;
  at("card").hidden = false;
  at("back").focus({ preventScroll: true });
  stay();
}

/** The card stays while somebody is there. */
function stay() {
  clearTimeout(timer);
  timer = setTimeout(goBack, BACK_MS);
}

/** 199 0000 0001 is read and dialled more easily than eleven digits in a row. */
const grouped = (phone) => (/^\d{11}$/.test(phone) ? `${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}` : phone);

/** On one's own telephone it is called by a touch; a kiosk has nothing to call with. */
function dialled(phone) {
  const own = phone && window.matchMedia("(max-width: 900px)").matches;
  const made = element(own ? "a" : "span", "", grouped(phone));
  if (own) made.href = `tel:${phone}`;
  return made;
}

function choose(code) {
  drawn?.eachLayer((shape) => {
    const chosen = shape.feature.properties.code === code;
    shape.setStyle({ weight: chosen ? 5 : 1.5, color: chosen ? "#14213d" : "#33415c", fillOpacity: !code || chosen ? 0.75 : 0.4 });
    if (chosen) shape.bringToFront();
  });
}

function goBack() {
  clearTimeout(timer);
  asked += 1;
  at("card").hidden = true;
  at("welcome").hidden = false;
  mark?.remove();
  choose("");
  if (home) map.fitBounds(home, { padding: [24, 24], animate: false });
}

map.on("click", ({ latlng }) => {
  mark?.remove();
  mark = L.circleMarker(latlng, { radius: 12, color: "#ffffff", weight: 4, fillColor: "#c1121f", fillOpacity: 1, interactive: false }).addTo(map);
  const { lng, lat } = latlng.wrap();
  ask(`lon=${lng.toFixed(6)}&lat=${lat.toFixed(6)}`);
});

/** A cell is called by its number alone where all are of one community. */
function named(features) {
  const one = new Set(features.map((cell) => cell.properties.community_code)).size === 1;
  return features
    .sort((a, b) => (a.properties.code < b.properties.code ? -1 : 1))
    .map((cell, index) => {
      const { name, community_name: above } = cell.properties;
      const short = one && name.startsWith(above) && name.length > above.length ? name.slice(above.length) : name;
      return { ...cell, properties: { ...cell.properties, index, short } };
    });
}

async function load() {
  const found = await read(`/api/v1/layers/cells/?area=${area}`).catch(() => null);
  at("trouble").hidden = Boolean(found);
  if (!found) return setTimeout(load, AGAIN_MS);
  if (at("card").hidden) draw(named(found.features));
  document.body.dataset.ready = "";
  return setTimeout(load, FRESH_MS);
}

function tick() {
  const manner = { hour: "2-digit", minute: "2-digit", timeZone: document.body.dataset.zone };
  at("clock").textContent = new Date().toLocaleTimeString(document.documentElement.lang, manner);
}

L.control.zoom({ position: "bottomright", zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
at("back").addEventListener("click", goBack);
document.addEventListener("pointerdown", () => at("card").hidden || stay());
tick();
setInterval(tick, 5000);
load();
