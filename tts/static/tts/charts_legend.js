/** @typedef {import("./charts.js").ChartData} ChartData */
/** @typedef {import("./charts_numbers.js").Numbers} Numbers */

const COLOURS = 6;
const TONES = ["good", "busy", "bad", "quiet"];

/** The names, colours and values of the series; a press hides one or brings it back. */
export class Legend {
  element = document.createElement("ul");
  #data;
  #numbers;
  /** @type {HTMLElement[]} */
  #values = [];

  constructor(
    /** @type {ChartData} */ data,
    /** @type {Numbers} */ numbers,
    /** @type {(index: number) => boolean} */ toggle,
  ) {
    this.#data = data;
    this.#numbers = numbers;
    this.element.className = "chart-legend";
    data.series.forEach((series, index) => this.#add(series, index, toggle));
    this.show(null);
  }

  /** The values at a place of the x axis; without one, those that stand for the whole. */
  show(/** @type {number | null} */ index) {
    this.#values.forEach((value, series) => {
      value.textContent =
        index === null
          ? this.#numbers.whole(series)
          : this.#numbers.value(this.#data.series[series].values[index]);
    });
  }

  /** The colours of the series in the theme that `figure` has now. */
  paint(/** @type {HTMLElement} */ figure) {
    const probe = document.createElement("span");
    figure.append(probe);
    const colours = this.#data.series.map((series, index) => {
      const name = series.tone && TONES.includes(series.tone) ? series.tone : String((index % COLOURS) + 1);
      // A canvas takes no variable, and a variable's own value may hold functions it does not take either.
      probe.style.color = `var(--chart-${name})`;
      return getComputedStyle(probe).color;
    });
    probe.remove();
    this.element.querySelectorAll(".chart-swatch").forEach((swatch, index) => {
      /** @type {HTMLElement} */ (swatch).style.background = colours[index];
    });
    return colours;
  }

  #add(
    /** @type {import("./charts.js").Series} */ series,
    /** @type {number} */ index,
    /** @type {(index: number) => boolean} */ toggle,
  ) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-pressed", "true");
    const swatch = document.createElement("span");
    swatch.className = "chart-swatch";
    const name = document.createElement("span");
    name.textContent = series.label;
    const value = document.createElement("span");
    value.className = "chart-value";
    this.#values.push(value);
    button.append(swatch, name, value);
    button.addEventListener("click", () => button.setAttribute("aria-pressed", String(toggle(index))));
    const item = document.createElement("li");
    item.append(button);
    this.element.append(item);
  }
}
