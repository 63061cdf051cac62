/** Supervising a slow case: how severe, what is to be done, and by when it is answered. */
import { post } from "./post.js";

/**
 * @param {HTMLDialogElement} dialog a form with level, instruction and reply_by, and an alert
 * @param {{now: () => number, trouble: string, done?: () => void}} page
 * @returns {(number: string, levels?: string[]) => void} opens it for an incident; levels: those it may be raised to
 */
export function superviseDialog(dialog, { now, trouble, done }) {
  const form = dialog.querySelector("form");
  const alert = dialog.querySelector("[role=alert]");
  const { level, instruction, reply_by: replyBy } = form.elements;

  form.addEventListener("submit", async (event) => {
    if (event.submitter?.value === "cancel") return;
    event.preventDefault();
    const order = { level: level.value, instruction: instruction.value.trim(), reply_by: new Date(replyBy.value).toISOString() };
    const answer = await post(`/api/v1/incidents/${dialog.dataset.number}/supervision/`, order);
    if (answer.ok) {
      dialog.close();
      return done?.();
    }
    alert.textContent = answer.told.detail || trouble;
    alert.hidden = false;
  });
  return (number, levels) => {
    dialog.dataset.number = number;
    for (const one of level.options) one.disabled = Boolean(levels) && !levels.includes(one.value);
    level.value = levels?.[0] ?? level.options[0].value;
    instruction.value = "";
    alert.hidden = true;
    const tomorrow = new Date((now() + 86_400) * 1000);
    tomorrow.setMinutes(tomorrow.getMinutes() - tomorrow.getTimezoneOffset());
    replyBy.value = tomorrow.toISOString().slice(0, 16);
    dialog.showModal();
  };
}
