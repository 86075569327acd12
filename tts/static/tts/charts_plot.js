import uPlot from "./vendor/uplot/uPlot.esm.js";

/**
 * @typedef {object} Drawing
 * @property {import("./charts.js").ChartData} data
 * @property {import("./charts_numbers.js").Numbers} numbers
 * @property {string[]} colours by series
 * @property {number} width CSS pixels
 * @property {number} height CSS pixels
 * @property {Set<number>} hidden places of the series that are not drawn
 */

const TOGETHER = "voxgate";
const SPARSE = 40;
// Steps of an axis of seconds, so that it has round numbers of milliseconds, seconds, minutes or hours.
const SECONDS = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500].map((milliseconds) => milliseconds / 1000),
  ...[1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600],
  ...[2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000].map((hours) => hours * 3600),
];

/** Draw into `area`; `pointed` is told the place on the x axis that the pointer is at, and null when it leaves. */
export function plot(
  /** @type {HTMLElement} */ area,
  /** @type {Drawing} */ drawing,
  /** @type {(index: number | null) => void} */ pointed,
) {
  area.replaceChildren();
  area.classList.remove("chart-empty");
  const { data, numbers, width, height } = drawing;
  const style = getComputedStyle(area);
  const ink = style.color;
  const line = style.borderTopColor;
  const font = `11px ${style.fontFamily}`;
  const x = numbers.labels ? data.x.map((_, place) => place) : /** @type {number[]} */ (data.x);
  const grid = { stroke: line, width: 1 };
  const box = tooltip(drawing);
  const places = order(drawing);
  /** @type {any} */
  const options = {
    width,
    height,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    tzDate: (/** @type {number} */ seconds) => uPlot.tzDate(new Date(seconds * 1000), numbers.zone ?? localZone()),
    scales: {
      x: { time: !numbers.labels, range: (/** @type {any} */ _, /** @type {number} */ min, /** @type {number} */ max) => span(drawing, x, min, max) },
      y: { range: (/** @type {any} */ _, /** @type {number} */ min, /** @type {number} */ max) => fromNought(min, max) },
    },
    axes: [
      { ...xAxis(drawing), stroke: ink, font, grid: { show: false }, ticks: { ...grid, size: 4 } },
      {
        stroke: ink,
        font,
        grid,
        ticks: { show: false },
        size: yAxisSize,
        ...(data.unit === "s" ? { incrs: SECONDS } : {}),
        values: (/** @type {any} */ _, /** @type {number[]} */ splits) => splits.map((value) => numbers.tick(value)),
      },
    ],
    cursor: {
      y: false,
      drag: { x: false, y: false, setScale: false },
      points: { show: data.kind === "line", size: 7 },
      sync: numbers.labels ? undefined : { key: TOGETHER },
    },
    series: [{}, ...places.map((index) => seriesOptions(drawing, index))],
    hooks: {
      setCursor: [
        (/** @type {uPlot} */ made) => {
          pointed(made.cursor.idx ?? null);
          box.show(made);
        },
      ],
    },
  };
  const values = heights(drawing);
  const made = new uPlot(options, [x, ...places.map((index) => values[index])], area);
  made.over.append(box.element);
  return made;
}

function localZone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** The places of the series in the order they are drawn: of stacked ones the lowest last, over the feet of the others. */
function order(/** @type {Drawing} */ { data }) {
  const places = [...data.series.keys()];
  return data.kind === "stacked" ? places.reverse() : places;
}

/** The values as they are drawn, by series: stacked ones stand on those before them. */
function heights(/** @type {Drawing} */ { data, hidden }) {
  if (data.kind !== "stacked") return data.series.map((series) => series.values);
  const reached = data.x.map(() => 0);
  return data.series.map((series, index) => {
    if (hidden.has(index)) return series.values;
    return series.values.map((value, place) => (reached[place] += value ?? 0));
  });
}

function seriesOptions(/** @type {Drawing} */ drawing, /** @type {number} */ index) {
  const { data, colours, hidden } = drawing;
  const colour = colours[index];
  const common = { show: !hidden.has(index), stroke: colour, points: { show: false } };
  if (data.kind === "line") {
    const isolated = { show: true, size: 5, fill: colour, width: 0, filter: alone };
    return { ...common, width: 2, points: isolated };
  }
  const bars = data.kind === "stacked" ? { size: [barShare(drawing), 48] } : sideBySide(drawing, index);
  // A stroke of its own would let thin bars run into each other.
  return { ...common, width: 0, fill: colour, paths: uPlot.paths.bars?.(/** @type {any} */ (bars)) };
}

function barShare(/** @type {Drawing} */ { data }) {
  return data.x.length > SPARSE ? 0.9 : 0.7;
}

/** The bars of one place next to each other. */
function sideBySide(/** @type {Drawing} */ drawing, /** @type {number} */ index) {
  const { data, hidden, numbers } = drawing;
  const shown = data.series.map((_, place) => place).filter((place) => !hidden.has(place));
  if (shown.length < 2) return { size: [barShare(drawing), 48] };
  const step = numbers.labels ? 1 : stepOf(/** @type {number[]} */ (data.x));
  const one = (step * barShare(drawing)) / shown.length;
  const offset = one * (shown.indexOf(index) - shown.length / 2);
  return {
    disp: {
      x0: { unit: 1, values: (/** @type {uPlot} */ made) => Array.from(made.data[0], (x) => x + offset) },
      size: { unit: 1, values: (/** @type {uPlot} */ made) => Array.from(made.data[0], () => one) },
    },
  };
}

function stepOf(/** @type {number[]} */ x) {
  return x.length > 1 ? (x[x.length - 1] - x[0]) / (x.length - 1) : 3600;
}

/** Values without a neighbour, which no line can show. */
function alone(/** @type {uPlot} */ made, /** @type {number} */ index) {
  const values = made.data[index];
  const known = (/** @type {number} */ place) => values[place] !== null && values[place] !== undefined;
  return Array.from(values.keys()).filter((place) => known(place) && !known(place - 1) && !known(place + 1));
}

/** Bars need half of one on both sides. */
function span(
  /** @type {Drawing} */ { data, numbers },
  /** @type {number[]} */ x,
  /** @type {number} */ min,
  /** @type {number} */ max,
) {
  const half = numbers.labels ? 0.5 : data.kind === "line" && x.length > 1 ? 0 : stepOf(x) / 2;
  return [min - half, max + half];
}

function fromNought(/** @type {number | null} */ min, /** @type {number | null} */ max) {
  if (min === null || max === null || (min === 0 && max === 0)) return [0, 1];
  return uPlot.rangeNum(Math.min(0, min), Math.max(0, max), 0.1, true).map((edge, side) => {
    if (side === 0 && min >= 0) return 0;
    return side === 1 && max <= 0 ? 0 : edge;
  });
}

function xAxis(/** @type {Drawing} */ { data, numbers, width }) {
  if (!numbers.labels) {
    return {
      space: 56,
      size: 40,
      values: (/** @type {any} */ _, /** @type {number[]} */ splits) => numbers.times(splits),
    };
  }
  const room = Math.max(4, Math.floor(width / data.x.length / 8));
  return {
    size: 28,
    splits: () => data.x.map((_, place) => place),
    values: () => data.x.map((label) => shortened(String(label), room)),
  };
}

function shortened(/** @type {string} */ label, /** @type {number} */ room) {
  return label.length > room ? `${label.slice(0, room - 1)}…` : label;
}

function yAxisSize(/** @type {uPlot} */ made, /** @type {string[] | null} */ values) {
  const widest = (values ?? []).reduce((most, value) => Math.max(most, made.ctx.measureText(value).width), 0);
  return Math.ceil(widest / devicePixelRatio) + 14;
}

/** What stands at the pointer: the place, then every series with its value. */
function tooltip(/** @type {Drawing} */ { data, numbers, colours, hidden }) {
  const element = document.createElement("div");
  element.className = "chart-tooltip";
  element.hidden = true;
  function fill(/** @type {number} */ index) {
    const title = document.createElement("strong");
    title.textContent = numbers.place(index);
    const rows = [...data.series.entries()]
      .filter(([place]) => !hidden.has(place))
      .map(([place, series]) => row(colours[place], series.label, numbers.value(series.values[index])));
    element.replaceChildren(title, ...rows);
  }
  function show(/** @type {uPlot} */ made) {
    const { idx, left = -1 } = made.cursor;
    // Charts of one page point together; the box is for the one below the pointer.
    element.hidden = idx === null || idx === undefined || left < 0 || !made.over.matches(":hover");
    if (element.hidden) return;
    fill(/** @type {number} */ (idx));
    const right = left > made.over.clientWidth / 2;
    element.style.left = right ? "auto" : `${left + 14}px`;
    element.style.right = right ? `${made.over.clientWidth - left + 14}px` : "auto";
  }
  return { element, show };
}

function row(/** @type {string} */ colour, /** @type {string} */ label, /** @type {string} */ value) {
  const line = document.createElement("p");
  const swatch = document.createElement("span");
  swatch.className = "chart-swatch";
  swatch.style.background = colour;
  const amount = document.createElement("b");
  amount.textContent = value;
  line.append(swatch, label, amount);
  return line;
}
