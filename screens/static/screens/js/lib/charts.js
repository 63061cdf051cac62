/** Charts by Apache ECharts, loaded only where one is shown; every chart describes itself. */

const ADDRESS = "/static/npm/echarts/echarts.common.min.js";
let loading = null;

/** ECharts is one plain script; it is loaded once. @returns {Promise<any>} */
export function library() {
  loading ??= import(ADDRESS).then(() => globalThis.echarts);
  return loading;
}

/** The colours of the page the chart stands on. @param {HTMLElement} place */
function inks(place) {
  const style = getComputedStyle(place);
  const size = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  const ink = (name) => style.getPropertyValue(name).trim();
  return { of: (colour) => (colour.startsWith("--") ? ink(colour) : colour), ink: ink("--ink"), soft: ink("--soft"), line: ink("--line"), paper: ink("--paper"), size: Math.round(size * Number(ink("--chart-text") || 0.8)), font: style.fontFamily };
}

/** The length of a whole bar. */
const total = (told, index) => (told.stacked ? told.series.reduce((sum, one) => sum + one.values[index], 0) : told.series.at(-1).values[index]);

/**
 * @param {any} ink
 * @param {{labels: string[], series: {name: string, values: number[], colour: string}[], unit: string,
 *   description: string, across?: boolean, stacked?: boolean}} told
 *   across: bars lie; colour may be a variable of the style, as --accent
 */
function optionOf(ink, told) {
  const words = { color: ink.ink, fontSize: ink.size, fontFamily: ink.font };
  const soft = { ...words, color: ink.soft };
  const names = {
    type: "category",
    data: told.labels,
    inverse: Boolean(told.across),
    axisLabel: { ...soft, ...(told.across ? { color: ink.ink, width: ink.size * 8, overflow: "truncate" } : {}) },
    axisTick: { show: false },
    axisLine: { lineStyle: { color: ink.line } },
  };
  const numbers = { type: "value", minInterval: 1, axisLabel: soft, splitLine: { lineStyle: { color: ink.line } } };
  return {
    animation: false,
    textStyle: words,
    aria: { enabled: true, label: { description: told.description } },
    grid: { left: 4, right: told.across ? ink.size * 3 : 8, top: told.series.length > 1 ? ink.size * 2.6 : ink.size, bottom: 2, containLabel: true },
    legend: told.series.length > 1 ? { top: 0, right: 0, itemWidth: ink.size, itemHeight: ink.size, textStyle: words } : undefined,
    tooltip: { trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" }, textStyle: { fontSize: ink.size }, valueFormatter: (value) => `${value} ${told.unit}` },
    xAxis: told.across ? { ...numbers, show: false } : names,
    yAxis: told.across ? names : numbers,
    series: told.series.map(({ name, values, colour }, i) => ({
      type: "bar",
      name,
      data: values,
      color: ink.of(colour),
      stack: told.stacked ? "all" : undefined,
      barMaxWidth: ink.size * 1.6,
      label: told.across && i === told.series.length - 1 ? { ...words, show: true, position: "right", formatter: ({ dataIndex }) => String(total(told, dataIndex)) } : undefined,
    })),
  };
}

/**
 * A bar chart in an element that has a size; call `show` again for new numbers.
 * @param {HTMLElement} place
 */
export async function bars(place) {
  const echarts = await library();
  const chart = echarts.init(place, null, { renderer: "canvas" });
  const watch = new ResizeObserver(() => chart.resize());
  watch.observe(place);
  return {
    /** @param {any} told see optionOf */
    show: (told) => chart.setOption(optionOf(inks(place), told), { notMerge: true }),
    dispose() {
      watch.disconnect();
      chart.dispose();
    },
  };
}
