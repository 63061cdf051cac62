/** What is read to the caller once the report is filed. */
import { element, facts } from "./elements.js";
import { seconds } from "./tray.js";

/** 260929 0000 005: read in groups, copied as it is. @param {string} number */
function grouped(number) {
  const made = element("span", "groups");
  for (const part of [number.slice(0, 6), number.slice(6, 10), number.slice(10)]) made.append(element("span", "", part));
  return made;
}

function person(worker, words) {
  if (!worker) return words.nobody;
  const place = element("span", "", `${worker.name} `);
  const phone = element("a", "", worker.phone);
  phone.href = `tel:${worker.phone}`;
  place.append(phone);
  return place;
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
