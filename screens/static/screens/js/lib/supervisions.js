/** The supervision of a case on its page: what was ordered, by whom, until when, and the reply. */
import { button, element } from "./elements.js";
import { rest, seconds } from "./tray.js";

const CARDS = { YELLOW: "YELLOW_CARD", RED: "RED_CARD" }; // a level -> the line of the timeline that names it
const COLOURS = { YELLOW: "yellow", RED: "red" };

/** A box to write in and a button that sends it. @param {(text: string) => void} send */
function wordsForm(label, name, sendName, send, className) {
  const [form, box] = [element("form", "stack"), element("textarea")];
  Object.assign(box, { name, required: true, maxLength: 2000, placeholder: label });
  box.setAttribute("aria-label", label);
  const go = element("button", className, sendName);
  const bar = element("div", "bar");
  bar.append(go);
  form.append(box, bar);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!box.value.trim()) return box.focus();
    send(box.value.trim());
  });
  box.addEventListener("keydown", (event) => event.key === "Enter" && event.ctrlKey && form.requestSubmit());
  return form;
}

function headOf(one, { words, clock, tables }) {
  const head = element("p", "bar");
  head.append(element("span", `badge ${COLOURS[one.level] ?? ""}`, tables.kinds[CARDS[one.level] ?? one.level]), element("b", "", one.office));
  head.append(element("span", "soft", tables.stages[one.stage]), element("span", "soft when", `${one.actor ?? words.byRules} · ${clock.moment(seconds(one.at))}`));
  return head;
}

/** Until when it is answered; nothing once it is, or where the rules spoke. */
function waitsOf(one, manner, at) {
  const { words, clock } = manner;
  if (!one.reply_by || one.replied_at || one.cancelled_at) return [];
  const late = seconds(one.reply_by) < at;
  return [element("p", `rest ${late ? "red" : ""}`, `${words.replyBy.replace("{time}", clock.moment(seconds(one.reply_by)))} · ${rest(one.reply_by, at, manner)}`)];
}

function saidOf(one, { words, clock }) {
  const made = [];
  if (one.instruction) made.push(element("p", "said", one.instruction));
  if (one.reply) {
    const reply = element("p", "said reply");
    reply.append(element("b", "", `${words.reply} · ${clock.moment(seconds(one.replied_at))}`), element("span", "", one.reply));
    made.push(reply);
  }
  if (one.cancelled_at) {
    const line = element("p", "said");
    line.append(element("span", "badge", words.cancelledAt.replace("{time}", clock.moment(seconds(one.cancelled_at)))), ` ${one.cancel_reason}`);
    made.push(line);
  }
  return made;
}

/**
 * The supervision of a case, the newest first; nothing where there is none and none can be given.
 * @param {any} sheet @param {any} manner words, clock, tables @param {number} at seconds
 * @param {{record: (path: string, values: any) => void, supervise: (number: string, levels: string[]) => void}} acts
 */
export function supervisionLines(sheet, manner, at, { record, supervise }) {
  const { words } = manner;
  if (!sheet.supervisions.length && !sheet.levels.length) return [];
  const head = element("div", "bar");
  head.append(element("h2", "", words.supervision), element("span", "spring"));
  if (sheet.levels.length) head.append(button(words.supervise, words.supervise, () => supervise(sheet.number, sheet.levels), "small"));
  const lines = sheet.supervisions.map((one) => {
    const box = element("div", `stack callout supervision${one.cancelled_at ? " cancelled" : ""}`);
    box.dataset.id = `supervision ${one.id}`;
    const send = (what) => (text) => record(`/api/v1/supervision/${one.id}/${what}/`, { text });
    box.append(headOf(one, manner), ...saidOf(one, manner), ...waitsOf(one, manner, at));
    if (one.acts.includes("reply")) box.append(wordsForm(words.whatWasDone, "reply", words.sendReply, send("reply"), "primary"));
    if (one.acts.includes("cancel")) {
      const fold = element("details");
      fold.append(element("summary", "soft", words.cancelSupervision), wordsForm(words.whyCancelled, "reason", words.cancelSupervision, send("cancel"), "small"));
      box.append(fold);
    }
    return box;
  });
  return [head, ...lines];
}
