/** A small map of the place of one case. */
import { boxOf, liveMap } from "./livemap.js";

/**
 * @param {HTMLElement} element @param {any} labels
 * @returns {{show: (sheet: any) => Promise<void>}} show wants a geometry
 */
export function spotMap(element, labels) {
  let made = null;
  return {
    async show({ geometry, number, lamp, urgent }) {
      const isPoint = geometry.type === "Point";
      const box = boxOf(isPoint ? { coordinates: [geometry.coordinates] } : geometry);
      made ??= liveMap(element, { bounds: box, factor: Math.max(1, window.innerWidth / 1920), labels });
      const map = await made;
      map.map.resize();
      map.fit(box, true);
      const middle = { type: "Point", coordinates: [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2] };
      map.show([{ type: "Feature", geometry: isPoint ? geometry : middle, properties: { number, lamp, urgent } }]);
    },
  };
}
