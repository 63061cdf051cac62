/** How one case looks on the desk: its head, facts, steps, timeline, what belongs to it. */
import { button, element, facts, lampMark, person } from "./elements.js";
import { badges, rest, seconds } from "./tray.js";

/** @param {any} sheet @param {any} manner @param {number} at seconds */
export function headOf(sheet, manner, at) {
  const { words, clock, tables, categoryName } = manner;
  const title = element("h1");
  title.append(lampMark(sheet.lamp, words[sheet.lamp]), element("span", "", categoryName(sheet.category)));
  const line = element("p", "bar under");
  const open = !sheet.closed_at;
  line.append(element("span", "number", sheet.number), element("span", `badge ${open ? "blue" : "green"}`, tables.statuses[sheet.status]), ...badges(sheet, manner));
  for (const name of ["shirks", "reopenings"]) if (sheet.counts[name]) line.append(element("span", "badge yellow", words[name].replace("{n}", String(sheet.counts[name]))));
  if (open && sheet.due_at) line.append(element("span", `rest ${sheet.lamp}`, `${words.dueWhole} ${clock.moment(seconds(sheet.due_at))} · ${rest(sheet.due_at, at, manner)}`));
  return [title, line];
}

/** @param {any} sheet @param {any} manner @param {(number: string) => void} open */
export function factsOf(sheet, manner, open) {
  const { words, clock, tables } = manner;
  const moment = (text) => (text ? clock.moment(seconds(text)) : "");
  const needs = ["photo", "verify", "call"].filter((name) => sheet.needs[name]).map((name) => words[name]);
  const merged = sheet.merged_into && button(sheet.merged_into, sheet.merged_into, () => open(sheet.merged_into), "link-like");
  return facts([
    [words.words, sheet.description],
    [words.address, sheet.address],
    [words.cell, sheet.cell_name ?? words.none],
    [words.worker, person(sheet.worker, words)],
    [words.located, tables.reasons[sheet.reason]],
    [words.occurred, moment(sheet.occurred_at)],
    [words.reported, [moment(sheet.reported_at), tables.channels[sheet.channel]].filter(Boolean).join(" · ")],
    [words.needs, needs.join(" · ")],
    [words.mergedInto, merged],
    [words.closed, moment(sheet.closed_at)],
    [words.closing, tables.closings[sheet.closing]],
    [words.answer, sheet.answer || tables.unanswered[sheet.unanswered]],
  ]);
}

function clockOf(part, manner, at) {
  const { words, tables, clock } = manner;
  const own = part.clock;
  if (!own || own.stopped_at || part.ended_at) return null;
  const line = element("p", "clock");
  line.append(lampMark(own.lamp, words[own.lamp]), element("span", "", tables.stages[own.stage]));
  if (own.suspended_at) line.append(element("span", "badge", words.stopped));
  else if (own.due_at) line.append(element("span", `rest ${own.lamp}`, `${clock.moment(seconds(own.due_at))} · ${rest(own.due_at, at, manner)}`));
  return line;
}

/** The steps of the case, the newest first. */
export function partLines(sheet, manner, at) {
  const { words, clock, tables } = manner;
  return sheet.parts.toReversed().map((part) => {
    const line = element("li", part.ended_at ? "over" : "running");
    const head = element("p", "bar");
    head.append(element("b", "", part.office.name));
    if (part.role !== "LEAD") head.append(element("span", "badge blue", tables.roles[part.role]));
    head.append(element("span", `badge ${part.ended_at ? "" : "yellow"}`, part.ended_at ? tables.outcomes[part.outcome] : tables.states[part.state]));
    const from = clock.moment(seconds(part.opened_at));
    const time = part.ended_at ? words.ended.replace("{from}", from).replace("{to}", clock.moment(seconds(part.ended_at))) : words.opened.replace("{time}", from);
    head.append(element("span", "soft when", time));
    line.append(head);
    for (const one of sheet.extensions) {
      if (one.part === part.id && one.state === "ASKED") line.append(element("p", "soft", `${words.asked.replace("{n}", String(one.wanted))} · ${one.asked_by}`));
    }
    const running = clockOf(part, manner, at);
    if (running) line.append(running);
    return line;
  });
}

function detailsOf(event, { words, tables, clock }) {
  const { wanted, granted, until, other, closing, unanswered, offices, hour, score } = event.details ?? {};
  const days = granted ?? wanted;
  const call = [offices, hour && clock.moment(seconds(hour)), score && `${words.score} ${score}`];
  return [...call, days && `${days} ${words.workdays}`, until, other, tables.closings[closing], tables.unanswered[unanswered]].filter(Boolean).join(" · ");
}

/** The timeline, the newest line first. */
export function timelineLines(events, manner) {
  const { clock, tables } = manner;
  return events.toReversed().map((event) => {
    const line = element("li");
    line.dataset.kind = event.kind;
    const way = event.to_office && event.to_office !== event.office ? [event.office, event.to_office].filter(Boolean).join(" → ") : event.office;
    line.append(element("b", "", tables.kinds[event.kind] ?? event.kind), element("time", "", clock.moment(seconds(event.at))));
    const who = [event.actor, event.post, way].filter(Boolean).join(" · ");
    if (who) line.append(element("p", "soft", who));
    for (const text of [detailsOf(event, manner), event.note]) if (text) line.append(element("p", "said", text));
    return line;
  });
}

/** @param {any[]} attachments */
export function fileLines(attachments, { words, clock }) {
  if (!attachments.length) return [element("li", "soft", words.noFiles)];
  return attachments.map((one) => {
    const line = element("li");
    const link = element("a");
    link.href = one.address;
    link.target = "_blank";
    link.rel = "noopener";
    if (one.media_type.startsWith("image/")) {
      const picture = element("img");
      picture.src = one.address;
      picture.alt = "";
      picture.loading = "lazy";
      link.append(picture);
    }
    link.append(element("span", "", one.name));
    line.append(link, element("span", "soft", `${one.added_by} · ${clock.moment(seconds(one.added_at))}`));
    return line;
  });
}

/** Cases that belong to this one or may. @param {(number: string) => void} open */
export function otherCases(sheet, manner, open) {
  const { words, tables, categoryName } = manner;
  const made = [];
  for (const name of ["similar", "duplicates", "related"]) {
    if (!sheet[name].length) continue;
    const list = element("ul", "others");
    for (const one of sheet[name]) {
      const line = element("li");
      const far = one.distance === undefined ? "" : words.metres.replace("{n}", String(Math.round(one.distance)));
      line.append(button(one.number, one.number, () => open(one.number), "link-like"), element("span", "", categoryName(one.category)), element("span", "badge", tables.statuses[one.status]), element("span", "soft", [far, one.description].filter(Boolean).join(" · ")));
      list.append(line);
    }
    made.push(element("h2", "", words[name]), list);
  }
  return made;
}

/**
 * Who reported, masked, and the way to open it.
 * @param {any} sheet @param {(reason: string) => void} reveal
 */
export function contactsOf(sheet, { words }, reveal) {
  const rows = sheet.contacts.map((one) => {
    const line = element("p", "bar");
    line.append(element("b", "", one.name || "–"), element("span", "number", one.phone), element("span", "", one.mail), element("span", "badge", words.masked));
    return line;
  });
  const form = element("form", "bar");
  const reason = element("input");
  Object.assign(reason, { type: "text", required: true, minLength: 4, maxLength: 200, placeholder: words.reason });
  reason.setAttribute("aria-label", words.reason);
  form.append(reason, element("button", "small", words.reveal));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    reveal(reason.value);
  });
  return [...rows, form];
}

/** The call after closing that waits. @param {(values: any) => void} record */
export function callForm(sheet, { words, clock, tables }, record) {
  const form = element("form", "panel stack");
  const result = element("select");
  result.setAttribute("name", "result");
  for (const [value, label] of Object.entries(tables.results)) {
    const option = element("option", "", label);
    option.value = value;
    result.append(option);
  }
  const note = element("input");
  Object.assign(note, { type: "text", name: "note", maxLength: 2000, placeholder: words.callNote });
  note.setAttribute("aria-label", words.callNote);
  result.setAttribute("aria-label", words.callResult);
  const line = element("div", "bar");
  line.append(result, note, element("button", "primary", words.record));
  form.append(element("h2", "", `${words.callTitle} · ${words.callDue.replace("{time}", clock.moment(seconds(sheet.call.due_at)))}`), line);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    record({ result: result.value, note: note.value });
  });
  return form;
}

/** A contact that was opened. @param {{name: string, phone: string, mail: string}} contact */
export function openContact({ name, phone, mail }) {
  const line = element("p", "bar open-contact");
  const call = element("a", "number", phone);
  call.href = `tel:${phone}`;
  line.append(element("b", "", name || "–"), call, element("span", "", mail));
  return line;
}
