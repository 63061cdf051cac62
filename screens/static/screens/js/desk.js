/** The desk: wires tray, case, moves, keys and the live stream together. */
import { read } from "./lib/api.js";
import { calloutLines } from "./lib/callouts.js";
import { callForm, contactsOf, factsOf, fileLines, headOf, openContact, otherCases, partLines, timelineLines } from "./lib/casesheet.js";
import { button, fillPanel, redraw, told } from "./lib/elements.js";
import { asQuery, keepFilters, readFilters } from "./lib/filters.js";
import { handoverNote } from "./lib/handover.js";
import { onKeys, showDeskKeys } from "./lib/keys.js";
import { follow, liveAddress } from "./lib/live.js";
import { LiveSign } from "./lib/livesign.js";
import { moveBar } from "./lib/movebar.js";
import { moveForm, needsNothing, refusalText, showTroubles } from "./lib/moveform.js";
import { notice } from "./lib/notice.js";
import { Places } from "./lib/places.js";
import { post } from "./lib/post.js";
import { spotMap } from "./lib/spotmap.js";
import { superviseDialog } from "./lib/supervise.js";
import { supervisionLines } from "./lib/supervisions.js";
import { clockwork, now } from "./lib/time.js";
import { readTray, showFigures, trayLine } from "./lib/tray.js";
import { watchLink } from "./lib/watchlink.js";

const PAGE = 50;
const SOON_MS = 500;
const at = (id) => document.getElementById(id);
const words = told("words");
const tables = told("tables");
const language = document.documentElement.lang;
const clock = clockwork(language, document.body.dataset.zone, words);
const places = new Places(language);
const manner = { words, clock, tables, categoryName: (code) => places.categoryName(code) };
const sign = new LiveSign({ link: at("link"), stale: at("stale"), clock: null }, words, clock);
const map = spotMap(at("map"), { "NavigationControl.ZoomIn": words.zoomIn, "NavigationControl.ZoomOut": words.zoomOut });
const { say, quiet } = notice(at("told"), words.close);
const supervise = superviseDialog(at("supervise"), { now, trouble: words.failed, done: () => open(sheet.number) });
const countLists = watchLink(at("lists"));
const filters = readFilters(["office", "lamp", "state", "n"]);
const selected = new Set();
let offices = [];
let tray = null; // the page of the in-tray that is shown
let found = null; // what a search found, instead of the tray
let sheet = null; // the case that is open
let newest = 0; // id of the last line of its timeline
let keys = new Map();
let drafted = ""; // what was written for a move that came too late

const fill = (text, values) => Object.entries(values).reduce((said, [name, value]) => said.replace(`{${name}}`, String(value)), text);
const caseUrl = (number) => `/api/v1/incidents/${number}/`;

// --- the tray ---------------------------------------------------------------------------------
const rows = () => found?.rows ?? tray?.rows ?? [];
const waiting = () => rows().filter((one) => one.state === "WAITING" && one.role !== "COPY");
let asked = 0;

async function loadTray() {
  const mine = ++asked;
  const { office, lamp, state } = filters;
  const wanted = Math.max(PAGE, tray?.rows.length ?? 0);
  const answer = await readTray(read, asQuery({ office, lamp, state }), wanted);
  if (mine !== asked) return;
  tray = answer;
  at("trouble").hidden = true;
  drawTray();
}

let soon = 0;
const loadSoon = () => {
  soon ||= setTimeout(() => {
    soon = 0;
    loadTray().catch(troubled);
  }, SOON_MS);
};

function troubled() {
  at("loading").hidden = true;
  at("trouble").hidden = false;
  setTimeout(loadSoon, 5000);
}

function drawTray() {
  const list = rows();
  const kept = document.activeElement?.closest?.("#list li");
  const [index, wasBox] = [[...at("list").children].indexOf(kept), document.activeElement?.matches(".pick")];
  const several = offices.length > 1 && !filters.office;
  const time = now();
  at("list").replaceChildren(...list.map((one) => trayLine(one, manner, { at: time, chosen: one.number === sheet?.number, selected: selected.has(one.number), offices: several })));
  if (kept) {
    const line = at("list").querySelector(`li[data-number="${kept.dataset.number}"]`) ?? at("list").children[Math.min(index, list.length - 1)];
    (line?.querySelector(wasBox ? ".pick" : ".line") ?? line?.querySelector(".line"))?.focus({ preventScroll: true });
  }
  showFigures(document.querySelectorAll("[data-count]"), tray?.figures ?? {}, language);
  drawControls(list);
}

function drawControls(list) {
  for (const one of document.querySelectorAll("[data-lamp]")) one.setAttribute("aria-pressed", String(!found && !filters.state && one.dataset.lamp === filters.lamp));
  for (const one of document.querySelectorAll("[data-state]")) one.setAttribute("aria-pressed", String(!found && one.dataset.state === filters.state));
  at("loading").hidden = true;
  at("found").hidden = !found;
  if (found) at("found").firstElementChild.textContent = fill(words.found, { n: list.length, q: found.q });
  at("more").hidden = Boolean(found) || !tray?.next;
  at("empty").hidden = list.length > 0;
  at("empty").textContent = found ? words.notFound : offices.length ? (filters.lamp || filters.state ? words.nothing : words.allDone) : words.noOffice;
  const here = waiting().map((one) => one.number);
  for (const number of selected) if (!here.includes(number)) selected.delete(number);
  at("many").hidden = Boolean(found) || !here.length;
  at("all").checked = here.length > 0 && here.every((number) => selected.has(number));
  at("selected").textContent = String(selected.size);
  at("accept-many").disabled = !selected.size;
}

function filter(changes) {
  Object.assign(filters, changes);
  keepFilters(filters);
  found = null;
  tray = tray && { ...tray, rows: [], next: null };
  selected.clear();
  at("loading").hidden = false;
  loadTray().catch(troubled);
}

function pick(number, on) {
  if (on) selected.add(number);
  else selected.delete(number);
  drawTray();
}

async function acceptMany() {
  if (!selected.size) return;
  at("accept-many").disabled = true;
  const answer = await post("/api/v1/incidents/accept/", { numbers: [...selected].slice(0, 200) });
  if (!answer.ok) return say(answer.told.detail ?? words.failed, "error");
  const { accepted } = answer.told;
  const why = Object.entries(answer.told.refused).map(([number, text]) => `${number} ${text}`);
  const parts = [fill(words.accepted, { n: accepted.length }), why.length ? fill(words.refused, { n: why.length, why: why.join(" ") }) : ""];
  say(parts.filter(Boolean).join(" "), why.length ? "error" : "good");
  selected.clear();
  await Promise.all([loadTray(), sheet && accepted.includes(sheet.number) ? open(sheet.number) : null]).catch(troubled);
}

async function search(words_) {
  const answer = await post("/api/v1/incidents/search/", { q: words_, limit: 100 });
  if (!answer.ok) return say(answer.told.detail ?? words.failed, "error");
  found = { q: words_, rows: answer.told.found };
  drawTray();
  at("list").querySelector(".line")?.focus();
}

// --- one case ---------------------------------------------------------------------------------
let opening = 0;
const writing = () => at("form").querySelector("form.move");

/**
 * Show a case. @param {string} number @param {boolean} [own] after a move of one's own @param {boolean} [heard] from the stream
 * @returns {Promise<boolean>} false where it is not to be seen; a form in which somebody writes stays
 */
async function open(number, own = false, heard = false) {
  if (own) closeForm(); // before an echo of the stream can take it for one that is being filled in
  const mine = ++opening;
  const other = number !== sheet?.number;
  if (other) {
    drafted = "";
    quiet();
    at("blank").hidden = at("sheet").hidden = true;
    at("opening").hidden = false;
    at("reporter").lastElementChild.replaceChildren();
  }
  const answers = await Promise.all([read(caseUrl(number)), read(`${caseUrl(number)}timeline/`)]).catch((error) => ({ error }));
  if (mine !== opening) return false;
  at("opening").hidden = true;
  if (answers.error) {
    say(String(answers.error.message).startsWith("404") ? words.gone : words.failed, "error");
    at("blank").hidden = false;
    sheet = null;
    return false;
  }
  const last = answers[1].at(-1)?.id;
  if (!other && !own && (writing() || (heard && last === newest))) return last === newest || changed(); // an echo closes no menu
  [newest, sheet, filters.n] = [last, answers[0], number];
  keepFilters(filters);
  if (other) closeForm();
  drawSheet(answers[1]);
  if (other) Object.assign(at("sheet").parentElement, { scrollTop: 0 }).scrollIntoView({ block: "nearest" }); // on a phone it lies below
  for (const line of at("list").children) line.setAttribute("aria-current", String(line.dataset.number === number));
  return true;
}

/** Somebody else moved the case while a form is open: it is told, and nothing is taken away. */
function changed() {
  say(words.changed, "", button(words.reload, words.reload, () => open(sheet.number, true), "small"));
  return true;
}

function drawSheet(events) {
  const [time, same] = [now(), at("sheet").dataset.number === sheet.number];
  Object.assign(at("sheet"), { hidden: false }).dataset.number = sheet.number;
  at("head").replaceChildren(...headOf(sheet, manner, time));
  const made = moveBar(sheet, manner, choose);
  keys = made.keys;
  redraw(at("moves"), made.bars, same);
  at("facts").replaceChildren(factsOf(sheet, manner, open));
  at("parts").replaceChildren(...partLines(sheet, manner, time));
  at("timeline").replaceChildren(...timelineLines(events, manner));
  at("files").replaceChildren(...fileLines(sheet.attachments, manner));
  fillPanel(at("supervisions"), supervisionLines(sheet, manner, time, { record, supervise }), same);
  fillPanel(at("callouts"), calloutLines(sheet, manner, record), same);
  fillPanel(at("others"), otherCases(sheet, manner, open));
  at("reporter").hidden = !sheet.contacts.length;
  const opened = same ? at("reporter").querySelectorAll(".open-contact") : []; // an echo does not close it
  at("reporter").lastElementChild.replaceChildren(...opened, ...contactsOf(sheet, manner, reveal));
  if (!writing()) redraw(at("form"), sheet.call?.may_record ? [callForm(sheet, manner, (values) => record(`${caseUrl(sheet.number)}call/`, values))] : [], same);
  at("spot").hidden = !sheet.geometry;
  if (sheet.geometry) map.show(sheet).catch(() => at("spot").setAttribute("hidden", ""));
}

async function reveal(reason) {
  const answer = await post(`${caseUrl(sheet.number)}contact/`, { reason });
  if (!answer.ok) return say(answer.told.detail ?? words.failed, "error");
  at("reporter").lastElementChild.prepend(openContact(answer.told));
  at("timeline").replaceChildren(...timelineLines(await read(`${caseUrl(sheet.number)}timeline/`), manner));
}

async function record(path, values) {
  const answer = await post(path, values);
  if (!answer.ok) return say(answer.told.detail ?? words.failed, "error");
  if (!writing()) at("form").replaceChildren(); // what was written is sent
  await Promise.all([open(sheet.number), loadTray(), countLists()]).catch(troubled);
}

async function addFile(file, name = "file") {
  const body = new FormData();
  body.append("file", file);
  const answer = await post(`${caseUrl(sheet.number)}attachments/`, body);
  const here = answer.status === 409 && name === "photo"; // the same photo again is no obstacle
  return answer.ok || here ? null : answer;
}

// --- moves ------------------------------------------------------------------------------------
function closeForm() {
  const left = writing();
  at("form").replaceChildren();
  if (left) (at("list").querySelector('[aria-current="true"] .line') ?? at("sheet")).focus({ preventScroll: true });
}

function choose(move, row, part) {
  if (needsNothing(move, row)) return send(move, part, {}, null);
  const given = {
    ...manner,
    fillCategories: (select) => places.fill(select, words.inGeneral),
    tomorrow: clock.isoDate(now() + 86_400),
    note: drafted,
    proposed: sheet.proposed,
    likely: [...sheet.similar, ...sheet.related],
    needsPhoto: sheet.needs.photo && move.name === "resolve",
    asked: sheet.extensions.find((one) => one.part === part.id && one.state === "ASKED")?.wanted,
    offices: () => read(`${caseUrl(sheet.number)}receivers/?part=${part.id}&move=${move.name}`).then((answer) => answer.offices).catch(() => []),
  };
  const form = moveForm(move, row, given, { send: (values, file) => send(move, part, values, file), cancel: closeForm });
  at("form").replaceChildren(form);
  form.querySelector("select, textarea, input")?.focus();
  form.scrollIntoView({ block: "nearest" });
}

async function send(move, part, values, file) {
  const [{ number }, form] = [sheet, writing()];
  const go = form?.querySelector("button.primary");
  if (go?.disabled) return;
  if (go) go.disabled = true;
  const trouble = file && (await addFile(file, "photo"));
  const answer = trouble || (await post(`${caseUrl(number)}moves/`, { move: move.name, part: part.id, ...values }));
  if (go) go.disabled = false;
  if (!answer.ok) return refused(answer, form, values);
  drafted = "";
  await Promise.all([open(number, true), loadTray()]).catch(troubled);
  say(fill(words.done, { move: move.label, office: answer.told.office.name }), "good");
}

/** A refusal: at its field, or, where somebody was faster, with who it was and the new state. */
async function refused({ status, told: problem }, form, values) {
  if (status === 409 || status === 403) {
    drafted = values.note ?? values.answer ?? "";
    if (!problem.allowed && form) return showTroubles(form, problem);
    await Promise.all([open(sheet.number, true), loadTray()]).catch(troubled);
    return say(refusalText(status, problem, manner), "error");
  }
  if (form && status) return showTroubles(form, problem);
  say(problem.detail ?? words.failed, "error");
}

// --- keys -------------------------------------------------------------------------------------
function step(by) {
  const lines = [...at("list").children];
  const here = document.activeElement?.closest?.("#list li") ?? at("list").querySelector('[aria-current="true"]');
  const index = here ? lines.indexOf(here) + by : 0;
  lines[Math.max(0, Math.min(index, lines.length - 1))]?.querySelector(".line").focus();
  return true;
}

/** A move by its key, on the line that has the focus or on the open case. */
async function moveByKey(key) {
  const number = document.activeElement?.closest?.("#list li")?.dataset.number ?? sheet?.number;
  if (!number) return;
  if (number !== sheet?.number && !(await open(number))) return;
  keys.get(key)?.();
}

function onKey(key) {
  const number = document.activeElement?.closest?.("#list li")?.dataset.number;
  if (key === "j" || key === "ArrowDown") return step(1);
  if (key === "k" || key === "ArrowUp") return step(-1);
  if (key === "/") return at("q").focus() ?? true;
  if (key === "?") return at("keys").showModal() ?? true;
  if (key === "N") return at("take")?.click() ?? true;
  if (key === "A") return acceptMany() && true;
  if (key === " " && number && document.activeElement.className === "line" && waiting().some((one) => one.number === number)) return pick(number, !selected.has(number)) ?? true;
  if (key === "Escape") {
    if (writing()) return closeForm() ?? true;
    document.activeElement?.blur();
    return false;
  }
  if (!/^[a-z]$/.test(key)) return false;
  moveByKey(key);
  return true;
}

// --- handover ---------------------------------------------------------------------------------
async function handover() {
  const whole = await readTray(read, asQuery({ office: filters.office }), 2000);
  const told_ = { office: at("office").selectedOptions[0]?.textContent ?? "", text: at("note-text").value, who: document.querySelector(".who").textContent };
  at("paper").replaceChildren(...handoverNote(whole, told_, manner, now()));
  window.print();
}

// --- controls, live, start --------------------------------------------------------------------
function wire() {
  for (const one of document.querySelectorAll("[data-lamp]")) one.addEventListener("click", () => filter({ lamp: one.dataset.lamp, state: "" }));
  for (const one of document.querySelectorAll("[data-state]")) one.addEventListener("click", () => filter({ lamp: "", state: filters.state === one.dataset.state ? "" : one.dataset.state }));
  at("office").addEventListener("change", () => filter({ office: at("office").value }));
  at("list").addEventListener("click", (event) => {
    const line = event.target.closest("li");
    if (line && event.target.closest(".line")) open(line.dataset.number);
    if (event.target.matches(".pick")) pick(line.dataset.number, event.target.checked);
  });
  at("all").addEventListener("change", () => {
    for (const one of waiting()) at("all").checked ? selected.add(one.number) : selected.delete(one.number);
    drawTray();
  });
  at("accept-many").addEventListener("click", acceptMany);
  at("more").addEventListener("click", async () => {
    tray = await readTray(read, asQuery({ office: filters.office, lamp: filters.lamp, state: filters.state }), tray.rows.length + PAGE);
    drawTray();
  });
  at("search").addEventListener("submit", (event) => {
    event.preventDefault();
    search(at("q").value.trim());
  });
  at("back").addEventListener("click", () => filter({}));
  at("file").addEventListener("change", async () => {
    const refusal = await addFile(at("file").files[0]);
    at("file").value = "";
    if (refusal) say(refusal.told.detail ?? words.failed, "error");
    else open(sheet.number);
  });
  at("handover").addEventListener("click", () => at("note").showModal());
  at("note").addEventListener("close", () => at("note").returnValue === "print" && handover().catch(() => say(words.failed, "error")));
  at("help").addEventListener("click", () => at("keys").showModal());
  onKeys(onKey);
}

function onIncident(message) {
  loadSoon();
  if (message.number === sheet?.number) open(sheet.number, false, true);
}

async function start() {
  const [mine] = await Promise.all([read("/api/v1/offices/mine/"), places.load().catch(() => {})]);
  offices = [...new Map(mine.offices.filter((one) => tables.desks.includes(one.role)).map((one) => [one.code, one])).values()];
  const options = offices.length > 1 ? [{ code: "", name: words.allOffices }, ...offices] : offices;
  for (const one of options) at("office").append(new Option(one.name, offices.length > 1 ? one.code : ""));
  if (!offices.some((one) => one.code === filters.office)) filters.office = "";
  at("office").value = filters.office;
  at("office").disabled = offices.length < 2;
  await loadTray();
  const onState = (state) => {
    sign.turn(state);
    if (state === "live") loadSoon();
  };
  const stream = follow(liveAddress(document.body.dataset.liveUrl), "", { onIncident, onState });
  sign.heard = stream.heard;
  if (filters.n) await open(filters.n);
  document.body.dataset.ready = "";
}

wire();
showDeskKeys(words, tables.moves);
setInterval(loadSoon, 30_000); // lamps turn with time
start().catch(() => {
  troubled();
  setTimeout(() => window.location.reload(), 10_000);
});
