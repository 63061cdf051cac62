/** The plan beside the version in force: one over the other with a movable seam, or side by side. */
import { planMap, together } from "./plan-map.js";

/**
 * @param {{map: any}} view of the plan @param {HTMLElement} under where the other map goes
 * @param {HTMLInputElement} seam @param {HTMLElement[]} signs shown while comparing
 */
export function comparison(view, under, seam, signs) {
  const over = view.map.getContainer();
  let other = null;
  let part = null;
  let way = "";

  function lay() {
    const share = Number(seam.value);
    const swipe = way === "swipe";
    over.style.clipPath = swipe ? `inset(0 0 0 ${share}%)` : "";
    over.style.left = way === "side" ? "50%" : "";
    under.style.right = way === "side" ? "50%" : "";
    under.hidden = !way;
    seam.hidden = !swipe;
    for (const sign of signs) sign.hidden = !way;
    seam.parentElement.style.setProperty("--seam", `${swipe ? share : 50}%`);
    view.map.resize();
    other?.map.resize();
  }
  seam.addEventListener("input", lay);

  return {
    /** @param {"" | "swipe" | "side"} wanted @param {any[]} cells of the version in force */
    show(wanted, cells) {
      way = wanted;
      part?.();
      part = null;
      lay();
      if (!way) return;
      other ??= planMap(under, cells);
      other.show(cells);
      lay();
      part = together(view.map, other.map);
    },
    get way() {
      return way;
    },
    /** @param {any[]} cells */
    renew(cells) {
      if (way) other.show(cells);
    },
  };
}
