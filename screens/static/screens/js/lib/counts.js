/** The figures of a page, and how old they are. */
import { now } from "./time.js";

const OLD_S = 90; // asked for every half minute; older than this, something is wrong

/**
 * Numbers go where `id="count-…"` is, their age where `class="aged"` is.
 * @param {string} language @param {{asOf: string}} words @param {any} clock
 * @returns {(told: Record<string, number>, time: number, past?: boolean) => void} time: of the figures
 */
export function counts(language, words, clock) {
  const ages = [...document.querySelectorAll(".aged")];
  const numbers = [...document.querySelectorAll("[id^='count-']")];
  let dated = 0;
  let still = false;

  function age() {
    if (!dated) return;
    const old = now() - dated;
    const text = words.asOf.replace("{time}", clock.second(dated)).replace("{span}", clock.span(old));
    for (const one of ages) {
      one.textContent = text;
      one.classList.toggle("error", !still && old > OLD_S);
    }
  }

  setInterval(age, 1000);
  return (told, time, past = false) => {
    for (const one of numbers) one.textContent = told[one.id.slice(6)]?.toLocaleString(language) ?? "–";
    [dated, still] = [time, past];
    age();
  };
}
