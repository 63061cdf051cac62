/** One line that says what happened: read aloud, and with a button to put it away. */
import { button, element } from "./elements.js";

/**
 * @param {HTMLElement} line @param {string} close accessible name
 * @returns {{say: (text: string, kind: "good" | "error" | "", act?: HTMLElement) => void, quiet: () => void}}
 */
export function notice(line, close) {
  const quiet = () => {
    line.hidden = true;
  };
  return {
    quiet,
    say(text, kind, act) {
      line.className = `notice bar ${kind}`;
      line.setAttribute("role", kind === "error" ? "alert" : "status");
      line.replaceChildren(element("span", "", text), element("span", "spring"), ...(act ? [act] : []), button(close, "×", quiet, "icon quiet small"));
      line.hidden = !text;
    },
  };
}
