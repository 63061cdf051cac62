/** How one incident looks: a line of a list, and a card with worker and timeline. */
import { read } from "./api.js";
import { button, element, facts, lampMark, person } from "./elements.js";
import { lampAt } from "./incidents.js";
import { now } from "./time.js";

/** @typedef {{words: Record<string, string>, clock: any, categoryName: (code: string) => string}} Manner */

const seconds = (text) => Date.parse(text) / 1000;

/** @param {Manner} manner @returns {string} how late it is, or how long it still has */
export function rest(one, at, { words, clock }) {
  if (!one.due || one.suspended) return "";
  const words_ = at > one.due ? words.late : words.left;
  return words_.replace("{span}", clock.span(one.due - at));
}

/**
 * @param {import("./incidents.js").Incident} one
 * @param {number} at seconds
 * @param {Manner} manner
 * @param {{fresh: boolean, chosen: boolean}} how
 */
export function lineOf(one, at, manner, how) {
  const { words, clock, categoryName } = manner;
  const lamp = lampAt(one, at);
  const line = element("li", how.fresh ? "fresh" : "");
  const made = element("button");
  const what = element("span", "what");
  what.append(element("span", "", categoryName(one.category)));
  if (one.urgent) what.append(element("span", "badge red", words.urgent));
  made.append(
    lampMark(lamp, words[lamp]),
    what,
    element("span", "when", clock.moment(one.reported)),
    element("span", "where", one.cellName ?? one.cell ?? words.none),
    element("span", `rest ${lamp}`, rest(one, at, manner)),
  );
  made.dataset.number = one.number;
  made.setAttribute("aria-current", String(how.chosen));
  line.append(made);
  return line;
}

/** @param {Manner & {kinds: Record<string, string>}} manner */
function timeline(events, { kinds, clock }) {
  const list = element("ol", "timeline");
  for (const event of events) {
    const line = element("li");
    line.append(element("span", "", kinds[event.kind] ?? event.kind), element("time", "", clock.moment(seconds(event.at))));
    const told = [event.actor, event.note].filter(Boolean).join(" · ");
    if (told) line.append(element("p", "", told));
    list.append(line);
  }
  return list;
}

/**
 * Fill a card: at once with what the screen knows, then with worker and timeline.
 * @param {HTMLElement} card
 * @param {import("./incidents.js").Incident} one
 * @param {Manner & {statuses: Record<string, string>, reasons: Record<string, string>, kinds: Record<string, string>}} manner
 * @param {{shut: () => void, acts: HTMLElement[]}} how
 */
export async function fillCard(card, one, manner, how) {
  const { words, clock, statuses, reasons } = manner;
  const at = now();
  const lamp = lampAt(one, at);
  const heading = element("h2");
  heading.append(lampMark(lamp, words[lamp]), element("span", "", manner.categoryName(one.category)));
  if (one.urgent) heading.append(element("span", "badge red", words.urgent));
  const shut = button(words.close, "×", how.shut, "icon quiet shut");
  const due = one.due ? `${clock.moment(one.due)} · ${rest(one, at, manner)}` : "–";
  const known = [
    [words.number, one.number],
    [words.status, statuses[one.status] ?? one.status],
    [words.cell, one.cellName ?? one.cell ?? words.none],
    [words.reported, clock.moment(one.reported)],
    [words.due, due],
  ];
  const acts = element("div", "bar acts");
  acts.append(...how.acts);
  const body = element("div");
  body.append(facts(known));
  card.replaceChildren(heading, shut, body, acts);
  card.dataset.number = one.number;
  card.hidden = false;
  const address = `/api/v1/incidents/${one.number}/`;
  const [detail, events] = await Promise.all([read(address), read(`${address}timeline/`)]).catch(() => [null, null]);
  if (card.dataset.number !== one.number) return;
  if (!detail) return body.append(element("p", "error", words.trouble));
  const found = detail.assignment?.reason;
  body.replaceChildren(
    facts([...known.slice(0, 3), [words.worker, person(detail.worker, words)], [words.located, reasons[found] ?? found], ...known.slice(3)]),
    element("h3", "", words.timeline),
    timeline(events, manner),
  );
}

/**
 * A card of a cell: its area and who answers for it.
 * @param {HTMLElement} card @param {any} cell properties of the cells layer
 * @param {[number, number]} spot lon, lat inside it
 * @param {Manner} manner
 */
export async function fillCellCard(card, cell, spot, manner, how) {
  const { words } = manner;
  const acts = element("div", "bar acts");
  acts.append(...how.acts);
  const area = [cell.town_name, cell.community_name].filter(Boolean).join(" › ");
  const known = [[words.cell, cell.code], ["", area]];
  const body = element("div");
  body.append(facts([known[0]]), element("p", "soft", area));
  card.replaceChildren(element("h2", "", cell.name), button(words.close, "×", how.shut, "icon quiet shut"), body, acts);
  card.dataset.number = cell.code;
  card.hidden = false;
  const place = await read(`/api/v1/locate/?lon=${spot[0]}&lat=${spot[1]}`).catch(() => null);
  if (card.dataset.number !== cell.code || !place) return;
  body.prepend(facts([[words.worker, person(place.worker, words)]]));
}
