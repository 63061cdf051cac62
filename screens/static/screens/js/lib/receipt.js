/** What is read to the caller once the report is filed. */
import { element, facts, person } from "./elements.js";
import { seconds } from "./tray.js";

/** 260929 0000 005: read in groups, copied as it is. @param {string} number */
function grouped(number) {
  const made = element("span", "groups");
  for (const part of [number.slice(0, 6), number.slice(6, 10), number.slice(10)]) made.append(element("span", "", part));
  return made;
}

/**
 * @param {HTMLElement} box with .number, .told, .open and .joined inside
 * @param {any} answer of the server, and as `said` what became of "the same matter" @param {{words: any, clock: any}} manner
 */
export function showReceipt(box, answer, { words, clock }) {
  box.querySelector(".filed").replaceChildren(grouped(answer.number));
  box.querySelector(".filed").dataset.number = answer.number;
  box.querySelector(".told").replaceChildren(
    facts([
      [words.worker, person(answer.worker, words)],
      [words.cell, answer.cell?.name ?? words.none],
      [words.due, answer.due_at ? clock.moment(seconds(answer.due_at)) : ""],
      [words.hint, answer.assignment.hint],
    ]),
  );
  box.querySelector(".open").href = `/desk/?n=${answer.number}`;
  box.querySelector(".joined").textContent = answer.said ?? "";
  box.querySelector(".joined").hidden = !answer.said;
}
