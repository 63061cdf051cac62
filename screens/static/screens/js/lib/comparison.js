/** Two periods side by side, as a table and a chart. */
import { read } from "./api.js";
import { bars } from "./charts.js";
import { element } from "./elements.js";

const KINDS = ["all", "category", "town"];

/** A change in percent; "–" where there was nothing to compare with. */
export function change(before, after) {
  if (!before) return after ? "–" : "0 %";
  const percent = ((after - before) / before) * 100;
  return `${percent > 0 ? "+" : percent < 0 ? "−" : ""}${Math.abs(percent).toFixed(1)} %`;
}

/** A share in percent; "–" of nothing. */
export const share = (part, whole) => (whole ? `${((part / whole) * 100).toFixed(1)} %` : "–");

/**
 * Rows of /board/comparison/ as table rows.
 * @param {any[]} rows @param {Record<string, string>} titles of the kinds
 */
export function comparisonRows(rows, titles) {
  const made = [];
  for (const kind of KINDS) {
    const own = rows.filter((row) => row.kind === kind && (kind === "all" || row.code));
    if (kind !== "all" && own.length) {
      const head = element("tr", "kind");
      const cell = element("th", "", titles[kind]);
      cell.colSpan = 9;
      head.append(cell);
      made.push(head);
    }
    for (const { name, first, second } of own) {
      const line = element("tr");
      const values = [first.reported, second.reported, change(first.reported, second.reported), first.closed, second.closed, change(first.closed, second.closed), share(first.in_time, first.closed), share(second.in_time, second.closed)];
      line.append(element("td", "", kind === "all" ? titles.all : name), ...values.map((value) => element("td", "num", value)));
      made.push(line);
    }
  }
  return made;
}

/** What the chart of a comparison shows. @param {any[]} rows */
export function comparisonChart(rows, description, unit) {
  const own = rows.filter((row) => row.kind === "category");
  const side = (name, title, colour) => ({ name: title, values: own.map((row) => row[name].reported), colour });
  return { labels: own.map((row) => row.name), series: [side("first", "A", "#7c89a3"), side("second", "B", "#0b5cad")], unit, description };
}

/**
 * Wire a dialog: a form with the dates first_from … second_to, an alert, a tbody and .chart.
 * @param {HTMLDialogElement} dialog
 * @param {{words: Record<string, string>, clock: any, now: () => number, filters: () => Record<string, string>}} page
 * @returns {() => void} opens it
 */
export function comparisonDialog(dialog, { words, clock, now, filters }) {
  const form = dialog.querySelector("form:not([method=dialog])");
  const alert = dialog.querySelector("[role=alert]");
  let chart = null;

  async function compare(event) {
    event?.preventDefault();
    const query = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), ...filters() });
    const rows = await read(`/api/v1/board/comparison/?${query}`).catch(() => null);
    alert.hidden = rows !== null;
    alert.textContent = words.trouble;
    if (!rows) return;
    dialog.querySelector("tbody").replaceChildren(...comparisonRows(rows, { all: words.all, category: words.category, town: words.towns }));
    chart ??= await bars(dialog.querySelector(".chart"));
    chart.show(comparisonChart(rows, words.compared, words.pieces));
  }

  form.addEventListener("submit", compare);
  return () => {
    const days = [["first_from", 60], ["first_to", 31], ["second_from", 30], ["second_to", 1]];
    for (const [name, back] of days) form.elements[name].value ||= clock.isoDate(now() - back * 86_400);
    dialog.showModal();
    compare();
  };
}
