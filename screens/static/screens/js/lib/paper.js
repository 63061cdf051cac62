/** The map and its list on paper, whether by the button or by the browser's own command. */
import { element } from "./elements.js";
import { now } from "./time.js";

const MOST_LINES = 200;

/**
 * @param {HTMLElement} sheet with a p, a canvas and an ol
 * @param {{map: () => any, incidents: () => import("./incidents.js").Incident[], dated: () => string}} page
 *   incidents: those that are listed; dated: of which moment they are
 * @param {import("./incidentviews.js").Manner} manner
 */
export function paper(sheet, page, { clock, words, categoryName }) {
  const line = (one) => [one.number, categoryName(one.category), one.cellName ?? words.none, clock.moment(one.reported)].join(" ");
  const canvas = sheet.querySelector("canvas");
  window.addEventListener("beforeprint", () => {
    const incidents = page.incidents();
    const printed = words.printed.replace("{time}", `${clock.date(now())} ${clock.minute(now())}`).replace("{n}", String(incidents.length));
    sheet.querySelector("p").textContent = `${printed} · ${page.dated()}`;
    sheet.querySelector("ol").replaceChildren(...incidents.slice(0, MOST_LINES).map((one) => element("li", "", line(one))));
    canvas.hidden = !page.map();
    page.map()?.copy(canvas);
  });
}
