/** What is open, as a screen can hold it: all of it, or the newest of very many. */
import { read } from "./api.js";
import { asQuery } from "./filters.js";
import { Picture } from "./incidents.js";

export class Board extends Picture {
  constructor() {
    super();
    /** All open incidents are here; otherwise those the server picked by the filters. */
    this.whole = true;
    /** The rows are all there are of what was asked for, though perhaps by filters. */
    this.complete = false;
    this.asked = 0;
    this.behind = 0; // since when something has happened that the rows do not show
  }

  /** Something happened that can only be seen by loading again. */
  pass() {
    this.behind ||= Date.now();
  }

  /** The moment of which the picture is. @param {number} heard what the stream has told, in milliseconds */
  seen(heard) {
    return this.behind ? Math.min(this.behind, heard) : heard;
  }

  /**
   * @param {Record<string, any>} wanted filters; they matter only where not everything fits
   * @param {number[] | null} box west, south, east, north
   * @returns {Promise<string>} the position from which the live stream goes on
   */
  async load(wanted, box = null) {
    const query = this.whole ? "" : asQuery({ ...wanted, bbox: box?.join(",") });
    const mine = ++this.asked;
    const missed = this.behind;
    this.behind = 0;
    const answer = await read(`/api/v1/board/open/?${query}`).catch((error) => {
      this.behind = missed || this.behind;
      throw error;
    });
    if (this.whole && !answer.whole) {
      this.whole = false;
      return this.load(wanted, box);
    }
    if (mine !== this.asked) return answer.position; // something else is wanted by now
    this.complete = answer.whole;
    this.fill(answer.rows);
    return answer.position;
  }
}
