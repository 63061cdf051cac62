/** Following a report by its number: read again every minute while it is open. */
import { element, told } from "./lib/elements.js";
import { clockwork } from "./lib/time.js";

const AGAIN_MS = 60_000;
const at = (id) => document.getElementById(id);
const words = told("words");
const tables = told("tables");
let clock = null; // of the district of the report
const moment = (text) => clock.moment(Date.parse(text) / 1000);
const day = (text) => clock.date(Date.parse(text) / 1000);
const TROUBLE = { 404: words.unknown, 429: words.often };
let timer = 0;

function wrong(text) {
  at("wrong").textContent = text;
  at("wrong").hidden = !text;
  if (text) at("number").setAttribute("aria-invalid", "true");
  else at("number").removeAttribute("aria-invalid");
}

function statusOf(report) {
  if (report.merged) return "MERGED";
  return report.suspended ? "SUSPENDED" : report.status;
}

function dateLines(report) {
  const office = report.office && words.office.replace("{office}", report.office);
  const due = report.due_at && !report.suspended && words.due.replace("{date}", day(report.due_at));
  const finished = report.closed_at && words.finished.replace("{date}", day(report.closed_at));
  return [office, due, finished, report.answered && words.answered].filter(Boolean).join("\n");
}

function show(report) {
  at("category").textContent = [report.category, report.number].filter(Boolean).join(" · ");
  at("status").textContent = tables.statuses[statusOf(report)];
  at("date").textContent = dateLines(report);
  const box = at("status").parentElement;
  box.classList.toggle("over", Boolean(report.closed_at));
  box.classList.toggle("held", report.suspended);
  const lines = report.steps.toReversed().map(({ step, at: when }) => {
    const line = element("li", "", tables.steps[step]);
    line.dataset.step = step;
    line.append(element("time", "", moment(when)));
    return line;
  });
  at("steps").replaceChildren(...lines);
  at("report").hidden = false;
}

/** @param {string} number @param {boolean} [again] a quiet second look: what is shown stays */
async function look(number, again = false) {
  clearTimeout(timer);
  at("loading").hidden = again;
  at("report").hidden &&= true;
  const answer = await fetch(`/api/v1/track/${encodeURIComponent(number)}/`, { headers: { Accept: "application/json" } }).catch(() => null);
  at("loading").hidden = true;
  if (answer?.ok) {
    const report = await answer.json();
    wrong("");
    clock = clockwork(document.documentElement.lang, report.zone, words);
    show(report);
  } else if (!again) {
    at("report").hidden = true;
    wrong(TROUBLE[answer?.status] ?? words.failed);
    if (answer?.status === 404) return;
  }
  timer = setTimeout(() => look(number, true), AGAIN_MS);
}

function ask(number) {
  if (!/^\d{13}$/.test(number)) {
    at("report").hidden = true;
    return wrong(words.form);
  }
  const address = `${document.body.dataset.home}${number}/`;
  if (window.location.pathname !== address) window.history.pushState(null, "", address);
  look(number);
}

at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  ask(at("number").value.replace(/\s/g, ""));
});
window.addEventListener("popstate", () => window.location.reload());
if (document.body.dataset.number) ask(document.body.dataset.number);
else at("number").focus();
