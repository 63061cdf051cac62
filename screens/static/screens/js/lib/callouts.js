/** Calls from below on the page of a case: each department's answer, arrival and score. */
import { button, element } from "./elements.js";
import { seconds } from "./tray.js";

const SCORES = [1, 2, 3, 4, 5];

/** What a department has said or done so far. */
function stateOf(one, { words, clock }) {
  if (one.arrived_at) return element("span", "badge green", words.arrived.replace("{time}", clock.moment(seconds(one.arrived_at))));
  if (one.agrees === null) return element("span", "badge yellow", words.notAnswered);
  return one.agrees ? element("span", "badge blue", words.agreed) : element("span", "badge red", words.refusedToCome);
}

/** It agrees at once, and refuses only with a reason. */
function answerForm(one, { words }, act) {
  const form = element("form", "bar");
  const reason = element("input");
  Object.assign(reason, { type: "text", name: "reason", required: true, maxLength: 500, placeholder: words.whyNot });
  reason.setAttribute("aria-label", words.whyNot);
  const agree = button(words.agree, words.agree, () => act(one.id, "answer", { agrees: true }), "small primary");
  agree.dataset.act = "agree";
  form.append(agree, reason, element("button", "small", words.refuseToCome));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(one.id, "answer", { agrees: false, reason: reason.value.trim() });
  });
  return form;
}

function arriveButton(one, { words }, act) {
  const made = button(words.seenArrive, words.seenArrive, () => act(one.id, "arrival", {}), "small");
  made.dataset.act = "arrive";
  return made;
}

function scoreButtons(one, { words }, act) {
  const group = element("span", "bar");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", words.score);
  group.append(element("span", "soft", words.score));
  for (const score of SCORES) {
    const own = button(`${words.score} ${score}`, String(score), () => act(one.id, "score", { score }), "small");
    own.dataset.score = String(score);
    group.append(own);
  }
  return group;
}

const CONTROLS = { answer: answerForm, arrive: arriveButton, score: scoreButtons };

function departmentLine(one, manner, act) {
  const line = element("li");
  line.dataset.id = String(one.id);
  line.append(element("b", "", one.department), stateOf(one, manner));
  if (one.score) line.append(element("span", "badge", `${manner.words.score} ${one.score}`));
  if (one.reason) line.append(element("span", "soft", one.reason));
  line.append(...one.acts.map((name) => CONTROLS[name](one, manner, act)));
  return line;
}

/** Who called takes it back, with a reason. */
function cancelForm(call, { words }, act) {
  const [fold, form, reason] = [element("details"), element("form", "bar"), element("input")];
  Object.assign(reason, { type: "text", name: "reason", required: true, maxLength: 500, placeholder: words.whyCancelled });
  reason.setAttribute("aria-label", words.whyCancelled);
  form.append(reason, element("button", "small", words.cancelCall));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    act(call.id, "cancel", { reason: reason.value.trim() });
  });
  fold.append(element("summary", "soft", words.cancelCall), form);
  return fold;
}

/** @param {any} call @param {any} manner */
function cancelledLine(call, { words, clock }) {
  const line = element("p", "said");
  const when = words.cancelledAt.replace("{time}", clock.moment(seconds(call.cancelled_at)));
  line.append(element("span", "badge", when), ` ${call.cancel_reason} `, element("span", "soft", call.cancelled_by));
  return line;
}

/**
 * The calls of a case, the newest first; nothing where there is none.
 * @param {any} sheet @param {any} manner words, clock
 * @param {(path: string, values: any) => void} record
 */
export function calloutLines(sheet, manner, record) {
  const act = (called, what, values) => record(`/api/v1/called/${called}/${what}/`, values);
  const cancel = (call, what, values) => record(`/api/v1/callouts/${call}/${what}/`, values);
  const { words, clock } = manner;
  if (!sheet.callouts.length) return [];
  const calls = sheet.callouts.map((call) => {
    const box = element("div", `stack callout${call.cancelled_at ? " cancelled" : ""}`);
    box.dataset.id = `call ${call.id}`; // a department of it has a number of its own
    const head = element("p");
    head.append(element("b", "", `${clock.moment(seconds(call.hour))} · ${call.place}`), element("span", "soft", ` ${call.office} · ${call.called_by}`));
    const list = element("ul", "others");
    list.append(...call.called.map((one) => departmentLine(one, manner, act)));
    box.append(head, element("p", "said", call.matter), list);
    if (call.cancelled_at) box.append(cancelledLine(call, manner));
    if (call.may_cancel) box.append(cancelForm(call, manner, cancel));
    return box;
  });
  return [element("h2", "", words.callouts), ...calls];
}
