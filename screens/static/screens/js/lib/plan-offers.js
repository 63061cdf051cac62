/** Proposals: asked for with a bar that can be stopped, compared, looked at, drawn into the plan. */
import { make } from "./dom.js";
import { offersTable } from "./plan-panels.js";
import { plans } from "./plans.js";

/**
 * @param {HTMLElement} box @param {any} view of planMap @param {any} words
 * @param {(work: () => Promise<any>) => Promise<any>} attempt
 * @param {(wish: any) => Promise<void>} onTake
 */
export function offers(box, view, words, attempt, onTake) {
  function show(content) {
    box.hidden = !content;
    box.replaceChildren(...(content ? [content] : []));
    if (!content) view.offer([]);
  }
  return {
    close: () => show(null),
    /** @param {any} plan @param {{cells: string[], across: boolean}} wish */
    async ask(plan, wish) {
      const stop = new AbortController();
      const bar = make("progress", { max: 1 });
      show(make("div", { class: "wait" }, words.computing, bar, make("button", { type: "button", class: "plain", on: { click: () => stop.abort() } }, words.cancel)));
      const answer = await attempt(() => plans.offer(plan, wish, stop.signal, (share) => (bar.value = share)));
      if (!answer) return show(null);
      return show(offersTable(answer, words, {
        close: () => show(null),
        look: (one) => view.offer(one.moves.features),
        take: (one) => onTake({ ...wish, name: one.name }).then(() => show(null)),
      }));
    },
  };
}
