/**
 * Draws every `<figure class="chart" data-chart="ID">` of the page from the JSON in the element ID, which Django's
 * `json_script` writes, with uPlot. Numbers of the same chart follow as a table for people who cannot see it.
 *
 * @typedef {object} Series
 * @property {string} label
 * @property {(number | null)[]} values
 * @property {string} [tone] one of "good", "busy", "bad", "quiet", for a colour with a meaning
 *
 * @typedef {object} ChartData
 * @property {"line" | "bars" | "stacked"} kind
 * @property {string} unit "s", "%", or a word
 * @property {(number | string)[]} x epoch seconds, or labels
 * @property {Series[]} series
 * @property {string} [time_zone] of the epoch seconds; otherwise the server's
 * @property {string} [last] the word before the last value of a line, which stands for the whole
 */

import { Legend } from "./charts_legend.js";
import { Numbers, word } from "./charts_numbers.js";
import { plot } from "./charts_plot.js";
import { numbersTable } from "./charts_table.js";

const HEIGHT = 220;
const HEIGHT_PHONE = 180;
const PHONE = 480;

/** One figure: its drawing is made anew when the theme changes, since a canvas knows no CSS variables. */
class Chart {
  #figure;
  #data;
  #numbers;
  #area = document.createElement("div");
  #legend;
  /** @type {import("./vendor/uplot/uPlot.esm.js").default | null} */
  #plot = null;
  /** @type {Set<number>} */
  #hidden = new Set();

  constructor(/** @type {HTMLElement} */ figure, /** @type {ChartData} */ data) {
    this.#figure = figure;
    this.#data = data;
    this.#numbers = new Numbers(data);
    this.#area.className = "chart-area";
    this.#area.setAttribute("role", "img");
    this.#legend = new Legend(data, this.#numbers, (index) => this.#toggle(index));
    const caption = figure.querySelector("figcaption");
    const details = figure.querySelector("details");
    const title = caption?.textContent?.trim() ?? "";
    this.#area.setAttribute("aria-label", this.#summary(title));
    figure.replaceChildren(...[caption, this.#legend.element, this.#area].filter((part) => part !== null));
    figure.append(details ?? numbersTable(title, data, this.#numbers));
  }

  get drawn() {
    return this.#figure.isConnected;
  }

  draw() {
    this.#plot?.destroy();
    this.#plot = null;
    const width = this.#area.clientWidth;
    if (!width) return;
    if (!this.#numbers.any) {
      this.#area.replaceChildren(word("empty"));
      this.#area.classList.add("chart-empty");
      return;
    }
    const height = width < PHONE ? HEIGHT_PHONE : HEIGHT;
    const colours = this.#legend.paint(this.#figure);
    this.#plot = plot(this.#area, { data: this.#data, numbers: this.#numbers, colours, width, height, hidden: this.#hidden }, (index) =>
      this.#legend.show(index),
    );
  }

  resize() {
    const width = this.#area.clientWidth;
    if (!this.#plot) this.draw();
    else if (width && width !== this.#plot.width) this.draw();
  }

  #toggle(/** @type {number} */ index) {
    if (!this.#hidden.delete(index)) this.#hidden.add(index);
    this.draw();
    return !this.#hidden.has(index);
  }

  #summary(/** @type {string} */ title) {
    const last = this.#data.series.map((series, index) => `${series.label} ${this.#numbers.whole(index)}`);
    return [title, ...last].filter(Boolean).join(", ");
  }
}

/** @type {Map<Element, Chart>} */
let charts = new Map();

const sizes = new ResizeObserver((entries) => {
  for (const entry of entries) charts.get(entry.target)?.resize();
});

/** Draw the figures below `root` that are not drawn yet; call it after new ones came into the page. */
export function drawCharts(/** @type {ParentNode} */ root = document) {
  charts = new Map([...charts].filter(([, chart]) => chart.drawn));
  for (const figure of /** @type {NodeListOf<HTMLElement>} */ (root.querySelectorAll("figure.chart[data-chart]"))) {
    const source = document.getElementById(figure.dataset.chart ?? "");
    if (charts.has(figure) || source === null) continue;
    const chart = new Chart(figure, JSON.parse(source.textContent ?? ""));
    charts.set(figure, chart);
    chart.draw();
    sizes.observe(figure);
  }
}

function drawAgain() {
  for (const chart of charts.values()) chart.draw();
}

new MutationObserver(drawAgain).observe(document.documentElement, { attributeFilter: ["data-theme"] });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAgain);
drawCharts();
