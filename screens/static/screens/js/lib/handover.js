/** The handover note: everything open of some offices on paper, for the next shift. */
import { element } from "./elements.js";
import { rest, seconds } from "./tray.js";

const LAMPS = ["red", "yellow", "green"];

function table(rows, manner, at) {
  const { words, clock, tables, categoryName } = manner;
  const made = element("table", "table");
  const head = element("tr");
  for (const name of ["number", "category", "place", "words", "office", "status", "due", "rest"]) head.append(element("th", "", words[name]));
  const top = element("thead");
  top.append(head);
  const body = element("tbody");
  for (const one of rows) {
    const line = element("tr");
    const marks = [one.urgent && words.urgent, one.legacy && words.legacy].filter(Boolean).join(" ");
    const place = [one.cell_name ?? words.none, one.address].filter(Boolean).join(" ");
    for (const text of [one.number, [categoryName(one.category), marks].filter(Boolean).join(" · "), place, one.description, one.office_name, tables.states[one.state], clock.moment(seconds(one.due_at)), rest(one.due_at, at, manner)]) line.append(element("td", "", text));
    body.append(line);
  }
  made.append(top, body);
  return made;
}

/**
 * @param {any} tray rows and figures of everything open
 * @param {{office: string, text: string, who: string}} told
 * @param {any} manner @param {number} at seconds
 * @returns {HTMLElement[]}
 */
export function handoverNote(tray, told, manner, at) {
  const { words, clock } = manner;
  const title = element("h1", "", `${told.office} ${words.handover}`);
  const figures = LAMPS.map((lamp) => `${words[lamp]} ${tray.figures[lamp]}`).join(" · ");
  const moment = `${clock.date(at)} ${clock.minute(at)}`;
  const made = [title, element("p", "", `${words.printed.replace("{time}", moment)} · ${words.open} ${words.total.replace("{n}", String(tray.figures.total))} · ${figures}`)];
  if (told.text) made.push(element("h2", "", words.told), element("p", "said", told.text));
  for (const lamp of LAMPS) {
    const own = tray.rows.filter((one) => one.lamp === lamp);
    if (own.length) made.push(element("h2", "", `${words[lamp]} · ${words.total.replace("{n}", String(own.length))}`), table(own, manner, at));
  }
  const foot = element("p", "sign");
  foot.append(element("span", "", `${words.by}：${told.who}`), element("span", "", `${words.taken}：`));
  made.push(foot);
  return made;
}
