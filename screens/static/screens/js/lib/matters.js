/** Admission of new matters: what waits for a decision, what was decided, and the forms of both. */
import { read } from "./api.js";
import { fill } from "./dom.js";
import { button, element, redraw } from "./elements.js";
import { post } from "./post.js";
import { seconds } from "./tray.js";

const PATH = "/api/v1/matters/";
const COLOURS = { ASKED: "yellow", ADMITTED: "green", DECLINED: "red" };
let made = 0;

function field(label, control, name) {
  const [box, title] = [element("div", "field"), element("label", "", label)];
  Object.assign(control, { id: `matter-${name}-${++made}`, name });
  title.htmlFor = control.id;
  box.append(title, control);
  return box;
}

/** What a department asks for: the end makes it temporary. @param {(values: any) => void} ask */
function askForm(departments, { words }, ask) {
  const [fold, form] = [element("details", "panel ask"), element("form", "stack")];
  fold.dataset.id = "ask";
  const [owner, name, end] = [element("select"), element("input"), element("input")];
  for (const one of departments) owner.append(new Option(one.name, one.code));
  Object.assign(name, { type: "text", required: true, maxLength: 80 });
  end.type = "date";
  form.append(field(words.owner, owner, "owner"), field(words.matterName, name, "name"), field(words.endsOn, end, "end"));
  const bar = element("div", "bar");
  bar.append(element("button", "primary", words.ask));
  form.append(bar);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const until = end.value && new Date(`${end.value}T23:59:59`).toISOString();
    ask({ owner: owner.value, name: name.value.trim(), ...(until ? { temporary: true, valid_until: until } : {}) });
  });
  fold.append(element("summary", "", words.askTitle), form);
  return fold;
}

/** @param {(admit: boolean, opinion: string) => void} decide */
function decisionForm({ words }, decide) {
  const [form, opinion, bar] = [element("form", "stack"), element("textarea"), element("div", "bar")];
  Object.assign(opinion, { name: "opinion", required: true, maxLength: 2000, placeholder: words.opinion });
  opinion.setAttribute("aria-label", words.opinion);
  const act = (admit) => () => form.reportValidity() && decide(admit, opinion.value.trim());
  bar.append(button(words.admit, words.admit, act(true), "primary small"), button(words.decline, words.decline, act(false), "danger small"));
  form.append(opinion, bar);
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function matterLine(one, manner, decide) {
  const { words, clock, tables } = manner;
  const moment = (text) => clock.moment(seconds(text));
  const line = element("li", "stack");
  line.dataset.id = `matter ${one.id}`;
  const head = element("p", "bar");
  head.append(element("b", "", one.name), element("span", `badge ${COLOURS[one.state]}`, tables.matterStates[one.state]));
  if (one.temporary) head.append(element("span", `badge ${one.expired ? "red" : "blue"}`, fill(one.expired ? words.expired : words.until, { time: clock.isoDate(seconds(one.valid_until)) })));
  line.append(head, element("p", "soft", [one.owner, one.asked_by, moment(one.asked_at)].filter(Boolean).join(" · ")));
  if (one.decided_at) line.append(element("p", "said", one.opinion), element("p", "soft", [one.decided_by, moment(one.decided_at)].filter(Boolean).join(" · ")));
  if (one.may_decide) line.append(decisionForm(manner, (admit, opinion) => decide(one, { admit, opinion })));
  return line;
}

function section(title, rows, none, lines) {
  const box = element("section", "panel");
  const head = element("h2", "", title);
  head.append(" ", element("b", "badge", rows.length));
  const list = element("ol", "matters");
  list.append(...lines);
  box.append(head, list);
  if (!rows.length) box.append(element("p", "soft", none));
  return box;
}

/**
 * The panel of matters.
 * @param {HTMLElement} panel @param {any} manner words, clock, tables
 * @param {{say: (text: string, kind: string) => void, changed: () => Promise<void>}} page
 * @returns {{load: () => Promise<number>}} draws it anew, answers how many wait for a decision
 */
export function mattersPanel(panel, manner, { say, changed }) {
  const { words } = manner;
  let drawn = false;

  async function send(path, values, done) {
    const answer = await post(path, values);
    if (!answer.ok) return say(answer.told.errors?.[0]?.detail ?? answer.told.detail ?? words.failed, "error");
    drawn = false; // what was written is sent
    await changed();
    say(done, "good");
  }

  async function load() {
    const told = await read(PATH);
    const decide = (one, values) => send(`${PATH}${one.id}/decision/`, values, fill(values.admit ? words.admitted : words.declined, { name: one.name }));
    const lines = (rows) => rows.map((one) => matterLine(one, manner, decide));
    const waiting = told.matters.filter((one) => one.state === "ASKED");
    const decided = told.matters.filter((one) => one.state !== "ASKED");
    const ask = told.departments.length ? [askForm(told.departments, manner, (values) => send(PATH, values, words.asked))] : [];
    redraw(panel, [...ask, section(words.toDecide, waiting, words.noneToDecide, lines(waiting)), section(words.decided, decided, words.noneDecided, lines(decided))], drawn);
    drawn = true;
    return waiting.length;
  }
  return { load };
}
