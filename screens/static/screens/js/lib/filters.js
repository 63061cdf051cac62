/** The filters of a page, kept in its address: what one sees can be bookmarked and sent. */

const SPANS = { day: 86_400, week: 7 * 86_400, month: 30 * 86_400 };

/** @param {string[]} names @returns {Record<string, string>} */
export function readFilters(names) {
  const given = new URLSearchParams(window.location.search);
  return Object.fromEntries(names.map((name) => [name, given.get(name) ?? ""]));
}

/** @param {Record<string, string>} filters those that are empty are left out */
export function keepFilters(filters) {
  const given = new URLSearchParams(window.location.search);
  for (const [name, value] of Object.entries(filters)) {
    if (value) given.set(name, value);
    else given.delete(name);
  }
  const query = given.toString();
  window.history.replaceState(null, "", query ? `?${query}` : window.location.pathname);
}

/**
 * The beginning of a span: "today" from midnight, otherwise so long before now.
 * @param {string} span @param {number} now seconds @param {number} midnight seconds
 * @returns {number | null} seconds
 */
export function sinceOf(span, now, midnight) {
  if (span === "today") return midnight;
  return span in SPANS ? now - SPANS[span] : null;
}

/** The filters as the query of an API address. @param {Record<string, any>} wanted */
export function asQuery(wanted) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted)) {
    if (!value) continue;
    query.set(name, name === "since" ? new Date(value * 1000).toISOString() : value);
  }
  return query.toString();
}
