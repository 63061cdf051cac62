/** The map on which the place of a report is shown and touched. */
import { liveMap } from "./livemap.js";

const NEAR_ZOOM = 15;

/**
 * @param {HTMLElement} element @param {{labels: any, bounds?: number[], onSpot: (spot: [number, number]) => void}} wanted
 * @returns {Promise<{put: (spot: number[] | null, cell: string) => void, neighbours: (features: any[]) => void, fit: (box: number[]) => void}>}
 */
export async function intakeMap(element, { labels, bounds, onSpot }) {
  const made = await liveMap(element, { bounds, labels, factor: Math.max(1, window.innerWidth / 1920) });
  const { map } = made;
  const pin = Object.assign(document.createElement("i"), { className: "pin", hidden: true });
  map.getCanvasContainer().append(pin);
  map.getCanvas().style.cursor = "crosshair";
  let here = null;

  function draw() {
    pin.hidden = !here;
    if (!here) return;
    const { x, y } = map.project(here);
    pin.style.transform = `translate(${x}px, ${y}px)`;
  }

  map.on("move", draw);
  map.on("resize", draw);
  map.on("click", ({ lngLat }) => {
    const { lng, lat } = lngLat.wrap();
    onSpot([Number(lng.toFixed(6)), Number(lat.toFixed(6))]);
  });
  return {
    /** Mark a spot and its cell. */
    put(spot, cell) {
      here = spot;
      made.outline("", cell);
      if (spot && (!map.getBounds().contains(spot) || map.getZoom() < NEAR_ZOOM - 2)) map.jumpTo({ center: spot, zoom: Math.max(map.getZoom(), NEAR_ZOOM) });
      draw();
    },
    neighbours: (features) => made.show(features),
    fit: (box) => made.fit(box, true),
  };
}
