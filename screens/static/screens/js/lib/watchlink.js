/** The way to the supervision lists, with the number of supervisions that wait for a reply. */
import { read } from "./api.js";

const AGAIN_MS = 60_000;
const LIST = "unreplied";

/** @param {HTMLAnchorElement} link with a badge and what is read aloud after it */
export function watchLink(link) {
  const [badge, meaning] = [link.querySelector(".badge"), link.querySelector(".hidden")];
  const [start, language] = [link.pathname, document.documentElement.lang];
  async function count() {
    const counts = await read("/api/v1/supervision/lists/").catch(() => null);
    if (!counts) return; // the next round tells
    badge.textContent = counts[LIST].toLocaleString(language);
    badge.hidden = meaning.hidden = !counts[LIST];
    link.href = counts[LIST] ? `${start}?list=${LIST}` : start;
    link.title = counts[LIST] ? `${counts[LIST]} ${meaning.textContent}` : "";
  }
  count();
  setInterval(() => document.hidden || count(), AGAIN_MS);
  return count;
}
