/** Drawing lines, regions and single places on a map, by mouse (terra-draw) or by keyboard. */
import { TerraDraw, TerraDrawLineStringMode, TerraDrawPolygonMode } from "/static/npm/terra-draw/terra-draw.modern.js";
import { TerraDrawMapLibreGLAdapter } from "/static/npm/terra-draw-maplibre-gl-adapter/terra-draw-maplibre-gl-adapter.modern.js";

const INK = "#0b5cad";
const STEP = { plain: 24, fine: 4 };
const MOVES = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {any} map MapLibre
 * @param {(place: [number, number]) => number[] | null} snap
 * @param {(geometry: any) => void} onDrawn GeoJSON
 * @param {HTMLElement} cross a mark over the middle of the map, shown while the keyboard draws
 */
export function makePen(map, snap, onDrawn, cross) {
  const toCustom = (event) => snap([event.lng, event.lat]) ?? undefined;
  const style = { snappingPointColor: "#ffb703", snappingPointOutlineColor: INK, snappingPointWidth: 7, snappingPointOutlineWidth: 2, closingPointColor: INK };
  const draw = new TerraDraw({
    adapter: new TerraDrawMapLibreGLAdapter({ map }),
    modes: [
      new TerraDrawLineStringMode({ snapping: { toCustom }, styles: { ...style, lineStringColor: INK, lineStringWidth: 4 } }),
      new TerraDrawPolygonMode({ snapping: { toCustom }, styles: { ...style, fillColor: INK, fillOpacity: 0.15, outlineColor: INK, outlineWidth: 3 } }),
    ],
  });
  let sort = "";
  /** @type {number[][]} */
  let typed = [];

  draw.on("finish", (id) => {
    const drawn = draw.getSnapshotFeature(id);
    // the store may be emptied only after terra-draw has finished its own work
    setTimeout(() => {
      if (draw.enabled) draw.clear();
      if (drawn) onDrawn(drawn.geometry);
    });
  });

  function showTyped() {
    const middle = map.getCenter().toArray();
    const line = [...typed, snap(middle) ?? middle];
    map.getSource("typed")?.setData({ type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: line.length > 1 ? line : [line[0], line[0]] } });
    cross.hidden = false;
  }

  function hideTyped() {
    typed = [];
    cross.hidden = true;
    map.getSource("typed")?.setData({ type: "FeatureCollection", features: [] });
  }

  function finishTyped() {
    const points = typed;
    const least = { line: 2, region: 3, place: 1 }[sort];
    if (points.length < least) return;
    hideTyped();
    if (sort === "place") onDrawn({ type: "Point", coordinates: points[0] });
    else onDrawn(sort === "line" ? { type: "LineString", coordinates: points } : { type: "Polygon", coordinates: [[...points, points[0]]] });
  }

  /** Arrow keys move the map under the cross, Enter sets a point, Backspace takes it back, F ends. */
  function onKey(event) {
    const byMouse = draw.enabled && draw.getModeState() === "drawing";
    if (!sort || byMouse || event.ctrlKey || event.metaKey) return;
    const move = MOVES[event.key];
    if (move) {
      const step = event.shiftKey ? STEP.fine : STEP.plain;
      map.panBy([move[0] * step, move[1] * step], { duration: 0 });
      showTyped();
    } else if (event.key === "Enter" || event.key === " ") {
      const middle = map.getCenter().toArray();
      typed.push(snap(middle) ?? middle);
      if (sort === "place") finishTyped();
      else showTyped();
    } else if (event.key === "Backspace") {
      typed.pop();
      showTyped();
    } else if (event.key.toLowerCase() === "f") finishTyped();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  map.getContainer().addEventListener("keydown", onKey, true);

  return {
    /** @param {"line" | "region" | "place"} wanted */
    start(wanted) {
      this.stop();
      sort = wanted;
      if (wanted === "place") return;
      draw.start();
      draw.setMode(wanted === "line" ? "linestring" : "polygon");
    },
    stop() {
      sort = "";
      hideTyped();
      if (draw.enabled) {
        draw.clear();
        draw.stop();
      }
    },
    busy: () => sort !== "",
  };
}
