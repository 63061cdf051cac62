/** The names of categories and areas, and where the areas lie. */
import { read } from "./api.js";
import { button, element } from "./elements.js";

const WIDTHS = [9, 12]; // of the codes of towns and communities

export class Places {
  /** @param {string} language */
  constructor(language) {
    this.language = language;
    this.categories = new Map();
    this.areas = new Map();
    this.departments = new Map();
  }

  async load() {
    const known = await read("/api/v1/board/words/");
    const name = (one) => (this.language.startsWith("zh") ? one.name : one.name_en);
    for (const one of known.categories) this.categories.set(one.code, name(one));
    for (const one of known.departments) this.departments.set(one.code, name(one));
    for (const one of known.areas) this.areas.set(one.code, one);
  }

  /** @param {string} code */
  categoryName(code) {
    return this.categories.get(code) ?? code;
  }

  /** @param {string} code @returns {number[] | undefined} west, south, east, north */
  boxOf(code) {
    return this.areas.get(code)?.box;
  }

  /** The box around all towns. */
  home() {
    const boxes = this.towns().map((one) => one.box);
    const side = (i, pick) => pick(...boxes.map((box) => box[i]));
    return boxes.length ? [side(0, Math.min), side(1, Math.min), side(2, Math.max), side(3, Math.max)] : undefined;
  }

  towns() {
    return [...this.areas.values()].filter((one) => one.level === "TOWN");
  }

  /** The departments as options; hidden where there are none. @param {HTMLSelectElement} select */
  fillDepartments(select) {
    for (const [code, name] of this.departments) select.append(new Option(name, code));
    select.hidden = this.departments.size === 0;
  }

  /** Both levels of the categories as options. @param {HTMLSelectElement} select @param {string} all */
  fill(select, all) {
    let group = null;
    for (const [code, name] of this.categories) {
      const upper = code.length === 2;
      if (upper) {
        group = element("optgroup");
        group.label = name;
        select.append(group);
      }
      const option = element("option", "", upper ? `${name} · ${all}` : name);
      option.value = code;
      (group ?? select).append(option);
    }
  }

  /**
   * The way from the district down to an area and a cell.
   * @param {HTMLElement} list @param {string} area code @param {string} cell its name
   * @param {string} district said for the whole @param {(code: string) => void} go
   */
  path(list, area, cell, district, go) {
    const codes = WIDTHS.filter((width) => area.length >= width).map((width) => area.slice(0, width));
    const steps = [["", district], ...codes.map((code) => [code, this.areas.get(code)?.name ?? code])];
    if (cell) steps.push(["", cell]);
    const lines = steps.map(([code, name], i) => {
      const step = element("li");
      if (i < steps.length - 1) step.append(button(name, name, () => go(code)));
      else {
        step.textContent = name;
        step.setAttribute("aria-current", "location");
      }
      return step;
    });
    list.replaceChildren(...lines);
  }
}
