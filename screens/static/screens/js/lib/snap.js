/** The nearest vertex or border to a place on the screen: a grid over all vertices and segments. */

const CELL = 0.002; // degrees; about 200 m

const key = (lon, lat) => `${Math.floor(lon / CELL)}:${Math.floor(lat / CELL)}`;

/** @param {any} geometry @param {(ring: number[][]) => void} see */
export function eachRing(geometry, see) {
  const polygons = geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
  for (const rings of polygons) for (const ring of rings) see(ring);
}

/** @param {Iterable<any>} features cells as GeoJSON */
export function snapIndex(features) {
  /** @type {Map<string, {ends: number[][], cells: Set<string>}>} */
  const segments = new Map();
  /** @type {Map<string, {at: number[], cells: Set<string>}>} */
  const nodes = new Map();
  for (const feature of features) {
    const code = feature.properties.code;
    eachRing(feature.geometry, (ring) => {
      for (let i = 0; i + 1 < ring.length; i += 1) {
        const [a, b] = [ring[i], ring[i + 1]];
        const name = a.join();
        const node = nodes.get(name) ?? { at: a, cells: new Set() };
        node.cells.add(code);
        nodes.set(name, node);
        const other = b.join();
        const pair = name < other ? `${name};${other}` : `${other};${name}`;
        const segment = segments.get(pair) ?? { ends: [a, b], cells: new Set() };
        segment.cells.add(code);
        segments.set(pair, segment);
      }
    });
  }
  return { nodes: [...nodes.values()], nodeBins: bins(nodes.values(), (node) => [node.at, node.at]), bins: bins(segments.values(), (one) => one.ends) };
}

function bins(things, endsOf) {
  /** @type {Map<string, any[]>} */
  const found = new Map();
  for (const thing of things) {
    const [a, b] = endsOf(thing);
    const [w, e] = [Math.min(a[0], b[0]), Math.max(a[0], b[0])].map((x) => Math.floor(x / CELL));
    const [s, n] = [Math.min(a[1], b[1]), Math.max(a[1], b[1])].map((y) => Math.floor(y / CELL));
    for (let x = w; x <= e; x += 1)
      for (let y = s; y <= n; y += 1) {
        const name = `${x}:${y}`;
        if (!found.has(name)) found.set(name, []);
        found.get(name).push(thing);
      }
  }
  return found;
}

function* around(map, lon, lat, reach) {
  const seen = new Set();
  for (let x = lon - reach; x < lon + reach + CELL; x += CELL)
    for (let y = lat - reach; y < lat + reach + CELL; y += CELL)
      for (const thing of map.get(key(Math.min(x, lon + reach), Math.min(y, lat + reach))) ?? [])
        if (!seen.has(thing)) {
          seen.add(thing);
          yield thing;
        }
}

/**
 * @param {ReturnType<typeof snapIndex>} index @param {[number, number]} place lon, lat
 * @param {(lon: number, lat: number) => {x: number, y: number}} project @param {number} pixels
 * @returns {{at: number[], cells: Set<string>, kind: "node" | "border"} | null}
 */
export function nearest(index, [lon, lat], project, pixels) {
  const here = project(lon, lat);
  const aside = project(lon + 1e-5, lat);
  const reach = Math.min((pixels / Math.max(Math.hypot(aside.x - here.x, aside.y - here.y), 1e-9)) * 1e-5, 0.02);
  const far = (at) => {
    const there = project(at[0], at[1]);
    return Math.hypot(there.x - here.x, there.y - here.y);
  };
  let best = null;
  let least = pixels;
  for (const node of around(index.nodeBins, lon, lat, reach)) {
    // a junction of three cells draws from farther away than a plain vertex
    const distance = far(node.at) - (node.cells.size > 2 ? 4 : 0);
    if (distance < least) [best, least] = [{ at: node.at, cells: node.cells, kind: "node" }, distance];
  }
  if (best) return best;
  for (const segment of around(index.bins, lon, lat, reach)) {
    const at = footOf(segment.ends, [lon, lat]);
    const distance = far(at);
    if (distance < least) [best, least] = [{ at, cells: segment.cells, kind: "border" }, distance];
  }
  return best;
}

function footOf([a, b], [lon, lat]) {
  const scale = Math.cos((lat * Math.PI) / 180);
  const [dx, dy] = [(b[0] - a[0]) * scale, b[1] - a[1]];
  const t = ((lon - a[0]) * scale * dx + (lat - a[1]) * dy) / (dx * dx + dy * dy || 1);
  const within = Math.max(0, Math.min(1, t));
  return [a[0] + within * (b[0] - a[0]), a[1] + within * (b[1] - a[1])];
}
