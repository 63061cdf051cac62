/** The figures of the board: areas as lines of a table, categories and hours as charts. */
import { bars } from "./charts.js";
import { button, element } from "./elements.js";

/** Open incidents by lamp, as a bar of three colours. */
function shareBar(place) {
  const bar = element("div", "share");
  const parts = [["red", place.red], ["yellow", place.yellow], ["green", place.open - place.red - place.yellow]];
  for (const [lamp, number] of parts) {
    const part = element("i", lamp);
    part.style.width = `${(number / Math.max(place.open, 1)) * 100}%`;
    bar.append(part);
  }
  return bar;
}

/**
 * @param {{code: string, name: string, open: number, red: number, yellow: number, reported: number}[]} places
 * @param {string} chosen code of the cell that is chosen
 * @param {(code: string) => void} go
 */
export function areaLines(places, chosen, go) {
  return places.map((place) => {
    const line = element("tr");
    const name = element("td");
    name.append(button(place.name, place.name, () => go(place.code)), shareBar(place));
    line.append(name, element("td", "num", place.open), element("td", "num", place.red), element("td", "num", place.reported));
    line.addEventListener("click", (event) => event.target.closest("button") || go(place.code));
    line.setAttribute("aria-selected", String(place.code === chosen));
    return line;
  });
}

/**
 * @param {{categories: HTMLElement, hours: HTMLElement}} places
 * @param {Record<string, string>} words
 * @param {string} language
 * @returns {(figures: any) => Promise<void>}
 */
export function figureCharts(places, words, language) {
  const made = {};
  const name = (one) => (language.startsWith("zh") ? one.name : one.name_en);
  return async (figures) => {
    made.categories ??= bars(places.categories);
    made.hours ??= bars(places.hours);
    const [categories, hours] = await Promise.all([made.categories, made.hours]);
    const own = figures.categories ?? [];
    categories.show({
      labels: own.map(name),
      series: [
        { name: words.red, values: own.map((one) => one.red), colour: "--red" },
        { name: words.notLate, values: own.map((one) => one.open - one.red), colour: "#8ba3c7" },
      ],
      unit: words.pieces,
      description: words.byCategory,
      across: true,
      stacked: true,
    });
    const clock = Array.from({ length: 24 }, (_, hour) => hour);
    hours.show({
      labels: clock.map(String),
      series: [{ name: words.pieces, values: clock.map((hour) => figures.hours?.[hour] ?? 0), colour: "--accent" }],
      unit: words.pieces,
      description: words.byHour,
    });
  };
}
