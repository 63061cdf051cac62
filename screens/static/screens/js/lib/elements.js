/** Making elements without HTML text: what people wrote can never become markup. */

/**
 * @param {string} tag
 * @param {string} [className]
 * @param {string | number | null} [text]
 * @returns {HTMLElement}
 */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined && text !== null) made.textContent = String(text);
  return made;
}

/** @param {string} lamp @param {string} name read aloud and shown on hover */
export function lampMark(lamp, name) {
  const mark = element("i", `lamp ${lamp}`);
  mark.title = name;
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", name);
  return mark;
}

/**
 * A list of facts; rows without a value are left out.
 * @param {[string, string | Node | null | undefined][]} rows
 */
export function facts(rows) {
  const list = element("dl", "facts");
  for (const [name, value] of rows) {
    if (value === null || value === undefined || value === "") continue;
    const told = element("dd");
    told.append(value);
    list.append(element("dt", "", name), told);
  }
  return list;
}

/** @param {string} name accessible name @param {string} text @param {() => void} act */
export function button(name, text, act, className = "") {
  const made = element("button", className, text);
  made.type = "button";
  if (name !== text) made.setAttribute("aria-label", name);
  made.addEventListener("click", act);
  return made;
}

/** A control is known by its name, within the nearest thing that has an id of its own. */
const keyOf = (control) => `${control.closest("[data-id]")?.dataset.id ?? ""} ${control.name || control.tagName}`;

/**
 * Draw the inside of a box anew. Where it shows the same thing as before, what somebody opened,
 * wrote or has the cursor in stays: news from elsewhere take nothing out of one's hands.
 * @param {HTMLElement} box @param {HTMLElement[]} content @param {boolean} same
 */
export function redraw(box, content, same) {
  const held = box.contains(document.activeElement) ? keyOf(document.activeElement) : null;
  const before = new Map([...box.querySelectorAll("input, textarea, select, details")].map((one) => [keyOf(one), one]));
  box.replaceChildren(...content);
  if (!same) return;
  for (const one of box.querySelectorAll("input, textarea, select, details")) {
    const kept = before.get(keyOf(one));
    if (!kept) continue;
    if ("open" in one) one.open = kept.open;
    else one.value = kept.value;
    if (held === keyOf(one)) one.focus({ preventScroll: true });
  }
}

/** Fill a panel; without content it is hidden. @param {HTMLElement} panel @param {HTMLElement[]} content @param {boolean} [same] */
export function fillPanel(panel, content, same = false) {
  redraw(panel, content, same);
  panel.hidden = !content.length;
}

/** The JSON of a <script type="application/json">. @param {string} id */
export const told = (id) => JSON.parse(document.getElementById(id).textContent);

/** Whom to call, with a number to tap. @param {{name: string, phone: string} | null} worker @param {any} words */
export function person(worker, words) {
  if (!worker) return words.nobody;
  const place = element("span", "", `${worker.name} `);
  const phone = element("a", "", worker.phone);
  phone.href = `tel:${worker.phone}`;
  place.append(phone);
  return place;
}
