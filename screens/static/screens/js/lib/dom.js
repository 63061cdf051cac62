/** Making elements in one call. */

/**
 * @param {string} tag @param {Record<string, any>} [set] properties, `class`, `on` or attributes
 * @param {...(Node | string | null | false)} inside
 * @returns {any}
 */
export function make(tag, set = {}, ...inside) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(set)) {
    if (name === "class") made.className = value;
    else if (name === "on") for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    else if (name in made && name !== "list") made[name] = value;
    else made.setAttribute(name, value);
  }
  made.append(...inside.filter((one) => one !== null && one !== false && one !== undefined));
  return made;
}

/** @param {string} pattern with {names} @param {Record<string, any>} values */
export const fill = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
