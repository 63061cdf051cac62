/** One open plan: its state and cells as the server last told them, and what is asked of it. */
import { plans } from "./plans.js";
import { nearest, snapIndex } from "./snap.js";
import { EDITABLE } from "./plan-tools.js";

/** Cells with a tint by community and no null where the map expects text. */
export function tinted(features) {
  for (const { properties: told } of features) {
    told.community ??= told.community_code;
    told.change ??= "";
    told.tint = Number(told.community?.slice(-3)) || 0;
  }
  return features;
}

export class PlanSession {
  constructor() {
    this.plan = null;
    /** @type {Map<string, any>} */
    this.cells = new Map();
    this.known = null;
  }

  get open() {
    return this.plan !== null;
  }

  get mayDraw() {
    return this.open && this.plan.may.draw && EDITABLE.includes(this.plan.status);
  }

  async load(id) {
    const [plan, found] = await Promise.all([plans.one(id), plans.cells(id)]);
    this.plan = plan;
    this.take(tinted(found.features));
  }

  close() {
    this.plan = null;
  }

  /** @param {any[]} features */
  take(features) {
    this.cells = new Map(features.map((cell) => [cell.properties.code, cell]));
    this.known = null;
  }

  /** Ask for one change; the answer holds the changed cells only. @param {() => Promise<any>} call */
  async change(call) {
    const answer = await call();
    for (const code of answer.gone) this.cells.delete(code);
    for (const cell of tinted(answer.cells.features)) this.cells.set(cell.properties.code, cell);
    this.known = null;
    this.plan = await plans.one(this.plan.id);
    return answer.edit.cells;
  }

  edit(kind, parameters) {
    return this.change(() => plans.edit(this.plan, kind, parameters));
  }

  undo() {
    return this.change(() => plans.undo(this.plan));
  }

  redo() {
    return this.change(() => plans.redo(this.plan));
  }

  /** Vertices and borders of all cells, made when first needed after a change. */
  get index() {
    this.known ??= snapIndex(this.cells.values());
    return this.known;
  }

  /** @param {any} map @param {[number, number]} place @param {number} pixels */
  nearest(map, place, pixels) {
    return nearest(this.index, place, (lon, lat) => map.project([lon, lat]), pixels);
  }

  /** Communities of the cells, by name. */
  get communities() {
    const found = new Map();
    for (const { properties: told } of this.cells.values()) found.set(told.community, told.community_name);
    return [...found].map(([code, name]) => ({ code, name })).sort((a, b) => a.code.localeCompare(b.code));
  }
}
