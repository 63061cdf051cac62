/** Vertices of chosen cells: held, dragged, added, removed, by mouse and by keyboard. */

const NUDGE = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/**
 * @param {any} view of planMap @param {() => {nodes: any[]}} index of snapIndex, as it is now
 * @param {(place: [number, number], pixels?: number) => any} find nearest vertex or border
 * @param {{move: (at: number[], to: number[]) => void, insert: (at: number[]) => void, remove: (at: number[]) => void}} heard
 */
export function vertexEditor(view, index, find, heard) {
  const { map } = view;
  /** @type {Set<string>} */
  let codes = new Set();
  let on = false;
  let held = null;
  let dragged = null;
  let pressed = null;

  const mine = () => index().nodes.filter((node) => [...node.cells].some((code) => codes.has(code)));

  function show() {
    const point = (node) => {
      const taken = held === node;
      return { type: "Feature", properties: { meet: node.cells.size, held: taken }, geometry: { type: "Point", coordinates: taken && dragged ? dragged : node.at } };
    };
    const line = held && dragged ? { type: "Feature", properties: {}, geometry: { type: "LineString", coordinates: [held.at, dragged] } } : null;
    view.nodes(on ? mine().map(point) : []);
    map.getSource("typed")?.setData({ type: "FeatureCollection", features: line ? [line] : [] });
  }

  const nodeAt = (event) => {
    const near = (node) => {
      const there = map.project(node.at);
      return Math.hypot(there.x - event.point.x, there.y - event.point.y);
    };
    return mine().find((node) => near(node) < 12) ?? null;
  };

  map.on("mousedown", (event) => {
    if (!on) return;
    const node = nodeAt(event);
    if (!node) return;
    event.preventDefault();
    held = node;
    pressed = event.point;
    show();
  });
  map.on("mousemove", (event) => {
    if (!on || !pressed) return;
    dragged = event.lngLat.toArray();
    show();
  });
  map.on("mouseup", (event) => {
    if (!on || !pressed) return;
    const far = Math.hypot(event.point.x - pressed.x, event.point.y - pressed.y) > 4;
    pressed = null;
    if (far) finish(event.lngLat.toArray());
    else dragged = null;
    show();
  });
  map.on("click", (event) => {
    if (!on || nodeAt(event)) return;
    const found = find(event.lngLat.toArray(), 10);
    if (found?.kind === "border" && [...found.cells].some((code) => codes.has(code))) heard.insert(found.at);
  });

  function finish(to) {
    const from = held.at;
    held = dragged = null;
    heard.move(from, to);
  }

  function onKey(event) {
    if (!on) return;
    const nodes = mine();
    const name = event.key.toLowerCase();
    if (name === "n" && nodes.length) {
      const next = nodes.indexOf(held) + (event.shiftKey ? nodes.length - 1 : 1);
      held = nodes[((next % nodes.length) + nodes.length) % nodes.length];
      dragged = null;
      map.easeTo({ center: held.at, duration: 0 });
    } else if (held && NUDGE[event.key]) {
      const here = map.project(dragged ?? held.at);
      const step = event.shiftKey ? 1 : 8;
      dragged = map.unproject([here.x + NUDGE[event.key][0] * step, here.y + NUDGE[event.key][1] * step]).toArray();
    } else if (held && dragged && event.key === "Enter") finish(dragged);
    else if (held && (event.key === "Delete" || event.key === "Backspace")) {
      const at = held.at;
      held = dragged = null;
      heard.remove(at);
    } else return;
    event.preventDefault();
    event.stopPropagation();
    show();
  }
  map.getContainer().addEventListener("keydown", onKey, true);

  return {
    /** @param {string[]} chosen */
    start(chosen) {
      codes = new Set(chosen);
      on = true;
      held = dragged = pressed = null;
      show();
    },
    stop() {
      on = false;
      held = dragged = pressed = null;
      show();
    },
    refresh: show,
  };
}
