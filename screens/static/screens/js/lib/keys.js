/** Keys of a page: single letters act unless somebody is writing. */
import { element } from "./elements.js";

const WRITING = "input:not([type=checkbox]):not([type=radio]), select, textarea, dialog[open] *";

/**
 * @param {(key: string, event: KeyboardEvent) => boolean | undefined} act answers true where it took the key
 */
export function onKeys(act) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const writing = event.target.closest?.(WRITING);
    if (writing && event.key !== "Escape") return;
    if (document.querySelector("dialog[open]")) return;
    if (act(event.key, event)) event.preventDefault();
  });
}

/** @param {[string[], string][]} rows keys and what they do */
export function keyTable(rows) {
  const list = element("dl", "facts");
  for (const [keys, does] of rows) {
    const term = element("dt");
    for (const key of keys) term.append(element("kbd", "", key), " ");
    list.append(term, element("dd", "", does));
  }
  return list;
}

/**
 * The keys of a desk: the general ones where no case is open, all of them in the dialog.
 * @param {Record<string, string>} words @param {any[]} moves with key and label
 */
export function showDeskKeys(words, moves) {
  const general = [
    [["J", "K"], words.keyNext],
    [[words.enter], words.keyOpen],
    [[words.space], words.keySelect],
    [["Shift + A"], words.keyMany],
    [["Shift + N"], words.keyTake],
    [["/"], words.keySearch],
  ];
  const rest = [
    [[`Ctrl + ${words.enter}`], words.keySend],
    [["Esc"], words.keyEscape],
    [["?"], words.keyHelp],
  ];
  const own = moves.filter((one) => one.key).map((one) => [[one.key.toUpperCase()], one.label]);
  document.querySelector("#keys .keys").append(keyTable([...general, ...rest, ...own]));
  document.querySelector("#blank .keys").append(keyTable([...general, [["A", "D", "E", "R", "…"], words.keyMoves]]));
}
