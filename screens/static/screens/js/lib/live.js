/**
 * The live stream: every event once, in order, also after sleep, a lost line, a restarted server.
 *
 * The stream is opened behind a position (that of a snapshot) and opened again behind the last one
 * heard. What was heard before is dropped, so that no message is told twice.
 */

const RETRY_MS = 2000;
const SILENT_MS = 35_000; // the server tells its clock every 10 seconds
const WATCH_MS = 5000;
const GROUND_MS = 3000; // within so long all screens ask for the new cells, not all at once

/**
 * @param {string} base address of the live process, or "" for the page's host on the next port
 * @returns {string}
 */
export function liveAddress(base) {
  if (base) return `${base}/live`;
  const { protocol, hostname, port } = window.location;
  const own = Number(port || (protocol === "https:" ? 443 : 80));
  return `${protocol}//${hostname}:${own + 1}/live`;
}

/**
 * Follow the stream until the page is left.
 * @param {string} address
 * @param {string | number} after the position to go on from; "" for from now on
 * @param {{onIncident: (message: any) => void, onState: (state: "live" | "waiting" | "lost") => void,
 *   onReset?: () => void, onGround?: () => void}} page onGround: other cells are in force; onReset: the picture is of another database, or of a viewer who may
 *   see something else by now: take a new one
 * @returns {{position: () => string, heard: () => number, stop: () => void}} heard: the moment, in
 *   milliseconds, of which the picture is; the server tells when it last saw the database
 */
export function follow(address, after, { onIncident, onState, onReset, onGround }) {
  let position = String(after ?? "");
  let heard = Date.now();
  let spoke = Date.now(); // when anything came, or was tried; the picture may be older
  let ground = ""; // version of the cells in force
  let source = null;
  let timer = 0;

  function take(event) {
    spoke = heard = Date.now();
    if (event.lastEventId && position && Number(event.lastEventId) <= Number(position)) return;
    position = event.lastEventId || position;
    onIncident(JSON.parse(event.data));
  }

  function stand(told) {
    if (ground && told.ground && told.ground !== ground) setTimeout(() => onGround?.(), Math.random() * GROUND_MS);
    ground = told.ground || ground;
  }

  function tell(event) {
    const told = JSON.parse(event.data);
    stand(told);
    spoke = Date.now();
    position = event.lastEventId || position;
    if (told.fresh_at) heard = Date.now() - (Date.parse(told.now) - Date.parse(told.fresh_at));
  }

  function open() {
    clearTimeout(timer);
    source?.close();
    spoke = Date.now();
    const query = position ? `?after=${encodeURIComponent(position)}` : "";
    source = new EventSource(address + query, { withCredentials: true });
    source.addEventListener("open", () => onState("live"));
    source.addEventListener("incident", take);
    source.addEventListener("clock", tell);
    source.addEventListener("ground", (event) => stand(JSON.parse(event.data)));
    source.addEventListener("reset", () => (onReset ?? (() => window.location.reload()))());
    source.addEventListener("error", lose);
  }

  function lose() {
    source?.close();
    onState("lost");
    clearTimeout(timer);
    timer = setTimeout(open, RETRY_MS * (0.75 + Math.random() / 2));
  }

  // A line that was cut while the machine slept says nothing, not even an error; nor does one that
  // hangs while it connects.
  const watch = setInterval(() => {
    if (Date.now() - spoke > SILENT_MS && source?.readyState !== EventSource.CLOSED) lose();
  }, WATCH_MS);
  const wake = () => {
    if (!document.hidden && source?.readyState !== EventSource.OPEN) open();
  };
  document.addEventListener("visibilitychange", wake);
  window.addEventListener("online", wake);
  open();
  return {
    position: () => position,
    heard: () => heard,
    stop() {
      clearTimeout(timer);
      clearInterval(watch);
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("online", wake);
      source?.close();
    },
  };
}
