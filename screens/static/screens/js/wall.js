/** The wall screen: turns through its views, follows the stream, and mends itself. */
import { Alarm } from "./lib/alarm.js";
import { read } from "./lib/api.js";
import { Board } from "./lib/board.js";
import { library } from "./lib/charts.js";
import { counts } from "./lib/counts.js";
import { told } from "./lib/elements.js";
import { areaLines, figureCharts } from "./lib/figuresview.js";
import { asQuery } from "./lib/filters.js";
import { asFeature, fromMessage, GONE, isCall, lampAt, OPEN, passing } from "./lib/incidents.js";
import { lineOf } from "./lib/incidentviews.js";
import { follow, liveAddress } from "./lib/live.js";
import { liveMap } from "./lib/livemap.js";
import { LiveSign } from "./lib/livesign.js";
import { Places } from "./lib/places.js";
import { clockwork, now } from "./lib/time.js";

const TURN_MS = 15_000;
const LINES = 14;
const RENEW_HOUR = 4; // loads itself again at that hour, when nobody looks
const at = (id) => document.getElementById(id);
const words = told("words");
const language = document.documentElement.lang;
const clock = clockwork(language, document.body.dataset.zone, words);
const board = new Board();
const places = new Places(language);
const alarm = new Alarm(document.body);
const sign = new LiveSign({ link: at("link"), stale: at("stale"), clock: at("clock") }, words, clock);
const showCounts = counts(language, words, clock);
const showCharts = figureCharts({ categories: at("chart-categories"), hours: at("chart-hours") }, words, language);
const manner = { words, clock, statuses: Object.fromEntries(told("statuses")), categoryName: (code) => places.categoryName(code) };
const call = alarm.caller(at("urgent-call"), manner, 60_000);
const fresh = new Set();
const started = Date.now();
let map = null;
let figures = {};
let views = [];
let turn = 0;

/** District and towns in turn; the district with every panel, a town with its newest. */
function makeViews() {
  const panels = ["newest", "overdue", "areas", "charts"];
  const towns = places.towns().map((one) => one.code);
  const many = Math.max(panels.length, towns.length);
  return Array.from({ length: many }, (_, i) => [
    { area: "", panel: panels[i % panels.length] },
    ...(towns.length > 1 ? [{ area: towns[i % towns.length], panel: i % 2 ? "overdue" : "newest" }] : []),
  ]).flat();
}

/** What the panel shows, asked of the server where a screen cannot hold everything. */
function wanted() {
  const { area, panel } = view();
  return panel === "overdue" ? { area, lamp: "red", order: "due" } : { area };
}

const view = () => views[turn % views.length] ?? { area: "", panel: "newest" };

function show() {
  const { area, panel } = view();
  at("place").textContent = area ? places.areas.get(area)?.name : words.district;
  at("title").textContent = words[panel];
  at("lines").hidden = panel === "areas" || panel === "charts";
  at("ranking").hidden = panel !== "areas";
  at("charts").hidden = panel !== "charts";
  at("empty").hidden = true;
  if (panel === "areas") at("areas").replaceChildren(...areaLines((figures.places ?? []).slice(0, LINES), "", () => {}));
  else if (panel === "charts") showCharts(figures);
  else showLines(area, panel);
}

function showLines(area, panel) {
  const time = now();
  const found = board.select(passing({ area, lamp: panel === "overdue" ? "red" : "" }, time));
  if (panel === "overdue") found.sort((a, b) => a.due - b.due);
  const lines = found.slice(0, LINES).map((one) => lineOf(one, time, manner, { fresh: fresh.has(one.number), chosen: false }));
  at("lines").replaceChildren(...lines);
  const floor = at("lines").getBoundingClientRect().bottom;
  for (const line of lines.toReversed()) if (line.getBoundingClientRect().bottom > floor) line.remove();
  at("empty").hidden = lines.length > 0;
  fresh.clear();
}

function showMap() {
  const time = now();
  if (board.whole) map?.show([...board.open.values()].filter((one) => one.lon !== null).map((one) => asFeature(one, time)));
}

let countings = 0;

async function count() {
  const mine = ++countings;
  const query = asQuery({ area: view().area });
  const answer = await read(`/api/v1/board/figures/?${query}`).catch(() => null);
  if (!answer || mine !== countings) return;
  figures = answer;
  showCounts(figures, now());
}

async function next() {
  turn = (turn + 1) % views.length;
  const asked = [count()];
  if (!board.whole) asked.push(board.load(wanted()).catch(soon), map?.tile("").catch(() => {})); // its tiles of this moment
  await Promise.all(asked);
  show();
  const box = view().area ? places.boxOf(view().area) : places.home();
  if (box) map?.fit(box, true);
  map?.outline(view().area, "");
}

// --- live -------------------------------------------------------------------------------------
let waiting = 0;

/** However many reports come, the panel is drawn and the figures are asked for once a second. */
const soon = () => {
  waiting ||= setTimeout(async () => {
    waiting = 0;
    if (!board.whole) await board.load(wanted()).catch(() => setTimeout(soon, 10_000));
    await count();
    show();
  }, 1000);
};

function onIncident(message) {
  if (!board.whole) board.pass();
  const { one, fresh: isNew } = board.whole ? board.apply(message) : { one: fromMessage(message), fresh: message.kind === "REPORTED" };
  if (isNew && fresh.size < LINES) fresh.add(one.number);
  if (isCall(message)) call(one);
  if (board.whole && one.lon !== null) map?.change(one.number, OPEN.includes(one.status) ? asFeature(one, now()) : null);
  if (one.status !== GONE) tell(one, Date.parse(message.at) / 1000);
  soon();
}

/** The line at the foot: what happened last. */
function tell(one, when) {
  const status = manner.statuses[one.status] ?? one.status;
  at("ticker").textContent = [clock.moment(when), status, places.categoryName(one.category), one.cellName ?? words.none, words[lampAt(one, now())]].join(" · ");
}

// --- by itself --------------------------------------------------------------------------------

/** Load again, but only where somebody answers: an error page could not mend itself. */
async function renew() {
  const answer = await fetch(window.location.href, { method: "HEAD" }).catch(() => null);
  if (answer?.ok) window.location.reload();
  else setTimeout(renew, 10_000);
}

function watchDay() {
  const hour = Number(clock.minute(now()).slice(0, 2));
  if (hour === RENEW_HOUR && Date.now() - started > 3_600_000) renew();
}

async function start() {
  await Promise.all([places.load(), library()]);
  views = makeViews();
  const [position] = await Promise.all([board.load(wanted()), count()]);
  show();
  const [newest] = board.select(() => true);
  if (newest) tell(newest, newest.reported);
  const stream = follow(liveAddress(document.body.dataset.liveUrl), position, { onIncident, onState: (state) => sign.turn(state), onReset: renew, onGround: () => map?.renewGround().catch(() => {}) });
  sign.heard = () => board.seen(stream.heard());
  window.gridkeeperPosition = stream.position;
  map = await liveMap(at("map"), { bounds: places.home(), still: true, dark: true, factor: Math.max(0.6, window.innerWidth / 1280), margins: window.innerWidth / 60 });
  map.map.getCanvas().addEventListener("webglcontextlost", () => setTimeout(renew, 5000));
  if (!board.whole) await map.tile("");
  showMap();
  setInterval(() => next().catch(() => {}), TURN_MS);
  setInterval(showMap, 60_000); // lamps turn with time
  setInterval(watchDay, 60_000);
  map.map.once("idle", () => {
    window.gridkeeperReady = true;
  });
}

performance.setResourceTimingBufferSize(0); // nobody reads them, and they are kept for ever
document.body.style.setProperty("--turn", `${TURN_MS}ms`);
start().catch(() => setTimeout(renew, 10_000));
