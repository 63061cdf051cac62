/** A list of lines that is walked with the keyboard and keeps its place when it is drawn anew. */

const lineOf = (item) => item?.querySelector(".line");

/** Draw a list anew; the line with the focus keeps it. @param {HTMLElement} list @param {HTMLElement[]} lines each names its case in data-number */
export function redrawLines(list, lines) {
  const kept = document.activeElement?.closest?.("li");
  const index = kept && list.contains(kept) ? [...list.children].indexOf(kept) : -1;
  list.replaceChildren(...lines);
  if (index < 0) return;
  const same = lines.find((one) => one.dataset.number === kept.dataset.number) ?? lines[Math.min(index, lines.length - 1)];
  lineOf(same)?.focus({ preventScroll: true });
}

/** To the next or the previous line. @param {HTMLElement} list @param {number} by */
export function stepLines(list, by) {
  const lines = [...list.children];
  const here = document.activeElement?.closest?.("li");
  const index = lines.includes(here) ? lines.indexOf(here) + by : 0;
  lineOf(lines[Math.max(0, Math.min(index, lines.length - 1))])?.focus();
  return true;
}
