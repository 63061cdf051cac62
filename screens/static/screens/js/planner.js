/** The planner's page: wires plans, map, tools and panels together. */
import { comparison } from "./lib/compare.js";
import { fill, make } from "./lib/dom.js";
import { makePen } from "./lib/pen.js";
import { mark, planMap } from "./lib/plan-map.js";
import { offers } from "./lib/plan-offers.js";
import { cellLine, chosenCard, findingLine, impactSheet, impactTable, planLine, reviewLine, stepsForm, taskField, when } from "./lib/plan-panels.js";
import { PlanSession, tinted } from "./lib/plan-session.js";
import { EDITABLE, STATES, TOOLS, fits } from "./lib/plan-tools.js";
import { plans } from "./lib/plans.js";
import { tabList } from "./lib/tab-list.js";
import { toolbar } from "./lib/toolbar.js";
import { versionSlider } from "./lib/versions.js";
import { vertexEditor } from "./lib/vertices.js";

const SHOWN = 150;
const SNAP = 12;
const at = (id) => document.getElementById(id);
const words = JSON.parse(at("words").textContent);
const { district } = document.body.dataset;
const session = new PlanSession();
let view = null;
let pen = null;
let vertices = null;
let seam = null;
let inForce = [];
let picked = [];
let tool = "select";
let offered = null;
let findings = [];

const features = () => [...session.cells.values()];
const chosen = () => picked.map((code) => session.cells.get(code)).filter(Boolean);

// --- what went wrong, what went well ----------------------------------------------------------
let fading = 0;
function tell(text, good = false, place = null) {
  clearTimeout(fading);
  const look = place && make("button", { type: "button", class: "plain", on: { click: () => view.lookAt([place.lon, place.lat]) } }, words.show);
  at("notice").replaceChildren(text, look || "", make("button", { type: "button", class: "plain", on: { click: quiet } }, words.close));
  at("notice").className = `notice ${good ? "good" : ""}`;
  at("notice").hidden = false;
  if (good) fading = setTimeout(quiet, 3000);
  view?.troubles(place ? [...marks(), mark(place, "BLOCKING")] : marks());
}
function quiet() {
  at("notice").hidden = true;
  view?.troubles(marks());
}

/** Run one request of the planner; a refusal is told with its place, a stale plan loaded again. */
async function attempt(work) {
  document.body.classList.add("busy");
  try {
    return await work();
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    const stale = error.status === 409 && error.told.sequence !== undefined;
    tell(stale ? words.stale : error.status ? error.message : words.failed, false, error.told?.place);
    if (stale) await reload();
    if (!error.status) console.warn(error);
    return undefined;
  } finally {
    document.body.classList.remove("busy");
  }
}

// --- the shelf: plans and versions ------------------------------------------------------------
async function showShelf() {
  const told = await attempt(() => plans.list(at("status").value));
  if (!told) return;
  at("plans").replaceChildren(...told.plans.map((plan) => planLine(plan, words, (one) => openPlan(one.id))));
  at("no-plans").hidden = told.plans.length > 0;
}

async function showVersions() {
  const told = await attempt(() => plans.versions(district));
  if (told) slider.show(told.versions);
}

async function lookBack(version) {
  const found = version ? (await attempt(() => plans.cellsAt(version.effective_at, district)))?.features : inForce;
  if (found && !session.open) await showGround(tinted(found));
}

async function showGround(found) {
  session.take(found);
  await view.show(found);
}

// --- one plan ---------------------------------------------------------------------------------
async function openPlan(id) {
  await attempt(async () => {
    await session.load(id);
    history.replaceState(null, "", `#${id}`);
    at("shelf").hidden = true;
    at("desk").hidden = false;
    picked = [];
    choose("select");
    openTab("tab-cells");
    const shown = showPlan();
    at("plan-name").focus(); // and later on nobody is taken away from where they have gone meanwhile
    await shown;
  });
}

async function closePlan() {
  session.close();
  history.replaceState(null, "", location.pathname);
  choose("select");
  pick([]);
  seam.show("", []);
  findings = [];
  view.troubles([]);
  offered.close();
  at("desk").hidden = at("toolbar").hidden = true;
  at("shelf").hidden = false;
  inForce = tinted((await plans.cellsAt("", district)).features);
  await Promise.all([showShelf(), showVersions(), showGround(inForce)]);
}

async function reload() {
  await session.load(session.plan.id);
  await showPlan();
}

async function showPlan() {
  const { plan } = session;
  at("plan-name").textContent = plan.name;
  at("plan-status").textContent = words[plan.status];
  at("plan-status").className = `badge ${plan.status}`;
  at("plan-told").textContent = [plan.author, fill(words.edits, { n: plan.sequence }), when(plan.effective_at ?? plan.created_at)].filter(Boolean).join(" · ");
  at("moved").hidden = !plan.moved_base;
  if (plan.moved_base) at("moved-told").textContent = [words.moved_base, plan.moved_base.conflicts.length ? fill(words.conflicts, { cells: plan.moved_base.conflicts.join(", ") }) : ""].join(" ");
  at("toolbar").hidden = false;
  tools.allow(session.mayDraw, plan);
  at("exports").replaceChildren(`${words.export}: `, ...["geojson", "gpkg", "shp"].map((format) => make("a", { href: plans.exportAddress(plan.id, format) }, format.toUpperCase())));
  pick(picked.filter((code) => session.cells.has(code)));
  await view.show(features());
  view.pick(picked);
  vertices.refresh();
  showWay();
  await showChecks();
  if (!at("pane-impact").hidden) await showImpact();
}

/** @param {() => Promise<string[]>} work answers the codes it touched */
async function redraw(work) {
  const known = new Set(session.cells.keys());
  const touched = await attempt(work);
  if (!touched) return;
  quiet();
  // what was chosen stays chosen, what is new is chosen too; neighbours that only got a node are not
  picked = [...picked, ...touched.filter((code) => !known.has(code))].filter((code) => session.cells.has(code));
  choose("select");
  await showPlan();
}

const marks = () => findings.filter((one) => one.place).map((one) => mark(one.place, one.level));

async function showChecks() {
  // what is published or withdrawn is no longer compared with the map of today
  const open = [...EDITABLE, "SCHEDULED"].includes(session.plan.status);
  const told = open ? await attempt(() => plans.checks(session.plan.id)) : { findings: [] };
  if (!told) return;
  findings = told.findings;
  at("check-count").textContent = findings.length || "";
  at("check-count").className = findings.some((one) => one.level === "BLOCKING") ? "" : "mild";
  at("findings").replaceChildren(...findings.map((one) => findingLine(one, words, lookAtFinding)));
  if (!findings.length) at("findings").append(make("li", { class: "note" }, session.plan.sequence ? words.no_problems : words.no_change));
  view.troubles(marks());
}

function lookAtFinding(one) {
  pick(one.cells.filter((code) => session.cells.has(code)));
  if (one.place) view.lookAt([one.place.lon, one.place.lat]);
  else view.look(chosen());
}

async function showImpact() {
  at("impact").textContent = words.loading;
  const told = await attempt(() => plans.impact(session.plan.id));
  if (!told) return at("impact").replaceChildren();
  view.pieces(told.pieces.features);
  const table = impactTable(told, words, (code) => (pick([code]), view.look(chosen())));
  at("impact").replaceChildren(make("button", { type: "button", class: "plain", id: "print", on: { click: () => printSheet(told) } }, words.print), table);
}

function printSheet(told) {
  const picture = make("img", { src: view.map.getCanvas().toDataURL("image/png"), alt: "" });
  at("sheet").replaceChildren(...impactSheet(session.plan, told, findings, picture, words));
  at("sheet").hidden = false;
  picture.decode().finally(() => window.print());
}

// --- the way of a plan ------------------------------------------------------------------------
function showWay() {
  const { plan } = session;
  const form = stepsForm(plan, words, takeStep);
  at("steps").hidden = !form.length;
  at("steps").replaceChildren(...form);
  at("reviews").replaceChildren(...plan.steps.map((one) => reviewLine(one, words)).reverse());
}

function takeStep(name, decision, comment, time) {
  return attempt(async () => {
    const { plan } = session;
    if (name === "revert") return openPlan((await plans.revert(plan, comment)).id);
    if (name === "publish") await plans.publish(plan);
    else await plans.step(plan, decision, { comment, ...(name === "schedule" ? { effective_at: time ? new Date(time).toISOString() : null } : {}) });
    await reload();
    tell(`${words.done}: ${words[session.plan.status]}`, true);
    return undefined;
  });
}

// --- choosing cells ---------------------------------------------------------------------------
function pick(codes) {
  picked = codes;
  view.pick(codes);
  const cells = session.open ? chosen() : [];
  at("chosen").hidden = !cells.length;
  at("chosen").replaceChildren(...(cells.length ? [chosenCard(cells, words, session.communities, session.mayDraw, actOnCell)] : []));
  showCells();
  if (tool !== "select" && session.open) setTask();
}

function actOnCell(kind, parameters) {
  if (kind === "look") view.look(chosen());
  else redraw(() => session.edit(kind, parameters));
}

function toggle(code, more) {
  const rest = picked.filter((one) => one !== code);
  pick(more ? (rest.length < picked.length ? rest : [...picked, code]) : code ? [code] : []);
}

function showCells() {
  const text = at("find").value.trim().toLowerCase();
  const found = features().filter(({ properties: told }) => !text || `${told.name} ${told.code}`.toLowerCase().includes(text));
  const rank = ({ properties: told }) => (picked.includes(told.code) ? 0 : told.change ? 1 : 2);
  found.sort((a, b) => rank(a) - rank(b) || a.properties.code.localeCompare(b.properties.code));
  at("cells").replaceChildren(...found.slice(0, SHOWN).map((cell) => cellLine(cell, picked.includes(cell.properties.code), (code, more) => {
    toggle(code, more || (tool !== "select" && TOOLS[tool].most > 1));
    view.look(chosen());
    at("cells").querySelector(`[data-code="${code}"]`)?.focus();
  })));
  if (!found.length) at("cells").append(make("li", { class: "note" }, words.no_cells));
}

// --- tools ------------------------------------------------------------------------------------
async function compare() {
  const next = { "": "swipe", swipe: "side", side: "" }[seam.way];
  if (next) inForce = tinted((await plans.cellsAt("", district)).features);
  seam.show(next, inForce);
  tools.comparing(Boolean(next));
}

function choose(name) {
  tool = name;
  pen?.stop();
  vertices?.stop();
  tools.press(name);
  setTask();
}

/** What the tool at hand still needs: cells, a drawing, fields; then it may be carried out. */
function setTask() {
  const one = TOOLS[tool];
  at("task").hidden = tool === "select";
  if (tool === "select") return;
  const ready = fits(tool, picked.length);
  const typed = ready && (one.sketch === "line" || one.sketch === "region");
  at("task-told").replaceChildren(ready ? words[`${tool}_told`] : words[`${tool}_need`], typed ? make("span", { class: "hint" }, words.keyboard) : "");
  at("task-fields").replaceChildren(...(ready ? one.fields.map((name) => taskField(name, chosen(), session.communities, words)).filter(Boolean) : []));
  at("task-go").hidden = !ready || Boolean(one.sketch);
  at("task-stop").textContent = words.cancel;
  pen.stop();
  vertices.stop();
  if (!ready) return;
  if (one.sketch === "vertex") vertices.start(picked);
  else if (one.sketch) pen.start(one.sketch);
}

function valuesOf() {
  const values = {};
  for (const field of at("task-fields").querySelectorAll("[name]")) values[field.name] = field.type === "checkbox" ? field.checked : field.value.trim();
  return values;
}

function carryOut(geometry) {
  if (tool === "balance") return askOffers();
  const [kind, parameters] = TOOLS[tool].intent(geometry, picked, valuesOf());
  return redraw(() => session.edit(kind, parameters)).then(() => {
    if (tool !== "select") setTask();
  });
}

const node = (kind, parameters) => {
  const kept = picked;
  return attempt(() => session.edit(kind, parameters)).then(async (touched) => {
    picked = kept;
    if (touched) await showPlan();
    setTask();
  });
};

function askOffers() {
  const { community, across } = valuesOf();
  const home = (cell) => cell.properties.community === community;
  const cells = picked.length > 1 ? picked : features().filter(home).map((cell) => cell.properties.code);
  choose("select");
  view.look(cells.map((code) => session.cells.get(code)));
  return offered.ask(session.plan, { cells, across: Boolean(across) });
}

// --- keyboard, tabs, start --------------------------------------------------------------------
const openTab = tabList(document.querySelector("[role=tablist]"), (id) => {
  view?.pieces([]);
  if (id === "tab-impact") showImpact();
});

function onKey(event) {
  if (!session.open) return;
  const undoes = (event.ctrlKey || event.metaKey) && { z: event.shiftKey ? "redo" : "undo", y: "redo" }[event.key.toLowerCase()];
  if (event.target.matches("input, select, textarea") && event.key !== "Escape") return;
  const name = Object.keys(TOOLS).find((one) => TOOLS[one].key === event.key.toLowerCase());
  if (event.key === "Escape") choose("select");
  else if (undoes) tools.click(undoes);
  else if (event.ctrlKey || event.metaKey || event.altKey) return;
  else if (name) tools.click(name);
  else if (event.key.toLowerCase() === "k") compare();
  else return;
  event.preventDefault();
}

function listen() {
  at("status").append(...STATES.map((name) => make("option", { value: name }, words[name])));
  at("status").addEventListener("change", showShelf);
  at("begin").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => openPlan((await plans.begin(at("begin-name").value.trim(), district)).id)).then(() => event.target.reset());
  });
  at("import").addEventListener("submit", (event) => {
    event.preventDefault();
    const form = new FormData(event.target);
    form.set("district", district);
    attempt(async () => openPlan((await plans.read(form)).id));
  });
  at("back").addEventListener("click", closePlan);
  at("find").addEventListener("input", showCells);
  at("rebase").addEventListener("click", () => attempt(async () => (await plans.rebase(session.plan), reload())));
  at("task-go").addEventListener("click", () => carryOut(null));
  at("task-stop").addEventListener("click", () => choose("select"));
  document.addEventListener("keydown", onKey);
}

const tools = toolbar(at("toolbar"), words, (name) => {
  if (name === "undo" || name === "redo") redraw(() => session[name]());
  else if (name === "compare") compare();
  else choose(name);
});
const slider = versionSlider(at("version"), at("version-told"), words, lookBack);

async function start() {
  listen();
  const told = await plans.cellsAt("", district);
  inForce = tinted(told.features);
  view = planMap(at("map"), inForce);
  await view.loaded;
  pen = makePen(view.map, (place) => session.nearest(view.map, place, SNAP)?.at ?? null, (geometry) => carryOut(geometry), at("cross"));
  vertices = vertexEditor(view, () => session.index, (place, pixels) => session.nearest(view.map, place, pixels), {
    move: (from, to) => node("MOVE_VERTEX", { at: point(from), to: point(to) }),
    insert: (place) => node("INSERT_VERTEX", { at: point(place) }),
    remove: (place) => node("REMOVE_VERTEX", { at: point(place) }),
  });
  offered = offers(at("offers"), view, words, attempt, (wish) => redraw(() => session.change(() => plans.draw(session.plan, wish))));
  seam = comparison(view, at("before"), at("swipe"), [at("said-now"), at("said-before")]);
  view.map.on("click", (event) => {
    if (!session.open || pen.busy() || tool === "vertex") return;
    const more = event.originalEvent.ctrlKey || event.originalEvent.metaKey || event.originalEvent.shiftKey;
    toggle(view.cellAt(event.point), more || (tool !== "select" && TOOLS[tool].most > 1));
  });
  await showGround(inForce);
  at("loading").hidden = true;
  await Promise.all([showShelf(), showVersions()]);
  if (Number(location.hash.slice(1))) await openPlan(Number(location.hash.slice(1)));
  view.map.once("idle", () => {
    Object.assign(window, { gridkeeperReady: true, gridkeeperMap: view.map });
  });
  view.map.triggerRepaint();
}
const point = (place) => ({ type: "Point", coordinates: place });

start().catch((error) => {
  at("loading").hidden = true;
  at("trouble").textContent = error.status ? error.message : words.failed;
  at("trouble").hidden = false;
  console.warn(error);
});
