/** Taking a report: what the caller says, the place on the map, the neighbours, and the number at the end. */
import { read } from "./lib/api.js";
import { pointsOf, showAround } from "./lib/around.js";
import { element, told } from "./lib/elements.js";
import { finder } from "./lib/finder.js";
import { intakeMap } from "./lib/intakemap.js";
import { onKeys } from "./lib/keys.js";
import { boxOf } from "./lib/livemap.js";
import { clearTroubles, showTroubles } from "./lib/moveform.js";
import { Places } from "./lib/places.js";
import { post, put } from "./lib/post.js";
import { showReceipt } from "./lib/receipt.js";
import { clockwork, now } from "./lib/time.js";

const WAIT_MS = 500;
const JOIN = ["merge", "link"]; // an office joins its own cases, and links those below it
const at = (id) => document.getElementById(id);
const [words, tables] = [told("words"), told("tables")];
const language = document.documentElement.lang;
const clock = clockwork(language, document.body.dataset.zone, words);
const places = new Places(language);
const manner = { words, clock, tables, categoryName: (code) => places.categoryName(code) };
const form = /** @type {HTMLFormElement} */ (at("report"));
const lists = { near: at("near"), phone: at("by-phone"), place: at("by-place") };
const NOBODY = { found: [], asked: { phone: [], place: [] }, due_at: null };

let map = null;
let category = ""; // its code
let place = null; // {location, spot, card, text}: text was chosen in the list, and more may follow it
let around = NOBODY;
let same = ""; // number of the case that the caller means
let uuid = newId(); // of this report: however often it is sent, it is filed once
let sent = null; // a body to which no answer came
let busy = false;

const fill = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, String(value)), text);
const value = (name) => form.elements[name].value.trim();

/** Also where the page does not come over HTTPS. */
function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

// --- category ---------------------------------------------------------------------------------
const nameOf = (code) => (code.length === 2 ? `${places.categoryName(code)} · ${words.inGeneral}` : places.categoryName(code));

/** The two levels, shortened to what was typed: a name of either level, or a code. */
async function findCategory(text) {
  const all = !text || text === nameOf(category);
  const wanted = text.toLowerCase();
  const fits = (code) => [code, places.categoryName(code), places.categoryName(code.slice(0, 2))].some((one) => one.toLowerCase().includes(wanted));
  return [...places.categories.keys()]
    .filter((code) => all || fits(code))
    .map((code) => ({ group: places.categoryName(code.slice(0, 2)), title: nameOf(code), hint: code, act: () => chooseCategory(code) }));
}

function chooseCategory(code) {
  category = code;
  form.elements.category.value = nameOf(code);
  heal("category");
  lookSoon();
}

// --- place ------------------------------------------------------------------------------------
async function findPlace(text) {
  if (/^\d{15}$/.test(text)) {
    const card = await read(`/api/v1/locate/?cell=${text}`);
    return [{ group: words.cells, title: card.cell.name, hint: text, act: () => take({ kind: "cell", code: text, name: card.cell.name }) }];
  }
  const { candidates = [] } = (await post("/api/v1/locate/", { address: text })).told;
  const groups = { cell: words.cells, place: words.places };
  return candidates.map((one) => ({ group: groups[one.kind] ?? words.areas, title: one.name, hint: "", act: () => take(one) }));
}

/** A candidate: an area is too wide to send anybody to, so it only moves the map. */
function take(one) {
  if (!["cell", "place"].includes(one.kind)) {
    map?.fit(places.boxOf(one.code) ?? [one.lon, one.lat, one.lon, one.lat]);
    at("card").textContent = fill(words.touch, { name: one.name });
    return;
  }
  if (one.kind === "cell") form.elements.place.value = one.name;
  const spot = one.lon === undefined ? null : [one.lon, one.lat];
  const location = one.kind === "cell" ? { cell: one.code } : { point: { type: "Point", coordinates: spot } };
  settle(location, spot, value("place"));
}

async function settle(location, spot, text) {
  const mine = { location, spot, card: null, text };
  place = mine;
  heal("location");
  drawPlace();
  const query = location.cell ? `cell=${location.cell}` : `lon=${spot[0]}&lat=${spot[1]}`;
  mine.card = await read(`/api/v1/locate/?${query}`).catch(() => null);
  if (place !== mine) return;
  drawPlace();
  lookSoon();
  if (!spot) showCell(location.cell).catch(() => {});
}

/** A cell that was named by its code. @param {string} code */
async function showCell(code) {
  const { features } = await read(`/api/v1/layers/cells/?area=${code.slice(0, 12)}`);
  const found = features.find((one) => one.properties.code === code);
  if (found) map?.fit(boxOf(found.geometry));
}

/** The cell, who answers for it, and until when it would have to be done. */
function drawPlace() {
  const { card, spot } = place ?? {};
  map?.put(spot ?? null, card?.cell?.code ?? "");
  if (!place) return at("card").replaceChildren(words.nowhere);
  if (!card) return at("card").replaceChildren(words.loading);
  const chain = (card.areas ?? []).map((one) => one.name).slice(0, 2).reverse().join(" · ");
  const who = card.worker ? `${card.worker.name} ${card.worker.phone}` : words.nobody;
  const lines = card.cell ? [["cell", card.cell.name], ["soft", chain], ["worker", `${words.worker} ${who}`]] : [["cell", words.none]];
  if (card.cell && around.due_at) lines.push(["due", `${words.due} ${clock.moment(Date.parse(around.due_at) / 1000)}`]);
  at("card").replaceChildren(...lines.map(([kind, text]) => element("span", kind, text)));
}

// --- around -----------------------------------------------------------------------------------
let timer = 0;
let asked = 0;

function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(look, WAIT_MS);
}

async function look() {
  const mine = ++asked;
  const [lon, lat] = place?.spot ?? [];
  const about = { category, lon, lat, cell: place?.card?.cell?.code, address: value("place"), description: value("description"), phone: value("phone") };
  const known = Object.fromEntries(Object.entries(about).filter(([, one]) => one !== undefined && one !== ""));
  const asks = Object.keys(known).length > 0;
  const answer = asks ? await post("/api/v1/incidents/duplicates/", known) : { ok: true, told: NOBODY };
  if (mine !== asked || !answer.ok) return;
  around = answer.told;
  drawAround();
  drawPlace();
}

function drawAround() {
  const all = [...around.found, ...around.asked.phone, ...around.asked.place];
  if (!all.some((one) => one.number === same)) same = "";
  const counts = showAround(lists, around, manner, { at: now(), same }, choose);
  at("quiet").hidden = counts.near + counts.asked > 0;
  at("quiet").textContent = place && category ? words.nothingAround : words.tellMore;
  const said = [counts.near && fill(words.nearCount, { n: counts.near }), counts.asked && fill(words.askedCount, { n: counts.asked })].filter(Boolean).join(" · ");
  at("known").hidden = !said;
  if (at("known").textContent !== said) at("known").textContent = said; // read aloud only where it changed
  at("joins").hidden = !same;
  at("joins").textContent = fill(words.joins, { number: same });
  map?.neighbours(pointsOf(around, tables.open));
}

function choose(one) {
  same = same === one.number ? "" : one.number;
  drawAround();
}

// --- filing -----------------------------------------------------------------------------------
/** A time of the district's clock as a moment. @param {string} wall 2026-11-28T10:00 */
function momentOf(wall) {
  const [day, time] = wall.split("T");
  const [hour, minute] = time.split(":").map(Number);
  return clock.midnight(Date.parse(`${day}T12:00:00Z`) / 1000) + hour * 3600 + minute * 60;
}

function placeOf() {
  const spoken = value("place");
  if (!place) return { address: spoken };
  const own = place.location.cell && place.card?.cell?.name === spoken;
  return spoken && !own ? { ...place.location, spoken } : place.location;
}

function body() {
  const reporter = Object.fromEntries(["name", "phone", "mail"].map((name) => [name, value(name)]).filter(([, one]) => one));
  const when = value("occurred_at");
  return {
    category,
    channel: document.querySelector("#channels [aria-pressed=true]").dataset.channel,
    description: value("description"),
    location: placeOf(),
    ...(when ? { occurred_at: new Date(momentOf(when) * 1000).toISOString() } : {}),
    ...(Object.keys(reporter).length ? { reporter } : {}),
  };
}

/** What can be said before anything is sent. */
function missing() {
  const errors = [];
  if (!category) errors.push({ field: "category", detail: words.chooseCategory });
  if (!place && !value("place")) errors.push({ field: "location", detail: words.choosePlace });
  if (value("occurred_at") && momentOf(value("occurred_at")) > now() + 60) errors.push({ field: "occurred_at", detail: words.future });
  return errors;
}

/** What was said at a field is put right. @param {string} name */
function heal(name) {
  const box = form.querySelector(`[data-field="${name}"]`);
  box.querySelector("[aria-invalid]")?.removeAttribute("aria-invalid");
  box.querySelector(".error")?.remove();
}

async function file() {
  if (busy) return;
  clearTroubles(form);
  const errors = sent ? [] : missing();
  if (errors.length) return showTroubles(form, { errors: errors.toReversed() }); // the first one has the cursor
  busy = true;
  at("file").disabled = true;
  const told_ = sent ?? body();
  const answer = await put(`/api/v1/incidents/${uuid}/`, told_);
  if (answer.ok) filed(answer.told, await join(answer.told.number));
  busy = false;
  at("file").disabled = false;
  const lost = !answer.status || answer.status >= 500;
  sent = lost ? told_ : null; // the very same goes again, so nothing may change meanwhile
  for (const control of form.elements) if (control.id !== "file") control.disabled = lost;
  if (lost) return showTroubles(form, { detail: words.lost });
  if (!answer.ok) refused(answer.told);
}

function refused(problem) {
  const errors = (problem.errors ?? []).map((one) => ({ ...one, field: fieldOf(one.field) }));
  showTroubles(form, { ...problem, errors });
  if (problem.candidates?.length) form.elements.place.dispatchEvent(new Event("input")); // they are shown to choose from
}

/** location.address -> location, reporter.phone -> phone */
const fieldOf = (path) => (path.startsWith("location") ? "location" : path.replace("reporter.", ""));

/**
 * The caller means a case that is open: both belong together as far as this office may say so.
 * @param {string} number @returns {Promise<any>} what became of it; of a merged one the limit is that of the other
 */
async function join(number) {
  if (!same) return {};
  const sheet = await read(`/api/v1/incidents/${number}/`).catch(() => null);
  const part = sheet?.parts.find((one) => one.moves.some((move) => JOIN.includes(move)));
  const move = JOIN.find((one) => part?.moves.includes(one));
  const answer = move && (await post(`/api/v1/incidents/${number}/moves/`, { move, part: part.id, other: same }));
  const main = [...around.found, ...around.asked.phone, ...around.asked.place].find((one) => one.number === same);
  return { said: fill(answer?.ok ? words[move] : words.apart, { number: same }), ...(answer?.ok && move === "merge" ? { due_at: main?.due_at } : {}) };
}

function filed(answer, joined) {
  showReceipt(at("receipt"), { ...answer, ...joined }, manner);
  at("taking").hidden = true;
  at("receipt").hidden = false;
  at("receipt").querySelector("h1").focus();
  window.scrollTo(0, 0);
}

/** An empty form; the way in stays, because the next call comes the same way. */
function another() {
  form.reset();
  [category, place, around, same, uuid, sent] = ["", null, NOBODY, "", newId(), null];
  asked += 1;
  clearTroubles(form);
  at("receipt").hidden = true;
  at("taking").hidden = false;
  drawPlace();
  drawAround();
  form.elements.phone.focus();
}

// --- start ------------------------------------------------------------------------------------
const begun = () => !at("taking").hidden && [...form.elements].some((one) => one.name && one.value.trim());

function wire() {
  const findAgain = finder(form.elements.place, at("place-list"), findPlace, words.nothing);
  finder(form.elements.category, at("category-list"), findCategory, words.nothing, 0);
  form.elements.category.addEventListener("input", () => {
    category = "";
    lookSoon();
  });
  form.elements.place.addEventListener("input", () => {
    if (place?.text && !value("place").includes(place.text)) {
      place = null;
      drawPlace();
    }
    lookSoon();
  });
  at("look").addEventListener("click", () => form.elements.place.focus() ?? findAgain());
  for (const name of ["phone", "description"]) form.elements[name].addEventListener("input", lookSoon);
  for (const one of document.querySelectorAll("#channels button"))
    one.addEventListener("click", () => {
      for (const other of document.querySelectorAll("#channels button")) other.setAttribute("aria-pressed", String(other === one));
    });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    file();
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  at("another").addEventListener("click", another);
  window.addEventListener("beforeunload", (event) => begun() && event.preventDefault());
  onKeys((key) => key === "n" && at("taking").hidden && (another() ?? true));
}

async function start() {
  const [mine] = await Promise.all([read("/api/v1/offices/mine/"), places.load()]);
  const own = mine.offices.map((one) => places.boxOf(one.code)).find(Boolean);
  document.body.dataset.ready = "";
  map = await intakeMap(at("map"), { bounds: own ?? places.home(), labels: { "NavigationControl.ZoomIn": words.zoomIn, "NavigationControl.ZoomOut": words.zoomOut }, onSpot: (spot) => settle({ point: { type: "Point", coordinates: spot } }, spot, "") });
  drawPlace();
  drawAround();
  document.body.dataset.drawn = "";
}

wire();
drawPlace();
drawAround();
start().catch(() => {
  at("trouble").hidden = false;
});
