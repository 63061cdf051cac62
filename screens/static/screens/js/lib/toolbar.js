/** The row of drawing tools. */
import { make } from "./dom.js";
import { TOOLS } from "./plan-tools.js";

const MORE = {
  undo: ["M9 7L4 12l5 5M4 12h10a5 5 0 010 10", "Ctrl Z"],
  redo: ["M15 7l5 5-5 5M20 12H10a5 5 0 000 10", "Ctrl Y"],
  compare: ["M3 5h8v14H3zM13 5h8v14h-8M12 2v20", "K"],
};
const SVG = "http://www.w3.org/2000/svg";

function icon(path) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 24 24");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(Object.assign(document.createElementNS(SVG, "path")));
  drawing.firstChild.setAttribute("d", path);
  return drawing;
}

/** @param {HTMLElement} bar @param {any} words @param {(name: string) => void} onChoose */
export function toolbar(bar, words, onChoose) {
  const button = (name, path, key) => make("button", { type: "button", id: `tool-${name}`, title: `${words[name]} (${key})`, on: { click: () => onChoose(name) } }, icon(path), words[name]);
  const tools = Object.entries(TOOLS).map(([name, one]) => [name, button(name, one.icon, one.key.toUpperCase())]);
  const rest = Object.entries(MORE).map(([name, [path, key]]) => [name, button(name, path, key)]);
  const all = Object.fromEntries([...tools, ...rest]);
  bar.replaceChildren(...tools.map(([, made]) => made), make("i"), all.undo, all.redo, make("i"), all.compare);
  return {
    /** @param {string} name */
    press(name) {
      for (const [one] of tools) all[one].setAttribute("aria-pressed", String(one === name));
    },
    comparing: (on) => all.compare.setAttribute("aria-pressed", String(on)),
    /** @param {boolean} draws @param {any} plan */
    allow(draws, plan) {
      for (const [name] of tools) all[name].disabled = !draws && name !== "select";
      all.undo.disabled = !draws || !plan.undo;
      all.redo.disabled = !draws || !plan.redo;
    },
    click: (name) => all[name].click(),
  };
}
