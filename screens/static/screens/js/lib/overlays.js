/** One layer of cells below the points at a time: buttons that switch it, and its legend. */
import { read } from "./api.js";
import { legendLines } from "./livemap.js";

/**
 * @param {HTMLElement[]} buttons each with the name of its layer in data-overlay
 * @param {HTMLElement} legend list whose first line is the title of the layer that is shown
 * @param {{map: () => any, chosen: () => string, choose: (name: string) => void, query: (filters: string[]) => string}} page
 *   query: the filters of the page that such a layer knows, as text of an address
 * @returns {() => Promise<void>} show what is chosen
 */
export function overlays(buttons, legend, page) {
  async function show() {
    const name = page.chosen();
    for (const one of buttons) one.setAttribute("aria-pressed", String(one.dataset.overlay === name));
    legend.hidden = !name;
    if (!name) return page.map()?.overlay(null);
    const [known] = (await read(`/api/v1/layers/?layers=${name}`)).layers;
    const { layers } = await read(`/api/v1/layers/?layers=${name}&${page.query(known.filters)}`);
    if (page.chosen() !== name) return;
    page.map()?.overlay(layers[0]);
    const title = Object.assign(document.createElement("li"), { className: "soft", textContent: layers[0].title, title: layers[0].note });
    legend.replaceChildren(title, ...legendLines(layers[0].legend));
  }
  for (const one of buttons)
    one.addEventListener("click", () => {
      page.choose(page.chosen() === one.dataset.overlay ? "" : one.dataset.overlay);
      show();
    });
  return show;
}
