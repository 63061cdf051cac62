/** A past day played again: what was open at each minute, as a picture after the other. */
import { fromRow, lampAt } from "./incidents.js";

const TOLD = 14; // the column of what was told, in a row of /board/day/

const STEP_MS = 200;

/**
 * An incident as it was at a moment: nobody knew then what became of it.
 * @param {import("./incidents.js").Incident} one @param {any[][]} told at, status, due, suspended @param {number} at
 */
export function asOf(one, told, at) {
  const last = told.findLast(([when]) => when <= at);
  if (!last) return { ...one, status: one.closed ? "REPORTED" : one.status, suspended: false };
  return { ...one, status: last[1], due: last[2], suspended: Boolean(last[3]) };
}

/** The figures of a past moment. @param {import("./incidents.js").Incident[]} open @param {number} at @param {number} midnight */
export function pastCounts(open, at, midnight) {
  const lamps = { red: 0, yellow: 0, green: 0 };
  for (const one of open) lamps[lampAt(one, at)] += 1;
  return { open: open.length, ...lamps, reported: open.filter((one) => one.reported >= midnight).length };
}

export class Player {
  /**
   * @param {any[][]} rows of /board/day/
   * @param {number} start midnight, in seconds
   * @param {(at: number, open: import("./incidents.js").Incident[]) => void} onMoment
   */
  constructor(rows, start, onMoment) {
    this.all = rows.map((row) => ({ one: fromRow(row), told: row[TOLD] ?? [] }));
    this.start = start;
    this.at = start;
    this.onMoment = onMoment;
    this.minutesPerStep = 10;
    this.timer = 0;
  }

  /** @param {number} minute 0 to 1440 */
  show(minute) {
    this.at = this.start + Math.min(Math.max(minute, 0), 1440) * 60;
    const open = this.all.filter(({ one }) => one.reported <= this.at && (!one.closed || one.closed > this.at));
    this.onMoment(
      this.at,
      open.map(({ one, told }) => asOf(one, told, this.at)),
    );
  }

  minute() {
    return Math.round((this.at - this.start) / 60);
  }

  playing() {
    return this.timer !== 0;
  }

  play() {
    if (this.minute() >= 1440) this.show(0);
    this.timer ||= setInterval(() => {
      this.show(this.minute() + this.minutesPerStep);
      if (this.minute() >= 1440) this.pause();
    }, STEP_MS);
  }

  pause() {
    clearInterval(this.timer);
    this.timer = 0;
  }
}

/**
 * Wire a form with the fields day, minute, play, leave and told to a player.
 * @param {HTMLFormElement} form
 * @param {{clock: any, now: () => number, words: {trouble: string, partly: string},
 *   load: (date: string) => Promise<{rows: any[][], whole: boolean}>,
 *   onMoment: (at: number, open: import("./incidents.js").Incident[], whole: boolean) => void, onLeave: () => void}} page
 */
export function replayPanel(form, page) {
  const { day, minute, play, leave: away, told } = form.elements;
  /** @type {Player | null} */
  let player = null;
  let asked = 0;
  let partly = ""; // said where the day has more than is shown

  function show(at, open) {
    minute.value = String(player.minute());
    told.textContent = page.clock.minute(at) + partly;
    play.textContent = play.dataset[player.playing() ? "pause" : "play"];
    page.onMoment(at, open, !partly);
  }

  async function load() {
    if (!day.value) return;
    const mine = ++asked;
    const found = await page.load(day.value).catch(() => null);
    if (mine !== asked) return; // another day is wanted by now, or none
    if (!found) told.textContent = page.words.trouble;
    if (!found) return;
    partly = found.whole ? "" : ` · ${page.words.partly.replace("{n}", String(found.rows.length))}`;
    player?.pause();
    player = new Player(found.rows, page.clock.midnight(Date.parse(`${day.value}T12:00:00Z`) / 1000), show);
    player.show(Number(minute.value) || 480);
  }

  function leave() {
    asked += 1;
    player?.pause();
    player = null;
    form.hidden = true;
    page.onLeave();
  }

  day.addEventListener("change", load);
  minute.addEventListener("input", () => player?.show(Number(minute.value)));
  play.addEventListener("click", () => {
    if (player?.playing()) player.pause();
    else player?.play();
    player?.show(player.minute());
  });
  away.addEventListener("click", leave);
  form.addEventListener("submit", (event) => event.preventDefault());
  return {
    leave,
    /** The filters have changed. */
    again: load,
    async enter() {
      form.hidden = false;
      day.max = page.clock.isoDate(page.now());
      day.value ||= page.clock.isoDate(page.now() - 86_400);
      await load();
    },
  };
}
