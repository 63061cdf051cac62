/** Reading from the API. */

/**
 * @param {string} path
 * @returns {Promise<any>} the JSON; throws on any other answer than 2xx
 */
export async function read(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`${answer.status} ${path}`);
  return answer.json();
}

/**
 * All pages of a FeatureCollection.
 * @param {string} path
 * @returns {Promise<any[]>} features
 */
export async function readAll(path) {
  const features = [];
  for (let next = path; next; ) {
    const page = await read(next);
    features.push(...page.features);
    next = page.next;
  }
  return features;
}
