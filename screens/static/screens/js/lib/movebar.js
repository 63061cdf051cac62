/** The buttons of the moves that are allowed, with their keys. */
import { element } from "./elements.js";

/**
 * @param {any} sheet its parts say which moves are allowed
 * @param {any} manner words, tables
 * @param {(move: any, row: any, part: any) => void} choose
 * @returns {{bars: HTMLElement[], keys: Map<string, () => void>}}
 */
export function moveBar(sheet, manner, choose) {
  const { words, tables } = manner;
  const keys = new Map();
  const able = sheet.parts.filter((part) => part.moves.length);
  const bars = able.map((part) => {
    const bar = element("div", "bar");
    bar.dataset.id = String(part.id);
    if (able.length > 1) bar.append(element("span", "soft", `${part.office.name} · ${tables.roles[part.role]}`));
    const more = element("div", "bar");
    for (const move of tables.moves) {
      const row = part.moves.includes(move.name) && move.rows.find((one) => one.states.includes(part.state) && one.roles.includes(part.role));
      if (!row) continue;
      const aside = move.aside || (row.closings.length > 0 && !row.closings.includes("NORMAL"));
      const act = () => {
        more.closest("details")?.removeAttribute("open");
        choose(move, row, part);
      };
      const first = !bar.querySelector(".primary") && !aside;
      const own = element("button", first ? "primary" : "", move.label);
      own.type = "button";
      own.dataset.move = move.name;
      if (move.key && !keys.has(move.key)) {
        keys.set(move.key, act);
        own.append(element("kbd", "", move.key.toUpperCase()));
        own.setAttribute("aria-keyshortcuts", move.key);
      }
      own.addEventListener("click", act);
      (aside ? more : bar).append(own);
    }
    if (more.children.length) bar.append(folded(words.moreMoves, more));
    return bar;
  });
  if (!able.length) bars.push(element("p", "soft", words.noMoves));
  return { bars, keys };
}

function folded(name, content) {
  const box = element("details", "more");
  box.append(element("summary", "button", name), content);
  return box;
}
