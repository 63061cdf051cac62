/**
 * What a screen knows about incidents: the snapshot, and every difference since.
 *
 * @typedef {{number: string, lon: number | null, lat: number | null, status: string, category: string,
 *   cell: string | null, cellName: string | null, community: string | null, reported: number,
 *   due: number | null, closed: number | null, urgent: boolean,
 *   departments: string[], suspended: boolean}} Incident times in seconds
 */

export const OPEN = ["REPORTED", "HANDLING", "RESOLVED", "REWORK"];
/** It has left what the viewer sees; nothing more is told of it. */
export const GONE = "GONE";
const seconds = (text) => (text ? Date.parse(text) / 1000 : null);

/**
 * The same rule as incidents/deadlines.py: yellow from 7/10 of the time on, red when it is over; green
 * while the time stands still.
 * @param {{reported: number, due: number | null, suspended?: boolean}} one @param {number} now seconds
 */
export function lampAt(one, now) {
  if (!one.due || one.suspended || now < one.reported + (one.due - one.reported) * 0.7) return "green";
  return now <= one.due ? "yellow" : "red";
}

/** A row of /board/open/ or /board/day/. @param {any[]} row @returns {Incident} */
export function fromRow(row) {
  const [number, lon, lat, status, category, cell, community, reported, due, closed, urgent, cellName, departments, suspended] = row;
  return { number, lon, lat, status, category, cell, community, reported, due, closed, urgent: Boolean(urgent), cellName, departments, suspended: Boolean(suspended) };
}

/** A message of the live stream. @param {any} told @returns {Incident} */
export function fromMessage(told) {
  const { number, lon, lat, status, category, cell, community } = told;
  const times = { reported: seconds(told.reported_at), due: seconds(told.due_at), closed: null };
  return { number, lon, lat, status, category, cell, community, ...times, urgent: Boolean(told.urgent), cellName: told.cell_name ?? null, departments: told.departments ?? [], suspended: Boolean(told.suspended) };
}

/** Something that cannot wait: reported as urgent, or marked so by whoever saw it. @param {any} told a message */
export const isCall = (told) => Boolean(told.urgent) && ["REPORTED", "URGENT"].includes(told.kind);

/** An answer of /incidents/{number}/, which tells no point. @param {any} told @returns {Incident} */
export function fromDetail(told) {
  const times = { reported: seconds(told.reported_at), due: seconds(told.due_at), closed: null };
  const place = { lon: null, lat: null, cell: told.cell?.code ?? null, cellName: told.cell?.name ?? null, community: null };
  return { number: told.number, status: told.status, category: told.category, ...place, ...times, urgent: Boolean(told.urgent), departments: [], suspended: Boolean(told.suspended) };
}

/** @param {Incident} one @param {number} now @returns {any} GeoJSON feature */
export function asFeature(one, now) {
  return {
    type: "Feature",
    geometry: { type: "Point", coordinates: [one.lon, one.lat] },
    properties: { number: one.number, lamp: lampAt(one, now), urgent: one.urgent },
  };
}

/**
 * Does an incident pass the filters of the page?
 * @param {any} wanted status, lamp, category, area, cell, department, since (seconds)
 * @param {number} now
 * @returns {(one: Incident) => boolean}
 */
export function passing(wanted, now) {
  const { status, lamp, category, area, cell, department, since } = wanted;
  return (one) =>
    (!status || one.status === status) &&
    (!lamp || lampAt(one, now) === lamp) &&
    (!category || one.category.startsWith(category)) &&
    (!area || (one.community ?? "").startsWith(area)) &&
    (!cell || one.cell === cell) &&
    (!department || one.departments.includes(department)) &&
    (!since || one.reported >= since);
}

/** @param {[number, number, number, number]} box @returns {(one: Incident) => boolean} */
export const inside = ([west, south, east, north]) => (one) =>
  one.lon !== null && one.lon >= west && one.lon <= east && one.lat >= south && one.lat <= north;

/** The open incidents of a screen. */
export class Picture {
  constructor() {
    /** @type {Map<string, Incident>} */
    this.open = new Map();
  }

  /** @param {any[][]} rows */
  fill(rows) {
    this.open = new Map(rows.map((row) => [row[0], fromRow(row)]));
  }

  /**
   * @param {any} told a message of the live stream
   * @returns {{one: Incident, fresh: boolean}}
   */
  apply(told) {
    const one = fromMessage(told);
    const fresh = !this.open.has(one.number);
    const gone = !OPEN.includes(one.status);
    if (gone) this.open.delete(one.number);
    else this.open.set(one.number, one);
    return { one, fresh: fresh && !gone };
  }

  /** @param {(one: Incident) => boolean} wanted @returns {Incident[]} newest first */
  select(wanted) {
    const found = [...this.open.values()].filter(wanted);
    return found.sort((a, b) => b.reported - a.reported || b.number.localeCompare(a.number));
  }
}
