/** Lists to look at: the counts on the tabs, and the rows behind each. */
import { read } from "./lib/api.js";
import { redrawLines, stepLines } from "./lib/lines.js";
import { told } from "./lib/elements.js";
import { keepFilters, readFilters } from "./lib/filters.js";
import { keyTable, onKeys } from "./lib/keys.js";
import { follow, liveAddress } from "./lib/live.js";
import { LiveSign } from "./lib/livesign.js";
import { mattersPanel } from "./lib/matters.js";
import { notice } from "./lib/notice.js";
import { Places } from "./lib/places.js";
import { tabs } from "./lib/tabs.js";
import { clockwork, now } from "./lib/time.js";
import { showFigures } from "./lib/tray.js";
import { watchLine } from "./lib/watchrows.js";

const PAGE = 100;
const SOON_MS = 500;
const AGAIN_MS = 5000;
const at = (id) => document.getElementById(id);
const [words, tables] = [told("words"), told("tables")];
const language = document.documentElement.lang;
const clock = clockwork(language, document.body.dataset.zone, words);
const places = new Places(language);
const manner = { words, clock, tables, categoryName: (code) => places.categoryName(code) };
const sign = new LiveSign({ link: at("link"), stale: at("stale"), clock: null }, words, clock);
const names = [...document.querySelectorAll("[data-count]")].map((one) => one.dataset.count);
const MATTERS = "matters"; // the tab that is no list of cases
const { say, quiet } = notice(at("told"), words.close);
const matters = mattersPanel(at("matters"), manner, { say, changed: () => load().catch(troubled) });
let shown = ""; // the list that is open
let rows = [];
let asked = 0;

/** Rows up to a number, page by page: `next` of the last. */
async function readRows(name, wanted) {
  const found = { rows: [], next: `/api/v1/supervision/lists/${name}/?limit=${PAGE}` };
  while (found.next && found.rows.length < wanted) {
    const page = await read(found.next);
    found.rows.push(...page.features.map((one) => one.properties));
    found.next = page.next;
  }
  return found;
}

async function load(wanted = Math.max(PAGE, rows.length)) {
  const [mine, name] = [++asked, shown];
  const ofCases = name !== MATTERS;
  const [counts, found, waiting] = await Promise.all([read("/api/v1/supervision/lists/"), ofCases && readRows(name, wanted), matters.load()]);
  if (mine !== asked) return;
  if (ofCases) drawRows(found, counts);
  counts[MATTERS] = waiting;
  showFigures(document.querySelectorAll("[data-count]"), counts, language);
  for (const one of names) at(`tab-${one}`).classList.toggle("zero", !counts[one]);
  at("loading").hidden = at("trouble").hidden = true;
  document.body.dataset.ready = name;
}

function drawRows(found, counts) {
  rows = found.rows;
  if (!found.next) counts[shown] = rows.length; // of the same moment as the list that is seen
  redrawLines(at("list"), rows.map((one) => watchLine(one, manner, now())));
  at("empty").hidden = rows.length > 0;
  at("more").hidden = !found.next;
}

let soon = 0;
const loadSoon = (after = SOON_MS) => {
  soon ||= setTimeout(() => {
    soon = 0;
    load().catch(troubled);
  }, after);
};

function troubled() {
  at("loading").hidden = true;
  at("trouble").hidden = false;
  loadSoon(AGAIN_MS);
}

function open(name) {
  if (name === shown) return;
  shown = name;
  rows = [];
  delete document.body.dataset.ready;
  keepFilters({ list: name });
  quiet();
  at("rows").setAttribute("aria-labelledby", `tab-${name}`);
  at("list").replaceChildren();
  at("empty").hidden = at("more").hidden = true;
  at("loading").hidden = false;
  at("rows").scrollTop = 0;
  load().catch(troubled);
}
const show = tabs(at("tabs"), open);

function onKey(key) {
  if (key === "j" || key === "ArrowDown") return stepLines(at("list"), 1);
  if (key === "k" || key === "ArrowUp") return stepLines(at("list"), -1);
  const by = { "]": 1, "[": names.length - 1 }[key];
  if (by) return show(names[(names.indexOf(shown) + by) % names.length]) ?? true;
  if (key === "?") return at("keys").showModal() ?? true;
  return false;
}

async function start() {
  await places.load().catch(() => {});
  const wanted = readFilters(["list"]).list;
  show(names.includes(wanted) ? wanted : names[0]);
  at(`tab-${shown}`).scrollIntoView({ block: "nearest", inline: "center" });
  const onState = (state) => {
    sign.turn(state);
    if (state === "live") loadSoon();
  };
  sign.heard = follow(liveAddress(document.body.dataset.liveUrl), "", { onIncident: () => loadSoon(), onState }).heard;
}

at("help").addEventListener("click", () => at("keys").showModal());
at("more").addEventListener("click", () => load(rows.length + PAGE).catch(troubled));
document.querySelector("#keys .keys").append(
  keyTable([
    [["J", "K"], words.keyNext],
    [[words.enter], words.keyOpen],
    [["[", "]"], words.keyTabs],
    [["?"], words.keyHelp],
  ]),
);
onKeys(onKey);
setInterval(loadSoon, 30_000, SOON_MS); // lamps turn with time
start();
