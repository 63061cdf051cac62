/** Times and spans as people read them, in the time zone of the district. */

/**
 * @param {string} language
 * @param {string} zone IANA name
 * @param {{day: string, hour: string, minute: string, second: string}} units with {n}
 */
export function clockwork(language, zone, units) {
  const format = (options) => {
    const made = new Intl.DateTimeFormat(language, { timeZone: zone, hour12: false, ...options });
    return (seconds) => (seconds ? made.format(seconds * 1000) : "–");
  };
  const two = "2-digit";
  const iso = new Intl.DateTimeFormat("sv-SE", { timeZone: zone, year: "numeric", month: two, day: two });
  const say = (unit, number) => units[unit].replace("{n}", String(number));
  return {
    /** 11/25 18:39 */
    moment: format({ month: "numeric", day: "numeric", hour: two, minute: two }),
    /** 18:39 */
    minute: format({ hour: two, minute: two }),
    /** 18:39:05 */
    second: format({ hour: two, minute: two, second: two }),
    /** 2026年11月25日 星期三 */
    date: format({ year: "numeric", month: "long", day: "numeric", weekday: "short" }),
    /** 2026-11-25 */
    isoDate: (seconds) => iso.format(seconds * 1000),
    /** The largest unit that fits: "2 days", "3 hours", "5 minutes", "20 seconds". */
    span(seconds) {
      const length = Math.abs(seconds);
      if (length >= 86_400) return say("day", Math.floor(length / 86_400));
      if (length >= 3600) return say("hour", Math.floor(length / 3600));
      if (length >= 60) return say("minute", Math.floor(length / 60));
      return say("second", Math.floor(length));
    },
    /** Midnight of the day of a moment, in seconds. */
    midnight(seconds) {
      const parts = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hour: two, minute: two, second: two, hourCycle: "h23" });
      const [hour, minute, second] = parts.format(seconds * 1000).split(":").map(Number);
      return Math.floor(seconds) - hour * 3600 - minute * 60 - second;
    },
  };
}

export const now = () => Date.now() / 1000;
