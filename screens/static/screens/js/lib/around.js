/** What is known around a report that is being taken: lines of cases, and their points on the map. */
import { button, element, lampMark } from "./elements.js";
import { seconds } from "./tray.js";

function head(one, { words, clock }, at) {
  const line = element("p", "bar");
  const link = element("a", "number", one.number);
  Object.assign(link, { href: `/desk/?n=${one.number}`, target: "_blank", rel: "noopener", title: words.opens });
  const far = one.distance === undefined ? "" : words.metres.replace("{n}", String(Math.round(one.distance)));
  const age = words.ago.replace("{span}", clock.span(at - seconds(one.reported_at)));
  line.append(link, element("span", "soft", [far, age].filter(Boolean).join(" · ")));
  return line;
}

/**
 * One case with the way to say that the caller means the same.
 * @param {any} one @param {any} manner words, clock, tables, categoryName @param {{at: number, same: string}} how
 * @param {(one: any) => void} choose
 */
function caseLine(one, manner, how, choose) {
  const { words, tables, categoryName } = manner;
  const [line, open, same] = [element("li"), tables.open.includes(one.status), one.number === how.same];
  line.dataset.number = one.number;
  line.classList.toggle("same", same);
  const what = element("p", "bar");
  what.append(...(open ? [lampMark(one.lamp, words[one.lamp])] : []), element("b", "", categoryName(one.category)), element("span", `badge ${open ? "blue" : ""}`, tables.statuses[one.status]));
  line.append(what, head(one, manner, how.at));
  const said = [one.address, one.description].filter(Boolean).join(" · ");
  if (said) line.append(element("p", "said", said));
  if (open) {
    const press = button(`${words.same} ${one.number}`, words.same, () => choose(one), "small");
    press.setAttribute("aria-pressed", String(same));
    line.append(press);
  }
  return line;
}

/**
 * @param {Record<string, HTMLElement>} places lists of near, phone, place; each with a heading before it
 * @param {any} told the answer of the server @param {any} manner @param {{at: number, same: string}} how
 * @param {(one: any) => void} choose
 * @returns {{near: number, asked: number}} how many there are
 */
export function showAround(places, told, manner, how, choose) {
  const lists = { near: told.found, phone: told.asked.phone, place: told.asked.place };
  for (const [name, cases] of Object.entries(lists)) {
    const held = places[name].contains(document.activeElement) && document.activeElement.closest("li").dataset.number;
    places[name].replaceChildren(...cases.map((one) => caseLine(one, manner, how, choose)));
    places[name].parentElement.hidden = !cases.length;
    if (held) places[name].querySelector(`li[data-number="${held}"] button`)?.focus({ preventScroll: true });
  }
  return { near: told.found.length, asked: told.asked.phone.length + told.asked.place.length };
}

/** Their points. @param {any} told @param {string[]} open the states in which a case is open */
export function pointsOf(told, open) {
  const all = [...told.found, ...told.asked.phone, ...told.asked.place].filter((one) => one.geometry && open.includes(one.status));
  const once = new Map(all.map((one) => [one.number, one]));
  return [...once.values()].map(({ geometry, number, lamp }) => ({ type: "Feature", geometry, properties: { number, lamp, urgent: false } }));
}
