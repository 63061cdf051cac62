/** The map and its list on paper, whether by the button or by the browser's own command. */
import { element } from "./elements.js";
import { now } from "./time.js";

const MOST_LINES = 200;

/**
 * @param {HTMLElement} sheet with two p, a canvas, a ul and an ol
 * @param {{map: () => any, incidents: () => import("./incidents.js").Incident[], dated: () => string,
 *   filters: () => string[], legends: HTMLElement[]}} page
 *   incidents: those that are listed; dated: of which moment they are; filters: in words
 * @param {import("./incidentviews.js").Manner} manner
 */
export function paper(sheet, page, { clock, words, categoryName }) {
  const line = (one) => [one.number, categoryName(one.category), one.cellName ?? words.none, clock.moment(one.reported)].join(" ");
  const canvas = sheet.querySelector("canvas");
  window.addEventListener("beforeprint", () => {
    const incidents = page.incidents();
    const printed = words.printed.replace("{time}", `${clock.date(now())} ${clock.minute(now())}`).replace("{n}", String(incidents.length));
    const [head, chosen] = sheet.querySelectorAll("p");
    head.textContent = `${printed} · ${page.dated()}`;
    chosen.textContent = page.filters().join(" · ");
    const shown = page.legends.filter((one) => !one.hidden).flatMap((one) => [...one.children]);
    sheet.querySelector("ul").replaceChildren(...shown.filter((one) => !one.matches(".pictured")).map((one) => one.cloneNode(true)));
    sheet.querySelector("ol").replaceChildren(...incidents.slice(0, MOST_LINES).map((one) => element("li", "", line(one))));
    canvas.hidden = !page.map();
    page.map()?.copy(canvas);
  });
}
