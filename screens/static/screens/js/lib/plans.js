/** Boundary plans over HTTP. Every answer that is no 2xx becomes a Refusal with its place. */

const ROOT = "/api/v1";

/** What the server said no to. status: HTTP; told: the problem document. */
export class Refusal extends Error {
  /** @param {number} status @param {any} told */
  constructor(status, told) {
    super(told?.detail || told?.title || String(status));
    this.status = status;
    this.told = told ?? {};
  }
}

const cookie = (name) => document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? "";

/**
 * @param {string} method @param {string} path below the API @param {any} [body]
 * @param {Record<string, string>} [headers] @param {AbortSignal} [signal]
 */
async function send(method, path, body, headers = {}, signal = undefined) {
  const form = body instanceof FormData;
  const answer = await fetch(ROOT + path, {
    method,
    signal,
    headers: {
      Accept: "application/json",
      "X-CSRFToken": cookie("csrftoken"),
      ...(form || body === undefined ? {} : { "Content-Type": "application/json" }),
      ...headers,
    },
    body: form || body === undefined ? body : JSON.stringify(body),
  });
  if (!answer.ok) throw new Refusal(answer.status, await answer.json().catch(() => null));
  return answer;
}

const ask = async (method, path, body, headers) => (await send(method, path, body, headers)).json();

/** Lines of JSON while the server works: the share done, at last the answer. */
async function follow(path, body, signal, onShare) {
  const answer = await send("POST", path, body, {}, signal);
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("the answer broke off");
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.map((one) => JSON.parse(one))) {
      if (line.answer) return line.answer;
      onShare(line.share);
    }
  }
}

const at = (plan) => ({ "If-Match": `"${plan.sequence}"` });

export const plans = {
  list: (status = "") => ask("GET", `/plans/${status ? `?status=${status}` : ""}`),
  begin: (name, district) => ask("POST", "/plans/", { name, district }),
  read: (form) => ask("POST", "/plans/import/", form),
  one: (id) => ask("GET", `/plans/${id}/`),
  cells: (id) => ask("GET", `/plans/${id}/cells/`),
  edit: (plan, kind, parameters) => ask("POST", `/plans/${plan.id}/edits/`, { kind, ...parameters }, at(plan)),
  undo: (plan) => ask("POST", `/plans/${plan.id}/undo/`, {}, at(plan)),
  redo: (plan) => ask("POST", `/plans/${plan.id}/redo/`, {}, at(plan)),
  rebase: (plan) => ask("POST", `/plans/${plan.id}/rebase/`, {}, at(plan)),
  checks: (id) => ask("GET", `/plans/${id}/checks/`),
  impact: (id) => ask("GET", `/plans/${id}/impact/`),
  step: (plan, decision, more) => ask("POST", `/plans/${plan.id}/steps/`, { decision, content_hash: plan.content_hash, ...more }),
  publish: (plan) => ask("POST", `/plans/${plan.id}/publish/`, { content_hash: plan.content_hash }),
  revert: (plan, note) => ask("POST", `/plans/${plan.id}/revert/`, { note }),
  exportAddress: (id, format) => `${ROOT}/plans/${id}/export/?as=${format}`,
  versions: (district) => ask("GET", `/versions/?district=${district}`),
  cellsAt: (moment, area) => ask("GET", `/cells/?area=${area}${moment ? `&at=${encodeURIComponent(moment)}` : ""}`),
  offer: (plan, wish, signal, onShare) => follow(`/plans/${plan.id}/proposals/`, wish, signal, onShare),
  draw: (plan, wish) => ask("POST", `/plans/${plan.id}/proposals/draw/`, wish, at(plan)),
};
