/** The lists of posts: read once, and again when the page comes back into view. */
import { read } from "./lib/api.js";
import { element, told } from "./lib/elements.js";

const AGAIN_MS = 10_000;
const at = (id) => document.getElementById(id);
const [words, roles] = [told("words"), told("roles")];
const day = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium" });

function lineOf(row) {
  const line = element("li");
  if (row.ends_at) line.append(element("b", "", `${row.holder} · ${roles[row.role]}`), element("span", "", day.format(new Date(row.ends_at))), element("span", "", row.ground));
  else line.append(element("b", "", row.name), element("span", "", row.holder));
  return line;
}

function show(lists) {
  for (const panel of document.querySelectorAll("[data-list]")) {
    const rows = lists[panel.dataset.list];
    const badge = panel.querySelector(".badge");
    badge.textContent = String(rows.length);
    badge.hidden = !rows.length;
    panel.querySelector(".good")?.remove();
    panel.querySelector("ol").replaceChildren(...rows.map(lineOf));
    if (!rows.length) panel.append(element("p", "good", words.none));
  }
  at("loading").hidden = true;
  at("lists").hidden = false;
}

async function load() {
  const lists = await read("/api/v1/posts/gaps/").catch(() => null);
  at("trouble").hidden = Boolean(lists);
  if (lists) show(lists);
  else setTimeout(load, AGAIN_MS);
}

document.addEventListener("visibilitychange", () => document.hidden || load());
load();
