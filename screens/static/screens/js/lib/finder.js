/** A search box with a list of what was found: arrow keys, Enter, Escape. */
import { element } from "./elements.js";
import { post } from "./post.js";

const WAIT_MS = 250;

/** A line that cannot be chosen. @param {string} text */
function heading(text) {
  const line = element("li", "group", text);
  line.setAttribute("role", "presentation");
  return line;
}

/**
 * @param {HTMLInputElement} input role combobox, aria-controls the list
 * @param {HTMLElement} list role listbox
 * @param {(text: string) => Promise<{group: string, title: string, hint: string, act: () => void}[]>} find
 * @param {string} nothing said where nothing was found
 * @param {number} [least] letters before it looks; with 0 all there is stands open as soon as one enters
 * @returns {() => Promise<void>} look now
 */
export function finder(input, list, find, nothing, least = 2) {
  let found = [];
  let current = -1;
  let timer = 0;
  let asked = 0;
  let stale = false; // something was typed since the list was made

  function shut() {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
    current = -1;
  }

  function mark(index) {
    current = index;
    list.querySelectorAll("[role=option]").forEach((line, i) => {
      line.setAttribute("aria-selected", String(i === index));
      if (i !== index) return;
      input.setAttribute("aria-activedescendant", line.id);
      line.scrollIntoView({ block: "nearest" });
    });
  }

  function take(index) {
    const one = found[index];
    if (!one) return;
    shut();
    one.act();
  }

  function draw() {
    const lines = [];
    let group = "";
    found.forEach((one, i) => {
      if (one.group !== group) lines.push(heading(one.group));
      group = one.group;
      const line = element("li", "found");
      line.id = `${list.id}-${i}`;
      line.setAttribute("role", "option");
      line.append(element("span", "", one.title), element("span", "soft", one.hint));
      line.addEventListener("mousedown", (event) => {
        event.preventDefault();
        take(i);
      });
      lines.push(line);
    });
    if (!found.length) lines.push(heading(nothing));
    list.replaceChildren(...lines);
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(found.length ? 0 : -1);
  }

  async function look() {
    const text = input.value.trim();
    if (text.length < least) return shut();
    const mine = ++asked;
    const answer = await find(text).catch(() => []);
    if (mine !== asked) return;
    stale = false;
    found = answer;
    draw();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    stale = true;
    timer = setTimeout(look, WAIT_MS);
  });
  input.addEventListener("blur", () => {
    clearTimeout(timer);
    asked += 1;
    shut();
  });
  if (!least) for (const event of ["focus", "click"]) input.addEventListener(event, () => list.hidden && look());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") shut();
    if (event.key === "Enter") {
      event.preventDefault();
      clearTimeout(timer);
      if (list.hidden) look();
      else if (stale) look().then(() => stale || take(0));
      else take(Math.max(current, 0));
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.hidden || !found.length) return;
    event.preventDefault();
    mark((current + step + found.length) % found.length);
  });
  return look;
}

/**
 * Look for incidents by number, people by name, places by address; where one of them does not answer,
 * what the other knows.
 * @param {string} text
 * @param {Record<string, string>} words
 * @param {{incident: (one: any) => void, cell: (code: string) => void, place: (spot: number[]) => void}} go
 */
export async function lookUp(text, words, go) {
  const or = (nothing) => () => nothing;
  const isNumber = /^\d+$/.test(text);
  const unknown = { incidents: [], workers: [] };
  const nowhere = { candidates: [] };
  const [known, places] = await Promise.all([
    post("/api/v1/board/search/", { q: text }).then(({ ok, told }) => (ok ? told : unknown), or(unknown)),
    isNumber ? nowhere : post("/api/v1/locate/", { address: text }).then(({ ok, told }) => (ok ? told : nowhere), or(nowhere)),
  ]);
  return [
    ...known.incidents.map((one) => ({ group: words.incidents, title: one.number, hint: `${one.category_name} · ${one.cell_name ?? words.none}`, act: () => go.incident(one) })),
    ...known.workers.map((one) => ({ group: words.workers, title: `${one.name} ${one.phone}`, hint: one.cell_name, act: () => go.cell(one.cell_code) })),
    ...(places.candidates ?? []).map((one) => ({ group: words.places, title: one.name, hint: "", act: () => go.place([one.lon, one.lat]) })),
  ];
}
