/** Lists and tables of the planner's page, made from what the server answers. */
import { fill, make } from "./dom.js";
import { STEPS } from "./plan-tools.js";

const language = document.documentElement.lang;
export const moment = new Intl.DateTimeFormat(language, { year: "numeric", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hour12: false });
const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
export const hectares = (area) => `${number.format(area / 10_000)} ha`;
export const when = (text) => (text ? moment.format(new Date(text)) : "");

/** @param {any} plan @param {any} words @param {(plan: any) => void} onOpen */
export function planLine(plan, words, onOpen) {
  return make("li", {}, make("button", { type: "button", "data-plan": plan.id, on: { click: () => onOpen(plan) } },
    make("span", { class: "what" }, plan.name),
    make("span", { class: `badge ${plan.status}` }, words[plan.status]),
    make("span", { class: "where" }, [plan.author, when(plan.effective_at ?? plan.created_at)].filter(Boolean).join(" · "))));
}

/** @param {any} cell feature @param {boolean} picked @param {(code: string, more: boolean) => void} onPick */
export function cellLine(cell, picked, onPick) {
  const told = cell.properties;
  return make("li", {}, make("button", { type: "button", "data-code": told.code, "aria-pressed": String(picked), on: { click: (event) => onPick(told.code, event.ctrlKey || event.metaKey || event.shiftKey) } },
    make("i", { class: `dot ${told.change}` }), make("span", { class: "what" }, told.name), make("span", { class: "code" }, told.code)));
}

/** @param {any} finding @param {any} words @param {(finding: any) => void} onLook */
export function findingLine(finding, words, onLook) {
  return make("li", { class: finding.level.toLowerCase() }, make("button", { type: "button", on: { click: () => onLook(finding) } },
    make("b", {}, words[finding.level]), make("span", { class: "text" }, finding.text), make("span", { class: "where" }, finding.cells.slice(0, 4).join(" "))));
}

/** @param {any} review @param {any} words */
export function reviewLine(review, words) {
  return make("li", {}, make("b", {}, words[review.decision] ?? review.decision), make("span", { class: "where" }, [review.by, when(review.at)].filter(Boolean).join(" · ")), review.comment && make("q", {}, review.comment));
}

const TOTALS = {
  changed_cells: (sum) => `${sum.changed} / ${sum.new} / ${sum.gone}`,
  moved_open: (sum) => number.format(sum.open_moved),
  moved_year: (sum) => number.format(sum.year_moved),
  moved_ground: (sum) => number.format(sum.area_m2_moved / 10_000),
  posts: (sum) => `${sum.posts_ending} / ${sum.posts_beginning}`,
  vacant: (sum) => number.format(sum.without_worker.length),
  doubled: (sum) => number.format(sum.with_two_cells.length),
  diagrams: (_sum, impact) => number.format(impact.diagrams.length),
};

/** @param {any} impact @param {any} words @param {(code: string) => void} onLook */
export function impactTable(impact, words, onLook) {
  const ground = (area) => (area ? number.format(area / 10_000) : "–");
  const pair = (row, name, show) => [make("td", {}, show(row[`${name}_before`])), make("td", {}, show(row[`${name}_after`]))];
  const group = (text) => make("th", { colSpan: 2, scope: "colgroup" }, text);
  return make("div", {},
    make("dl", { class: "totals" }, ...Object.entries(TOTALS).map(([name, show]) => make("div", {}, make("dt", {}, words[name]), make("dd", {}, show(impact.summary, impact))))),
    make("div", { class: "scroll" }, make("table", { class: "impact" },
      make("thead", {},
        make("tr", {}, make("th", { rowSpan: 2, scope: "col" }, words.cell), group(words.hectares), group(words.open_now), group(words.in_year)),
        make("tr", {}, ...[0, 1, 2].flatMap(() => [make("th", { scope: "col" }, words.before), make("th", { scope: "col" }, words.after)]))),
      make("tbody", {}, ...impact.cells.map((row) => make("tr", {},
        make("th", { scope: "row" }, make("button", { type: "button", class: "link", on: { click: () => onLook(row.code) } }, row.name || row.code)),
        ...pair(row, "area_m2", ground), ...pair(row, "open", number.format), ...pair(row, "year", number.format)))))));
}

const FIGURES = [["cv", percent], ["max_deviation", percent], ["moved_load", percent], ["moved_area", percent], ["compactness", number]];

/** @param {any} answer of a proposal @param {any} words @param {{look: (offer: any) => void, take: (offer: any) => void, close: () => void}} heard */
export function offersTable(answer, words, heard) {
  const head = (text) => make("th", { scope: "col" }, text);
  const show = (figures, [name, form]) => make("td", {}, form.format(name === "compactness" ? figures[name] * 100 : figures[name]));
  const row = (name, figures, ...last) => make("tr", {}, make("th", { scope: "row" }, name), ...FIGURES.map((one) => show(figures, one)), make("td", {}, make("div", { class: "acts" }, ...last)));
  return make("div", {},
    make("h2", {}, words.offers_title),
    make("button", { type: "button", class: "close", "aria-label": words.close, on: { click: heard.close } }, "×"),
    make("table", {}, make("thead", {}, make("tr", {}, head(""), ...FIGURES.map(([name]) => head(words[name])), head(""))),
      make("tbody", {}, row(words.now, answer.now), ...answer.proposals.map((offer) => row(words[offer.name], offer.figures,
        make("button", { type: "button", class: "plain", "data-look": offer.name, on: { click: () => heard.look(offer) } }, words.preview),
        make("button", { type: "button", class: "primary small", "data-take": offer.name, on: { click: () => heard.take(offer) } }, words.draw_in))))));
}

/** The card of chosen cells: the fields of one, or the count of several. */
export function chosenCard(cells, words, communities, may, act) {
  if (cells.length !== 1) return make("div", {}, make("b", {}, fill(words.chosen_count, { n: cells.length })), make("button", { type: "button", class: "plain", on: { click: () => act("look") } }, words.show));
  const told = cells[0].properties;
  const name = make("input", { value: told.name, maxLength: 120, disabled: !may, id: "cell-name" });
  const kind = make("select", { disabled: !may, id: "cell-kind" }, ...["GENERAL", "SPECIAL"].map((one) => make("option", { value: one, selected: one === told.kind }, words[one])));
  const home = make("select", { disabled: !may, id: "cell-home" }, ...communities.map((one) => make("option", { value: one.code, selected: one.code === told.community }, one.name)));
  const save = (event) => {
    event.preventDefault();
    if (name.value !== told.name || kind.value !== told.kind) act("RENAME", { cell: told.code, name: name.value, cell_kind: kind.value });
    else if (home.value !== told.community) act("REASSIGN", { cell: told.code, community: home.value });
  };
  return make("form", { on: { submit: save } },
    make("p", { class: "id" }, make("span", { class: "code" }, told.code), make("span", {}, told.area_m2 ? hectares(told.area_m2) : "")),
    make("label", { for: "cell-name" }, words.new_name), name,
    make("label", { for: "cell-kind" }, words.kind), kind,
    make("label", { for: "cell-home" }, words.community), home,
    make("div", { class: "acts" }, may && make("button", { class: "primary small" }, words.apply),
      may && make("button", { type: "button", class: "plain", on: { click: () => act("RECODE", { cell: told.code }) } }, words.recode),
      may && make("button", { type: "button", class: "plain", on: { click: () => act("RETIRE", { cell: told.code }) } }, words.retire),
      make("button", { type: "button", class: "plain", on: { click: () => act("look") } }, words.show)));
}

/** The printable page of a plan's impact. @param {Node} picture of the map */
export function impactSheet(plan, impact, findings, picture, words) {
  const printed = `${words.printed} ${when(new Date().toISOString())}`;
  const troubles = findings.map((one) => make("li", {}, `${words[one.level]}: ${one.text} ${one.cells.slice(0, 4).join(" ")}`));
  return [
    make("h1", {}, words.sheet_title),
    make("h2", {}, plan.name),
    make("p", { class: "soft" }, [words[plan.status], plan.author, printed, plan.content_hash.slice(0, 12)].filter(Boolean).join(" · ")),
    picture,
    impactTable(impact, words, () => {}),
    make("ul", {}, ...troubles),
  ];
}

/** What may be done with a plan now. @param {(name: string, decision: string, comment: string, time: string) => void} onStep */
export function stepsForm(plan, words, onStep) {
  const may = { draws: plan.may.draw, reviews: plan.may.review, publishes: plan.may.publish };
  const steps = (STEPS[plan.status] ?? []).filter(([, , who]) => may[who]);
  const waits = plan.status === "SUBMITTED" && !plan.may.review;
  const wait = make("p", { class: "soft" }, plan.may.publish ? words.other_approves : words.waits);
  if (!steps.length) return waits ? [wait] : [];
  const comment = make("textarea", { maxLength: 2000, placeholder: words.comment, "aria-label": words.comment });
  const time = make("input", { type: "datetime-local", "aria-label": words.moment });
  const main = (name) => ["submit", "approve", "publish", "revert"].includes(name);
  const button = ([name, decision]) => make("button", { type: "button", class: main(name) ? "primary small" : "plain", "data-step": name, on: { click: () => onStep(name, decision, comment.value, time.value) } }, words[name]);
  const timed = steps.some(([name]) => name === "schedule");
  return [comment, ...(timed ? [make("label", {}, words.moment, " ", time)] : []), make("div", { class: "acts" }, ...steps.map(button)), ...(waits ? [wait] : [])];
}

/** What a tool asks beside a drawing; null where there is nothing to ask. */
export function taskField(name, cells, communities, words) {
  const choice = (pairs) => make("select", { name }, ...pairs.map(([value, text]) => make("option", { value }, text)));
  if (name === "name") return make("label", {}, words.new_name, make("input", { name, maxLength: 120 }));
  if (name === "into") return make("label", {}, choice(cells.map(({ properties: told }) => [told.code, told.name])), words.merge_into);
  if (name === "across") return make("label", {}, make("input", { name, type: "checkbox" }), words.across);
  return cells.length > 1 ? null : make("label", {}, words.community, choice(communities.map((one) => [one.code, one.name])));
}
