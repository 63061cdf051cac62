/** The sign that says whether the picture is live, and how old it is. */
import { now } from "./time.js";

const OLD_S = 40; // a picture older than this is not live, whatever the line says

export class LiveSign {
  /**
   * @param {{link: HTMLElement, stale: HTMLElement, clock: HTMLElement | null, ages?: Iterable<HTMLElement>}} places
   *   link has the words in data-live, data-waiting, data-lost, data-replay; ages tell the moment of the picture
   * @param {Record<string, string>} words ago, stale, and asOf where there are ages
   * @param {any} clock
   */
  constructor(places, words, clock) {
    Object.assign(this, { places, words, clock });
    this.state = "waiting";
    this.heard = () => Date.now();
    this.past = null;
    setInterval(() => this.show(), 1000);
    this.show();
  }

  /** @param {"live" | "waiting" | "lost"} state */
  turn(state) {
    this.state = state;
    this.show();
  }

  /** A past moment is shown, on purpose. @param {number | null} past seconds */
  replay(past) {
    this.past = past;
    this.show();
  }

  show() {
    const { link, stale, clock } = this.places;
    const age = (Date.now() - this.heard()) / 1000;
    const state = this.state === "live" && age > OLD_S ? "lost" : this.state;
    const sign = this.past === null ? state : "replay";
    const ago = sign === "live" && age >= 1 ? ` · ${this.words.ago.replace("{span}", this.clock.span(age))}` : "";
    link.className = `link ${sign}`;
    link.textContent = link.dataset[sign] + ago;
    if (clock) clock.textContent = `${this.clock.date(now())} ${this.clock.second(now())}`;
    if (sign !== "waiting") this.#tellAge(sign === "lost");
    stale.hidden = sign !== "lost";
    if (!stale.hidden) stale.textContent = this.words.stale.replace("{time}", this.clock.second(this.heard() / 1000)).replace("{span}", this.clock.span(age));
  }

  /** @returns {string} of which moment the picture is */
  dated() {
    const pictured = this.past ?? this.heard() / 1000;
    const time = this.past === null ? this.clock.second(pictured) : this.clock.moment(pictured);
    return this.words.asOf.replace("{time}", time).replace("{span}", this.clock.span(now() - pictured));
  }

  #tellAge(lost) {
    for (const one of this.places.ages ?? []) {
      one.textContent = this.dated();
      one.classList.toggle("error", lost);
    }
  }
}
