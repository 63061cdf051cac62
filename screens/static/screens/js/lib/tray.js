/** The lines of an in-tray and of a search: what it is, where, how late. */
import { element, lampMark } from "./elements.js";

export const seconds = (text) => (text ? Date.parse(text) / 1000 : null);

/**
 * How late something is, or how long it still has.
 * @param {string | null} due ISO time @param {number} at seconds
 */
export function rest(due, at, { words, clock }) {
  if (!due) return "";
  const left = seconds(due) - at;
  return (left < 0 ? words.late : words.left).replace("{span}", clock.span(left));
}

/** Badges of a case. @param {any} one row of a tray, or a sheet */
export function badges(one, { words }) {
  const made = [];
  if (one.urgent) made.push(element("span", "badge red", words.urgent));
  if (one.legacy) made.push(element("span", "badge", words.legacy));
  const { returns = 0, reworks = 0 } = one.counts ?? one;
  if (returns) made.push(element("span", "badge yellow", words.returns.replace("{n}", String(returns))));
  if (reworks) made.push(element("span", "badge yellow", words.reworks.replace("{n}", String(reworks))));
  return made;
}

function lineButton(one, manner, at) {
  const { words, clock, tables, categoryName } = manner;
  const made = element("button", "line");
  made.type = "button";
  const what = element("span", "what");
  what.append(element("b", "", categoryName(one.category)), ...badges(one, manner));
  const state = one.state ? tables.states[one.state] : tables.statuses[one.status];
  const place = [one.cell_name ?? words.none, one.address].filter(Boolean).join(" · ");
  made.append(
    lampMark(one.lamp, words[one.lamp]),
    what,
    element("span", `rest ${one.lamp}`, rest(one.due_at, at, manner)),
    element("span", "words", one.description || place),
    element("span", "state-of", state),
    element("span", "where", one.description ? place : ""),
    element("span", "when", clock.moment(seconds(one.reported_at))),
  );
  made.title = one.number;
  return made;
}

/**
 * @param {any} one row of the tray or a case that was found
 * @param {any} manner words, clock, tables, categoryName
 * @param {{at: number, chosen: boolean, selected: boolean, offices: boolean}} how
 */
export function trayLine(one, manner, how) {
  const line = element("li", "");
  line.dataset.number = one.number;
  line.setAttribute("aria-current", String(how.chosen));
  if (one.state === "WAITING" && one.role !== "COPY") {
    const box = element("input", "pick");
    box.type = "checkbox";
    box.checked = how.selected;
    box.setAttribute("aria-label", manner.words.select.replace("{number}", one.number));
    line.append(box);
  }
  const made = lineButton(one, manner, how.at);
  const tail = [one.role && one.role !== "LEAD" ? manner.tables.roles[one.role] : "", how.offices ? one.office_name : ""].filter(Boolean).join(" · ");
  if (tail) made.querySelector(".where").append(element("span", "badge blue", tail));
  line.append(made);
  return line;
}

/**
 * Read a tray up to a number of lines.
 * @param {(path: string) => Promise<any>} read @param {string} query @param {number} wanted
 * @returns {Promise<any>} the first page with the rows of all, `next` of the last
 */
export async function readTray(read, query, wanted) {
  const limit = Math.min(200, wanted);
  const first = await read(`/api/v1/incidents/tray/?${query}${query ? "&" : ""}limit=${limit}`);
  while (first.next && first.rows.length < wanted) {
    const page = await read(first.next.replaceAll("+", "%2B"));
    first.rows.push(...page.rows);
    first.next = page.next;
  }
  return first;
}

/**
 * Figures at their places; a state in which nothing is grows pale.
 * @param {Iterable<HTMLElement>} places each names its figure in data-count
 * @param {Record<string, number>} figures @param {string} language
 */
export function showFigures(places, figures, language) {
  for (const place of places) {
    const count = figures[place.dataset.count];
    place.textContent = count === undefined ? "–" : count.toLocaleString(language);
    place.closest("[data-state]")?.classList.toggle("zero", !count);
  }
}
