/** Writing to the API: an answer is never thrown away, a refusal is told as the server told it. */

/** @param {string} name */
const cookie = (name) => document.cookie.match(new RegExp(`(?:^|; )${name}=([^;]*)`))?.[1] ?? "";

/**
 * @param {string} path
 * @param {any} body JSON, or FormData
 * @returns {Promise<{ok: boolean, status: number, told: any}>} status 0: no answer came
 */
export const post = (path, body) => send("POST", path, body);

/** The same with an id of one's own in the path: safe to send again. @param {string} path @param {any} body */
export const put = (path, body) => send("PUT", path, body);

/** @param {string} method @param {string} path @param {any} body */
async function send(method, path, body) {
  const form = body instanceof FormData;
  const headers = { Accept: "application/json", "X-CSRFToken": cookie("csrftoken"), ...(form ? {} : { "Content-Type": "application/json" }) };
  const answer = await fetch(path, { method, headers, body: form ? body : JSON.stringify(body) }).catch(() => null);
  if (!answer) return { ok: false, status: 0, told: {} };
  const told = await answer.json().catch(() => ({}));
  return { ok: answer.ok, status: answer.status, told };
}
