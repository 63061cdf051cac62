/** Trying again, later the longer it fails, so that a site in trouble is not asked the more. */

const FIRST_MS = 3000;
const LAST_MS = 60_000;

/**
 * @param {() => Promise<any>} work
 * @returns {(error?: Error) => void} do it soon; however often it is called, it is done once
 */
export function againSoon(work) {
  let waiting = 0;
  let patience = FIRST_MS;
  return function soon(error) {
    if (/^40[13] /.test(error?.message ?? "")) return window.location.reload(); // logged out: to the login
    waiting ||= setTimeout(() => {
      waiting = 0;
      work().then(() => {
        patience = FIRST_MS;
      }, soon);
    }, patience);
    patience = Math.min(2 * patience, LAST_MS);
    return undefined;
  };
}
