/** Measuring on a map: click for corners; the length of the line and the ground inside it. */

const EARTH_M = 6_371_008.8;
const rad = (degrees) => (degrees * Math.PI) / 180;

/** Great-circle length. @param {[number, number][]} line lon, lat @returns {number} metres */
export function lengthOf(line) {
  let sum = 0;
  for (let i = 1; i < line.length; i++) {
    const [[west, south], [east, north]] = [line[i - 1], line[i]];
    const a = Math.sin(rad(north - south) / 2) ** 2 + Math.cos(rad(south)) * Math.cos(rad(north)) * Math.sin(rad(east - west) / 2) ** 2;
    sum += 2 * EARTH_M * Math.asin(Math.sqrt(a));
  }
  return sum;
}

/** Ground inside a closed line on the sphere. @param {[number, number][]} ring @returns {number} m² */
export function groundOf(ring) {
  let sum = 0;
  for (let i = 0; i < ring.length; i++) {
    const [here, next] = [ring[i], ring[(i + 1) % ring.length]];
    sum += rad(next[0] - here[0]) * (2 + Math.sin(rad(here[1])) + Math.sin(rad(next[1])));
  }
  return Math.abs((sum * EARTH_M * EARTH_M) / 2);
}

/** @param {number} metres */
export const sayLength = (metres) => (metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(2)} km`);
/** @param {number} squareMetres */
export const sayGround = (squareMetres) =>
  squareMetres < 100_000 ? `${Math.round(squareMetres)} m²` : `${(squareMetres / 1e6).toFixed(3)} km²`;

/**
 * @param {any} map MapLibre map whose style is loaded
 * @param {(text: string) => void} onMeasured the result in words, "" for nothing
 */
export function ruler(map, onMeasured) {
  let corners = [];
  let on = false;
  const draw = () => {
    const parts = [];
    if (corners.length > 2) parts.push({ type: "Polygon", coordinates: [[...corners, corners[0]]] });
    if (corners.length > 1) parts.push({ type: "LineString", coordinates: corners });
    parts.push(...corners.map((coordinates) => ({ type: "Point", coordinates })));
    const features = parts.map((geometry) => ({ type: "Feature", geometry, properties: {} }));
    map.getSource("ruler").setData({ type: "FeatureCollection", features });
    const ground = corners.length > 2 ? `  ·  ${sayGround(groundOf(corners))}` : "";
    onMeasured(corners.length > 1 ? sayLength(lengthOf(corners)) + ground : "");
  };
  map.addSource("ruler", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({ id: "ruler-ground", type: "fill", source: "ruler", filter: ["==", "$type", "Polygon"], paint: { "fill-color": "#0b5cad", "fill-opacity": 0.15 } });
  map.addLayer({ id: "ruler-line", type: "line", source: "ruler", filter: ["==", "$type", "LineString"], paint: { "line-color": "#0b5cad", "line-width": 3 } });
  map.addLayer({ id: "ruler-corners", type: "circle", source: "ruler", filter: ["==", "$type", "Point"], paint: { "circle-radius": 5, "circle-color": "#ffffff", "circle-stroke-color": "#0b5cad", "circle-stroke-width": 2.5 } });
  map.on("click", (event) => {
    if (!on) return;
    corners.push([event.lngLat.lng, event.lngLat.lat]);
    draw();
  });
  return {
    /** @param {boolean} wanted */
    switch(wanted) {
      on = wanted;
      corners = [];
      map.getCanvas().style.cursor = on ? "crosshair" : "";
      draw();
    },
    on: () => on,
  };
}
