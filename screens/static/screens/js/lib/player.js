/** A past day played again: what was open at each minute, as a picture after the other. */
import { fromRow } from "./incidents.js";

const STEP_MS = 200;

export class Player {
  /**
   * @param {any[][]} rows of /board/day/
   * @param {number} start midnight, in seconds
   * @param {(at: number, open: import("./incidents.js").Incident[]) => void} onMoment
   */
  constructor(rows, start, onMoment) {
    this.all = rows.map(fromRow);
    this.start = start;
    this.at = start;
    this.onMoment = onMoment;
    this.minutesPerStep = 10;
    this.timer = 0;
  }

  /** @param {number} minute 0 to 1440 */
  show(minute) {
    this.at = this.start + Math.min(Math.max(minute, 0), 1440) * 60;
    const open = this.all.filter((one) => one.reported <= this.at && (!one.closed || one.closed > this.at));
    this.onMoment(this.at, open);
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
 * @param {{clock: any, now: () => number, load: (date: string) => Promise<any[][]>,
 *   onMoment: (at: number, open: import("./incidents.js").Incident[]) => void, onLeave: () => void}} page
 */
export function replayPanel(form, page) {
  const { day, minute, play, leave: away, told } = form.elements;
  /** @type {Player | null} */
  let player = null;

  function show(at, open) {
    minute.value = String(player.minute());
    told.textContent = page.clock.minute(at);
    play.textContent = play.dataset[player.playing() ? "pause" : "play"];
    page.onMoment(at, open);
  }

  async function load() {
    if (!day.value) return;
    const rows = await page.load(day.value);
    player?.pause();
    player = new Player(rows, page.clock.midnight(Date.parse(`${day.value}T12:00:00Z`) / 1000), show);
    player.show(Number(minute.value) || 480);
  }

  function leave() {
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
    async enter() {
      form.hidden = false;
      day.max = page.clock.isoDate(page.now());
      day.value ||= page.clock.isoDate(page.now() - 86_400);
      await load();
    },
  };
}
