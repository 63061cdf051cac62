/** What each tool needs, draws and asks the server for. Data; knows no page. */

/**
 * sketch: what is drawn ("line", "region", "" for nothing). least, most: how many cells are chosen
 * first. fields: what is asked beside the drawing. intent: (geometry, codes, values) -> [kind,
 * parameters] for the server.
 * @type {Record<string, {key: string, sketch: string, least: number, most: number, fields: string[], icon: string, intent?: (geometry: any, codes: string[], values: any) => [string, any]}>}
 */
export const TOOLS = {
  select: { key: "v", sketch: "", least: 0, most: 999, fields: [], icon: "M5 3l14 8-6 2-3 6z" },
  split: { key: "s", sketch: "line", least: 1, most: 1, fields: [], icon: "M4 4h16v16H4zM3 15L21 9", intent: (lines, [cell]) => ["SPLIT", { cell, lines }] },
  reshape: { key: "b", sketch: "line", least: 2, most: 2, fields: [], icon: "M3 4h18v16H3zM12 4c-5 6 5 10 0 16", intent: (lines, cells) => ["RESHAPE", { cells, lines }] },
  vertex: { key: "p", sketch: "vertex", least: 1, most: 12, fields: [], icon: "M5 19L12 6l7 9M4 18h3v3H4zM10 4h4v4h-4zM17 14h4v4h-4z" },
  transfer: { key: "t", sketch: "region", least: 1, most: 1, fields: [], icon: "M3 5h10v14H3zM13 8h8v8h-8M8 12h9M14 9l3 3-3 3", intent: (region, [to_cell]) => ["TRANSFER", { region, to_cell }] },
  cut: { key: "c", sketch: "region", least: 0, most: 999, fields: ["name"], icon: "M3 3h18v18H3zM8 8h8v8H8z", intent: (region, _codes, { name }) => ["CUT_OUT", { region, name, cell_kind: "SPECIAL" }] },
  merge: { key: "m", sketch: "", least: 2, most: 40, fields: ["into"], icon: "M3 4h18v16H3zM12 4v4M12 16v4M8 12h8", intent: (_none, cells, { into }) => ["MERGE", { cells, into }] },
  balance: { key: "e", sketch: "", least: 0, most: 999, fields: ["community", "across"], icon: "M12 4v16M6 20h12M4 8h16M4 8l-2 6h4zM20 8l-2 6h4z" },
};

/** The problem, if any, with the number of chosen cells. */
export const fits = (tool, count) => count >= TOOLS[tool].least && count <= TOOLS[tool].most;

/** Steps of a plan by state: [name, decision, who may]. */
export const STEPS = {
  DRAFT: [["submit", "SUBMITTED", "draws"], ["withdraw", "WITHDRAWN", "draws"]],
  RETURNED: [["submit", "SUBMITTED", "draws"], ["withdraw", "WITHDRAWN", "draws"]],
  SUBMITTED: [["approve", "APPROVED", "reviews"], ["return", "RETURNED", "reviews"], ["withdraw", "WITHDRAWN", "draws"]],
  APPROVED: [["publish", "", "publishes"], ["schedule", "SCHEDULED", "publishes"], ["return", "RETURNED", "publishes"]],
  SCHEDULED: [["return", "RETURNED", "publishes"], ["withdraw", "WITHDRAWN", "draws"]],
  PUBLISHED: [["revert", "", "draws"]],
  SUPERSEDED: [["revert", "", "draws"]],
};
export const EDITABLE = ["DRAFT", "RETURNED", "SUBMITTED", "APPROVED"];
export const STATES = ["DRAFT", "SUBMITTED", "RETURNED", "APPROVED", "SCHEDULED", "PUBLISHED", "SUPERSEDED", "REVERTED", "WITHDRAWN"];
