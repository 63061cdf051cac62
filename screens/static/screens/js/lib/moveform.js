/** The form of a move, made from its row in the table of moves: what it needs, and nothing else. */
import { button, element } from "./elements.js";

const MANY = 12;
let made = 0;

/** A labelled control. @returns {HTMLElement} with the control as `.control` */
function field(name, label, control, help = "") {
  const box = element("div", "field");
  control.id = `move-${name}-${++made}`;
  control.name = name;
  const title = element("label", "", label);
  title.htmlFor = control.id;
  box.append(title, control);
  if (help) box.append(element("span", "help", help));
  box.dataset.field = name;
  return box;
}

function input(type, wanted = {}) {
  const control = element("input");
  control.type = type;
  for (const [name, value] of Object.entries(wanted)) if (value !== undefined && value !== null) control.setAttribute(name, String(value));
  return control;
}

function area(required, value = "") {
  const control = element("textarea");
  control.required = required;
  control.maxLength = 2000;
  control.rows = 2;
  control.value = value;
  return control;
}

function choice(rows, first, required) {
  const control = element("select");
  control.required = required;
  const none = element("option", "", first);
  none.value = "";
  control.append(none);
  for (const [value, label] of rows) {
    const option = element("option", "", label);
    option.value = value;
    control.append(option);
  }
  return control;
}

function officeGroups(control, offices, proposed, words) {
  const shown = new Set(proposed.map((one) => one.code));
  const groups = [[words.proposed, offices.filter((one) => shown.has(one.code))]];
  for (const level of ["DEPARTMENT", "TOWN", "COMMUNITY", "DISTRICT"]) groups.push([words[level], offices.filter((one) => one.level === level && !shown.has(one.code))]);
  const keep = control.value;
  const lists = groups
    .filter(([, own]) => own.length)
    .map(([name, own]) => {
      const group = element("optgroup");
      group.label = name;
      for (const one of own) {
        const option = element("option", "", one.above ? `${one.name}（${one.above}）` : one.name);
        option.value = one.code;
        group.append(option);
      }
      return group;
    });
  const none = element("option", "", words.choose);
  none.value = "";
  control.replaceChildren(none, ...lists);
  control.value = [...control.options].some((one) => one.value === keep) ? keep : "";
}

/** Which office: a list in groups, and above it a box that shortens it. */
function officeField({ words, proposed, offices }) {
  const control = element("select");
  control.required = true;
  const box = field("to", words.to, control);
  officeGroups(control, [], [], words);
  offices().then((found) => {
    officeGroups(control, found, proposed, words);
    if (found.length <= MANY) return;
    const filter = input("search", { placeholder: words.filter, "aria-label": words.filter, autocomplete: "off" });
    filter.addEventListener("input", () => {
      const left = found.filter((one) => one.name.includes(filter.value.trim()));
      officeGroups(control, left, proposed, words);
      if (left.length === 1) control.value = left[0].code;
    });
    box.insertBefore(filter, control);
    if (document.activeElement === control) filter.focus();
  });
  return box;
}

function otherField({ words, likely }) {
  const control = input("text", { required: "", inputmode: "numeric", pattern: "\\d{13}", maxlength: 13, autocomplete: "off" });
  const box = field("other", words.other, control);
  const list = element("datalist");
  list.id = `${control.id}-list`;
  for (const one of likely) {
    const option = element("option");
    option.value = one.number;
    option.label = one.category_name;
    list.append(option);
  }
  control.setAttribute("list", list.id);
  box.append(list);
  return box;
}

/** Departments to tick, those that are proposed first. */
function departmentsField({ words, proposed, offices }) {
  const box = element("fieldset", "field ticks");
  box.dataset.field = "departments";
  box.append(element("legend", "", words.departments));
  const likely = new Set(proposed.map((one) => one.code));
  offices().then((found) => {
    for (const one of found.toSorted((a, b) => Number(likely.has(b.code)) - Number(likely.has(a.code)))) {
      const line = element("label", "check");
      line.append(input("checkbox", { name: "departments", value: one.code }), element("span", "", one.name));
      box.append(line);
    }
  });
  return box;
}

function categoryField({ words, fillCategories }) {
  const control = choice([], words.choose, true);
  fillCategories(control);
  return field("category", words.category, control);
}

const WANTED = {
  answer: ({ words }) => field("answer", words.answer, area(false)),
  departments: departmentsField,
  category: categoryField,
  place: ({ words }) => field("place", words.meetingPlace, input("text", { required: "", maxlength: 120 })),
  hour: ({ words, tomorrow }) => field("hour", words.hourToCome, input("datetime-local", { required: "", value: `${tomorrow}T10:00` })),
  description: ({ words }) => field("description", words.words, area(true)),
  to: officeField,
  other: otherField,
  cell: ({ words, required }) => field("cell", words.toCell, input("text", { ...(required ? { required: "" } : {}), inputmode: "numeric", maxlength: 20 })),
  workdays: ({ words, required, asked }) => field("workdays", words.workdays, input("number", { min: 1, max: 60, value: asked, ...(required ? { required: "" } : {}) })),
  until: ({ words, tomorrow }) => field("until", words.until, input("date", { min: tomorrow, required: "" })),
  photo: ({ words, needsPhoto }) => field("photo", words.photo, input("file", { accept: "image/jpeg,image/png,image/webp", ...(needsPhoto ? { "data-needed": "" } : {}) })),
};

function answerFields({ words, tables }) {
  const reasons = tables.given.map((one) => [one, tables.unanswered[one]]);
  const answer = field("answer", words.answer, area(false));
  const why = field("unanswered", words.unanswered, choice(reasons, words.answerGiven, false));
  return [answer, why];
}

function closingField({ words, tables }, closings) {
  const said = closings.filter((one) => ["MISTAKEN", "SPECIAL"].includes(one));
  const counted = said.length < closings.length;
  return field("closing", words.closing, choice(said.map((one) => [one, tables.closings[one]]), counted ? words.byClock : words.choose, !counted));
}

/** Whether a move can be made with one key: nothing has to be said. */
export const needsNothing = (move, row) => !row.note && !row.wants.length && !row.answers && !move.optional.length;

/** What was put into a form, without what was left empty. @param {HTMLFormElement} form */
function valuesOf(form) {
  const values = {};
  for (const control of form.elements) {
    if (!control.name || control.type === "file" || !control.value.trim()) continue;
    if (control.type === "checkbox") {
      if (control.checked) values[control.name] = [...(values[control.name] ?? []), control.value];
      continue;
    }
    values[control.name] = control.type === "number" ? Number(control.value) : control.value.trim();
  }
  return values;
}

/**
 * @param {any} move of the table, with label, key, optional
 * @param {any} row of the move: note, wants, answers, closings
 * @param {any} given words, tables, note, proposed, offices(), likely, asked, tomorrow, needsPhoto
 * @param {{send: (values: any, file: File | null) => void, cancel: () => void}} acts
 * @returns {HTMLFormElement}
 */
export function moveForm(move, row, given, acts) {
  const form = /** @type {HTMLFormElement} */ (element("form", "panel stack move"));
  const parts = row.wants.map((name) => WANTED[name]({ ...given, required: true }));
  if (row.answers) parts.push(...answerFields(given));
  if (row.closings.length) parts.push(closingField(given, row.closings));
  const { words } = given;
  parts.push(field("note", row.note ? words.note : words.noteOptional, area(row.note, given.note)));
  parts.push(...move.optional.map((name) => WANTED[name]({ ...given, required: false })));
  const trouble = element("p", "error");
  trouble.setAttribute("role", "alert");
  trouble.hidden = true;
  const send = element("button", "primary", `${words.send} · ${move.label}`);
  const foot = element("div", "bar");
  foot.append(send, button(words.cancel, words.cancel, acts.cancel), element("span", "soft", "Ctrl + Enter"));
  const heading = element("h2", "", move.label);
  form.setAttribute("aria-label", move.label);
  form.append(heading, ...parts, trouble, foot);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTroubles(form);
    acts.send(valuesOf(form), form.elements.photo?.files?.[0] ?? null);
  });
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  return form;
}

/** Take away what was said at the fields. @param {HTMLFormElement} form */
export function clearTroubles(form) {
  for (const control of form.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const text of form.querySelectorAll(".field .error")) text.remove();
  form.querySelector("p.error").hidden = true;
}

/**
 * Say at the fields what the server did not like; what fits no field is said below.
 * @param {HTMLFormElement} form @param {any} problem RFC 9457
 */
export function showTroubles(form, problem) {
  let left = problem.errors?.length ? "" : problem.detail;
  for (const { field: name, detail } of problem.errors ?? []) {
    const box = form.querySelector(`[data-field="${name}"]`);
    if (!box) {
      left = detail;
      continue;
    }
    const control = box.querySelector("select, textarea, input:not([type=search])");
    control.setAttribute("aria-invalid", "true");
    box.append(element("span", "error", detail));
    control.focus();
  }
  const text = form.querySelector("p.error");
  text.textContent = left ?? "";
  text.hidden = !left;
}

/**
 * A refusal in words: who was faster, and what is allowed now.
 * @param {number} status @param {any} problem @param {any} manner words, tables, clock
 */
export function refusalText(status, problem, { words, tables, clock }) {
  const { last, allowed = [] } = problem;
  const names = tables.moves.filter((one) => allowed.includes(one.name)).map((one) => one.label);
  const told = { who: last?.by, kind: tables.kinds[last?.kind] ?? last?.kind, time: clock.minute(Date.parse(last?.at) / 1000) };
  const faster = Object.entries(told).reduce((text, [name, value]) => text.replace(`{${name}}`, value), words.faster);
  const conflict = last?.by ? faster : words.conflict;
  return [status === 409 ? conflict : problem.detail, names.join(" · ")].filter(Boolean).join(" ");
}
