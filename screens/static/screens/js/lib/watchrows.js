/** The rows of the lists to look at: what, where, with whom, how late. A row leads to its case. */
import { fill } from "./dom.js";
import { element, lampMark } from "./elements.js";
import { badges, rest, seconds } from "./tray.js";

/** A cell of two lines. @param {string} name class @param {string} first @param {string} second */
function twoLines(name, first, second, ofSecond) {
  const made = element("span", name);
  made.append(element("span", "words", first), element("span", ofSecond, second));
  return made;
}

/** Why a case stands still or has more time. */
function marksOf(one, { words, clock }, at) {
  const made = [];
  if (one.suspended_at) made.push(element("span", "badge blue", fill(words.suspended, { span: clock.span(at - seconds(one.suspended_at)) })));
  if (one.extension) made.push(element("span", "badge blue", fill(words.extension, { n: one.extension })));
  return made;
}

function dueOf(one, manner, at) {
  const { words, clock } = manner;
  const made = element("span", "due");
  if (one.due_at) made.append(element("span", `rest ${one.lamp}`, rest(one.due_at, at, manner)), element("span", "moment", clock.moment(seconds(one.due_at))));
  else made.append(element("span", "moment", one.closed_at ? fill(words.closed, { time: clock.moment(seconds(one.closed_at)) }) : words.noLimit));
  return made;
}

/**
 * @param {any} one properties of a row
 * @param {any} manner words, clock, tables, categoryName
 * @param {number} at seconds
 */
export function watchLine(one, manner, at) {
  const { words, clock, tables, categoryName } = manner;
  const [line, link] = [element("li"), element("a", "line")];
  line.dataset.number = one.number;
  link.href = `/desk/?n=${one.number}`;
  const what = element("span", "what");
  const title = element("span");
  title.append(element("b", "", categoryName(one.category)), ...badges(one, manner), ...marksOf(one, manner, at));
  what.append(title, element("span", "number", `${one.number} · ${tables.statuses[one.status]}`));
  const place = [one.cell_name ?? words.none, one.address].filter(Boolean).join(" · ");
  link.append(
    lampMark(one.lamp, words[one.lamp] ?? words.noLamp),
    what,
    twoLines("where", one.instruction || one.description || place, one.instruction || one.description ? place : "", "soft"),
    element("span", "office", one.office_name ?? "–"),
    dueOf(one, manner, at),
    element("span", "age", fill(words.ago, { span: clock.span(at - seconds(one.reported_at)) })),
  );
  line.append(link);
  return line;
}
