/** Sound and flash for what cannot wait. Sound is off until somebody switches it on. */

const KEPT = "gridkeeper.sound";

export class Alarm {
  /** @param {HTMLElement} flashed gets the class "alarm" for some seconds */
  constructor(flashed) {
    this.flashed = flashed;
    this.on = localStorage.getItem(KEPT) === "on";
    this.context = null;
    this.timer = 0;
    this.calling = 0;
  }

  /** @returns {boolean} whether there is sound now */
  toggle() {
    this.on = !this.on;
    localStorage.setItem(KEPT, this.on ? "on" : "off");
    if (this.on) this.#beep(1);
    return this.on;
  }

  #ring() {
    if (this.on) this.#beep(3);
    this.flashed.classList.remove("alarm");
    void this.flashed.offsetWidth; // so that the animation starts again
    this.flashed.classList.add("alarm");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flashed.classList.remove("alarm"), 6000);
  }

  /**
   * What to do with an urgent case.
   * @param {HTMLElement} line @param {import("./incidentviews.js").Manner} manner
   * @param {number} forMs @param {(one: any) => void} [act] on a press
   */
  caller(line, { words, categoryName }, forMs, act = () => {}) {
    return (one) => {
      const text = words.urgentCall.replace("{category}", categoryName(one.category)).replace("{cell}", one.cellName ?? words.none);
      this.#call(line, text, forMs, () => act(one));
    };
  }

  /** Ring, and show a line for a while. */
  #call(line, text, forMs, act) {
    this.#ring();
    line.textContent = text;
    line.hidden = false;
    line.onclick = act;
    clearTimeout(this.calling);
    this.calling = setTimeout(() => {
      line.hidden = true;
    }, forMs);
  }

  /** Two falling tones, as often as wanted. @param {number} times */
  #beep(times) {
    this.context ??= new AudioContext();
    void this.context.resume();
    for (let i = 0; i < times * 2; i++) {
      const begin = this.context.currentTime + i * 0.28;
      const tone = this.context.createOscillator();
      const loudness = this.context.createGain();
      tone.frequency.value = i % 2 ? 660 : 880;
      loudness.gain.setValueAtTime(0.0001, begin);
      loudness.gain.exponentialRampToValueAtTime(0.25, begin + 0.03);
      loudness.gain.exponentialRampToValueAtTime(0.0001, begin + 0.25);
      tone.connect(loudness).connect(this.context.destination);
      tone.start(begin);
      tone.stop(begin + 0.26);
    }
  }
}
