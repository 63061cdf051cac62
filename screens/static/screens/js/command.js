/** The command page: wires the picture, the map, the list and the live stream together. */
import { Alarm } from "./lib/alarm.js";
import { againSoon } from "./lib/again.js";
import { read } from "./lib/api.js";
import { Board } from "./lib/board.js";
import { comparisonDialog } from "./lib/comparison.js";
import { counts } from "./lib/counts.js";
import { button, element, told } from "./lib/elements.js";
import { areaLines, figureCharts } from "./lib/figuresview.js";
import { asQuery, keepFilters, readFilters, sinceOf } from "./lib/filters.js";
import { finder, lookUp } from "./lib/finder.js";
import { asFeature, fromDetail, fromMessage, GONE, inside, isCall, lampAt, OPEN, passing } from "./lib/incidents.js";
import { fillCard, fillCellCard, lineOf } from "./lib/incidentviews.js";
import { follow, liveAddress } from "./lib/live.js";
import { boxOf, liveMap } from "./lib/livemap.js";
import { LiveSign } from "./lib/livesign.js";
import { ruler } from "./lib/measure.js";
import { overlays } from "./lib/overlays.js";
import { paper } from "./lib/paper.js";
import { Places } from "./lib/places.js";
import { pastCounts, replayPanel } from "./lib/player.js";
import { superviseDialog } from "./lib/supervise.js";
import { tabs } from "./lib/tabs.js";
import { clockwork, now } from "./lib/time.js";

const NAMES = ["status", "lamp", "category", "area", "cell", "department", "span", "follow", "tab", "overlay", "n"];
const CHOICES = ["status", "category", "span", "department"];
const SHOWN = 300;
const COUNT_EVERY_MS = 1000;
const at = (id) => document.getElementById(id);
const words = told("words");
const language = document.documentElement.lang;
const clock = clockwork(language, document.body.dataset.zone, words);
const board = new Board();
const alarm = new Alarm(document.body);
/** @type {Record<string, string>} */
const filters = readFilters(NAMES);
const places = new Places(language);
const sign = new LiveSign({ link: at("link"), stale: at("stale"), clock: at("clock"), ages: document.querySelectorAll(".pictured") }, words, clock);
const fresh = new Set();
const supervise = superviseDialog(at("supervise"), { now, trouble: words.trouble });
const manner = {
  words,
  clock,
  ...told("names"),
  categoryName: (code) => places.categoryName(code),
};
const call = alarm.caller(at("urgent-call"), manner, 30_000, (one) => choose(one.number)); // what cannot wait
let map = null;
let stream = null;
let replayed = null; // the moment of a past day that is shown
let measuring = null;
const showCounts = counts(language, words, clock);
const showCharts = figureCharts({ categories: at("chart-categories"), hours: at("chart-hours") }, words, language);

// --- what is wanted ---------------------------------------------------------------------------
const moment = () => replayed?.at ?? now();

function wanted() {
  const time = moment();
  const since = sinceOf(filters.span, time, clock.midnight(time));
  const { status, lamp, category, area, cell, department } = filters;
  return { status, lamp, category, area, cell, department, since };
}

function set(changes) {
  Object.assign(filters, changes);
  keepFilters(filters);
  showControls();
  if (filters.overlay) showOverlay().catch(() => {});
  if (replayed) replay.again();
  else if (board.whole) plan(true);
  else loadRows().catch(refreshSoon);
  countNow();
}

function showControls() {
  for (const id of CHOICES) {
    at(id).value = filters[id];
    at(id).classList.toggle("set", Boolean(filters[id]));
  }
  for (const one of document.querySelectorAll("[data-lamp]")) one.setAttribute("aria-pressed", String(one.dataset.lamp === filters.lamp));
  at("follow").checked = filters.follow === "1";
  at("reset").hidden = ![...CHOICES, "lamp", "area", "cell"].some((name) => filters[name]);
  const cell = filters.cell && cellName(filters.cell);
  places.path(at("path"), filters.area, cell, words.district, (code) => drill(code));
}

const cellNames = new Map();
const cellName = (code) => [...board.open.values()].find((one) => one.cell === code)?.cellName ?? cellNames.get(code) ?? code;

/** Go to an area: its incidents, its figures, its place on the map. */
function drill(area, cell = "") {
  set({ area, cell });
  map?.outline(area, cell);
  const box = places.boxOf(area);
  if (cell) fitCell(cell);
  else if (box) map?.fit(box);
  else if (!area) map?.fit(places.home());
}

async function fitCell(code) {
  const found = await read(`/api/v1/layers/cells/?ids=${code}`);
  if (!found.features.length) return;
  cellNames.set(code, found.features[0].properties.name);
  showControls();
  map?.fit(boxOf(found.features[0].geometry));
}

// --- drawing ----------------------------------------------------------------------------------
let planned = false;
let redraw = true;

/** Many messages become one drawing per animation frame. */
function plan(everything = false) {
  redraw ||= everything;
  if (planned) return;
  planned = true;
  requestAnimationFrame(() => {
    planned = false;
    draw();
  });
}

function chosenOnes() {
  const time = moment();
  const pass = passing(wanted(), time);
  if (replayed) return replayed.open.filter(pass).sort((a, b) => b.reported - a.reported);
  return board.select(pass);
}

/** With "only what the map shows", the list follows the map. */
const listedOnes = (found = chosenOnes()) => (filters.follow === "1" && map ? found.filter(inside(map.box())) : found);

function draw() {
  const time = moment();
  const found = chosenOnes();
  if (redraw && map && (board.whole || replayed)) map.show(found.filter((one) => one.lon !== null).map((one) => asFeature(one, time)));
  redraw = false;
  const listed = listedOnes(found);
  const lines = listed.slice(0, SHOWN).map((one) => lineOf(one, time, manner, { fresh: fresh.has(one.number), chosen: one.number === filters.n }));
  at("list").replaceChildren(...lines);
  const counted = replayed ? replayed.whole : board.complete;
  at("shown").textContent = counted ? String(listed.length) : "";
  at("empty").hidden = listed.length > 0;
  at("loading").hidden = true;
  at("more").hidden = counted && listed.length <= SHOWN;
  at("more").textContent = words.newest.replace("{n}", String(lines.length)).replace("{all}", counted ? String(listed.length) : at("count-open").textContent);
  fresh.clear();
}

// --- figures ----------------------------------------------------------------------------------
let counting = 0;
let countings = 0;
let figures = null;
const countSoon = () => (counting ||= setTimeout(countNow, COUNT_EVERY_MS));

/** Figures come from the server, so that they are the same on every screen. */
async function countNow() {
  clearTimeout(counting);
  counting = 0;
  if (replayed) return;
  const mine = ++countings;
  const answer = await read(`/api/v1/board/figures/?${asQuery({ ...wanted(), lamp: "" })}`).catch(() => null);
  if (!answer || mine !== countings || replayed) return;
  figures = answer;
  showCounts(answer, now());
  showFigures();
}

/** What can be told of a past moment; nothing where only a part of its day is known. */
function countPast(time) {
  const found = replayed.open.filter(passing({ ...wanted(), lamp: "" }, time));
  showCounts(replayed.whole ? pastCounts(found, time, clock.midnight(time - 1)) : {}, time, true);
}

function showFigures() {
  if (!figures) return;
  const go = (code) => (filters.area.length === 12 ? drill(filters.area, code) : drill(code));
  if (filters.tab === "areas") at("areas").replaceChildren(...areaLines(figures.places ?? [], filters.cell, go));
  if (filters.tab === "charts") showCharts(figures);
}

// --- one incident, one cell -------------------------------------------------------------------
function choose(number, fly = true) {
  filters.n = number;
  keepFilters(filters);
  const one = number && (board.open.get(number) ?? replayed?.open.find((other) => other.number === number));
  map?.choose(number, fly && one?.lon ? [one.lon, one.lat] : null);
  for (const line of at("list").querySelectorAll("button")) line.setAttribute("aria-current", String(line.dataset.number === number));
  if (!number) return shutCard();
  if (one) openCard(one);
  else showFar(number);
}

/** An incident that is not among those shown: closed, or one of very many. */
async function showFar(number) {
  const detail = await read(`/api/v1/incidents/${number}/`).catch(() => null);
  if (!detail) return shutCard();
  const one = fromDetail(detail);
  openCard(one);
}

function openCard(one) {
  const may = "supervises" in document.body.dataset && OPEN.includes(one.status);
  const acts = may ? [button(words.supervise, words.supervise, () => supervise(one.number))] : [];
  fillCard(at("card"), one, manner, { shut: shutCard, acts });
}

function shutCard() {
  at("card").hidden = true;
  at("card").dataset.number = "";
  if (filters.n) choose("");
}

function showCell(cell, spot) {
  if (measuring?.on()) return;
  choose("");
  const only = button(words.only, words.only, () => drill(cell.community_code, cell.code), "primary");
  fillCellCard(at("card"), cell, spot, manner, { shut: shutCard, acts: [only] });
}

// --- live -------------------------------------------------------------------------------------
function onIncident(message) {
  if (isCall(message)) call(fromMessage(message));
  if (!board.whole) {
    board.pass();
    countSoon();
    return refreshSoon();
  }
  const { one, fresh: isNew } = board.apply(message);
  if (isNew) fresh.add(one.number);
  const seen = OPEN.includes(one.status) && passing(wanted(), now())(one);
  if (map && !replayed && one.lon !== null) map.change(one.number, seen ? asFeature(one, now()) : null);
  if (one.number === filters.n && !at("card").hidden) one.status === GONE ? shutCard() : openCard(one);
  plan();
  countSoon();
}

/** A plan is in force: its cells, and what is counted in them. */
function onGround() {
  map?.renewGround().catch(() => {});
  if (filters.overlay) showOverlay().catch(() => {});
}

function onState(state) {
  at("trouble").hidden ||= state === "live";
  sign.turn(state);
}

// --- loading ----------------------------------------------------------------------------------
const refreshSoon = againSoon(() => loadRows());

async function loadRows() {
  const box = filters.follow === "1" && map ? map.box() : null;
  const position = await board.load(wanted(), box);
  if (!board.whole) await map?.tile(tileQuery());
  plan(true);
  return position;
}

/** The filters the tiles know; the time only to the day, so that they can be kept for a while. */
function tileQuery() {
  const { since, ...rest } = wanted();
  return asQuery({ ...rest, since: since && clock.midnight(since) });
}

async function startMap() {
  const view = readFilters(["view"]).view.split(",").map(Number);
  const labels = { "NavigationControl.ZoomIn": words.zoomIn, "NavigationControl.ZoomOut": words.zoomOut };
  const known = view.length === 3 && view.every(Number.isFinite) ? view : null;
  map = await liveMap(at("map"), { view: known, bounds: places.home(), factor: Math.max(1, window.innerWidth / 1920), labels, margins: { top: 64, bottom: 56, left: 24, right: 24 }, onChoose: (number) => measuring?.on() || choose(number, false), onGround: showCell });
  measuring = ruler(map.map, (text) => {
    at("measured").hidden = !measuring?.on();
    at("measured").textContent = text || words.measureHint;
  });
  map.map.on("moveend", () => {
    const { lng, lat } = map.map.getCenter();
    keepFilters({ view: [lng.toFixed(5), lat.toFixed(5), map.map.getZoom().toFixed(2)].join(",") });
    if (filters.follow !== "1") return;
    if (board.whole) plan();
    else refreshSoon();
  });
  map.outline(filters.area, filters.cell);
  if (!known && filters.cell) fitCell(filters.cell);
  else if (!known && filters.area) map.fit(places.boxOf(filters.area) ?? places.home(), true);
  if (!board.whole) await map.tile(tileQuery());
  await showOverlay().catch(() => {});
  plan(true);
  if (filters.n) choose(filters.n, false);
  map.map.once("idle", () => {
    window.gridkeeperReady = true;
  });
}

const showOverlay = overlays([...document.querySelectorAll("[data-overlay]")], at("overlay-legend"), {
  map: () => map,
  chosen: () => filters.overlay,
  choose: (overlay) => keepFilters(Object.assign(filters, { overlay })),
  query: (known) => asQuery(Object.fromEntries(Object.entries(wanted()).filter(([name]) => known.includes(name)))),
});

// --- replay, paper ----------------------------------------------------------------------------
const replay = replayPanel(at("player"), {
  clock,
  now,
  words,
  load: (date) => read(`/api/v1/board/day/?${asQuery({ ...wanted(), status: "", lamp: "", since: "", date })}`),
  onMoment(time, open, whole) {
    replayed = { at: time, open, whole };
    countPast(time);
    plan(true);
    sign.replay(time);
  },
  onLeave() {
    replayed = null;
    at("replay").setAttribute("aria-pressed", "false");
    if (board.whole) plan(true);
    else loadRows().catch(refreshSoon);
    countNow();
    sign.replay(null);
  },
});

function startReplay() {
  at("replay").setAttribute("aria-pressed", "true");
  return at("player").hidden ? replay.enter() : replay.leave();
}

/** What is left out, as the page says it. */
function filterWords() {
  const path = [...at("path").children].map((one) => one.textContent).join(" › ");
  const chosen = CHOICES.map((id) => filters[id] && at(id).selectedOptions[0]?.textContent);
  return [path, ...chosen, words[filters.lamp], filters.follow && at("follow").parentElement.textContent].filter(Boolean);
}

paper(at("paper"), { map: () => map, incidents: listedOnes, dated: () => sign.dated(), filters: filterWords, legends: [at("legend"), at("overlay-legend")] }, manner);

// --- controls ---------------------------------------------------------------------------------
const showTab = tabs(at("tabs"), (name) => {
  keepFilters(Object.assign(filters, { tab: name === "list" ? "" : name }));
  showFigures();
});

function wire() {
  for (const id of CHOICES) at(id).addEventListener("change", () => set({ [id]: at(id).value }));
  for (const one of document.querySelectorAll("[data-lamp]")) one.addEventListener("click", () => set({ lamp: one.dataset.lamp }));
  at("follow").addEventListener("change", () => set({ follow: at("follow").checked ? "1" : "" }));
  at("reset").addEventListener("click", () => {
    Object.assign(filters, { lamp: "" }, Object.fromEntries(CHOICES.map((name) => [name, ""])));
    drill("");
  });
  at("list").addEventListener("click", (event) => {
    const line = event.target.closest("button");
    if (line) choose(line.dataset.number);
  });
  at("measure").addEventListener("click", () => {
    measuring?.switch(!measuring.on());
    at("measure").setAttribute("aria-pressed", String(measuring?.on()));
  });
  at("sound").setAttribute("aria-pressed", String(alarm.on));
  at("sound").addEventListener("click", () => at("sound").setAttribute("aria-pressed", String(alarm.toggle())));
  at("replay").addEventListener("click", startReplay);
  const plain = ({ category, area, department }) => Object.fromEntries(Object.entries({ category, area, department }).filter(([, value]) => value));
  at("compare").addEventListener("click", comparisonDialog(at("comparison"), { words, clock, now, filters: () => plain(filters) }));
  at("print").addEventListener("click", () => window.print());
  const fly = (spot) => spot && map?.map.easeTo({ center: spot, zoom: 14.5 });
  const go = { incident: (one) => [fly(one.point), choose(one.number, false)], cell: fitCell, place: fly };
  finder(at("find"), at("found"), (text) => lookUp(text, words, go), words.nothing);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !at("card").hidden) shutCard();
  });
}

async function start() {
  await places.load();
  places.fill(at("category"), words.all);
  places.fillDepartments(at("department"));
  showControls();
  showTab(filters.tab || "list");
  const [position] = await Promise.all([loadRows(), countNow()]);
  stream = follow(liveAddress(document.body.dataset.liveUrl), position, { onIncident, onState, onGround });
  sign.heard = () => board.seen(stream.heard());
  window.gridkeeperInteractive = performance.now();
  await startMap().catch(() => {
    at("no-map").hidden = false; // the list and the figures go on without it
  });
}

function recover() {
  at("loading").hidden = true;
  at("trouble").hidden = false;
  setTimeout(() => window.location.reload(), 10_000);
}

wire();
setInterval(() => plan(true), 30_000); // lamps turn with time
setInterval(countNow, 30_000);
start().catch(recover);
