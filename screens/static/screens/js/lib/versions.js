/** A slider through the versions of a map. */
import { fill } from "./dom.js";
import { when } from "./plan-panels.js";

/**
 * @param {HTMLInputElement} slider @param {HTMLElement} told where the version is named
 * @param {any} words @param {(version: any | null) => void} onLook null: the one in force
 */
export function versionSlider(slider, told, words, onLook) {
  let versions = [];
  const chosen = () => versions[Number(slider.value)];
  function tell() {
    const one = chosen();
    const last = one === versions.at(-1);
    told.textContent = one ? [fill(words.version, { n: one.number, at: when(one.number === 1 ? one.published_at : one.effective_at) }), last ? words.version_now : "", one.plan_name].filter(Boolean).join(" · ") : words.no_versions;
  }
  slider.addEventListener("input", tell);
  slider.addEventListener("change", () => {
    if (chosen()) onLook(chosen() === versions.at(-1) ? null : chosen());
  });
  return {
    /** @param {any[]} found */
    show(found) {
      versions = [...found].sort((a, b) => a.number - b.number);
      slider.max = String(Math.max(versions.length - 1, 0));
      slider.value = slider.max;
      slider.disabled = versions.length < 2;
      tell();
    },
  };
}
