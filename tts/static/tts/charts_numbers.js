/** How the numbers and moments of a chart are written, in the page's language. */

const WORDS = {
  empty: ["此时段没有数据", "Nothing in this span"],
  table: ["数据表", "Numbers as a table"],
  time: ["时间", "Time"],
  name: ["名称", "Name"],
};
/** Units that the title of a chart tells; beside each number they would only need their plurals. */
const COUNTS = ["characters", "requests"];
const LANGUAGE = document.documentElement.lang || "en";
const CHINESE = LANGUAGE.startsWith("zh");

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A word of the charts themselves. */
export function word(/** @type {keyof typeof WORDS} */ key) {
  return WORDS[key][CHINESE ? 0 : 1];
}

function serverZone() {
  const zone = document.querySelector('meta[name="voxgate-time-zone"]')?.getAttribute("content");
  return zone || undefined;
}

/** Bound to one chart: its unit, its largest value, its span. */
export class Numbers {
  /** Whether x are labels rather than moments. */
  labels;
  /** Whether there is anything to draw. */
  any;
  zone;
  #data;
  #span;
  #largest;

  constructor(/** @type {import("./charts.js").ChartData} */ data) {
    this.#data = data;
    this.labels = data.x.some((x) => typeof x === "string");
    this.zone = data.time_zone || serverZone();
    const values = data.series.flatMap((series) => series.values).filter((value) => value !== null);
    this.any = data.x.length > 0 && values.length > 0;
    this.#largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const [first, last] = [data.x[0], data.x.at(-1)];
    this.#span = this.labels || !this.any ? 0 : Number(last) - Number(first);
  }

  /** One value with its unit, as exact as a reader may want it. */
  value(/** @type {number | null | undefined} */ value) {
    if (value === null || value === undefined) return "–";
    if (this.#data.unit === "s") return seconds(value, value, 3);
    if (this.#data.unit === "%") return `${format(value, { maximumFractionDigits: value < 10 ? 2 : 1 })}%`;
    const unit = COUNTS.includes(this.#data.unit) ? "" : this.#data.unit;
    return `${format(value, { maximumFractionDigits: 3 })} ${unit}`.trim();
  }

  /** A value at the axis: short, all of them in the same unit. */
  tick(/** @type {number} */ value) {
    if (this.#data.unit === "s") return seconds(value, this.#largest, 3);
    if (this.#data.unit === "%") return `${format(value)}%`;
    return format(value, { notation: "compact" });
  }

  /** What stands for a whole series: the sum of amounts, the last of other values; nothing where x are names. */
  whole(/** @type {number} */ index) {
    if (this.labels) return "";
    const { values } = this.#data.series[index];
    if (this.#data.kind === "line") {
      return `${this.#data.last ?? ""} ${this.value(values.findLast((value) => value !== null))}`.trim();
    }
    return this.value(values.reduce((sum, value) => Number(sum) + (value ?? 0), 0));
  }

  /** The whole name of a place on the x axis. */
  place(/** @type {number} */ index) {
    const x = this.#data.x[index];
    return typeof x === "string" ? x : this.moment(x);
  }

  moment(/** @type {number} */ seconds) {
    /** @type {Intl.DateTimeFormatOptions} */
    const parts = { month: "short", day: "numeric", weekday: "short" };
    const clock = this.#wholeDays() ? {} : /** @type {const} */ ({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    return this.#date(seconds, { ...parts, ...clock });
  }

  /** Moments at the x axis: the time of day, and the date where a new day begins. */
  times(/** @type {number[]} */ moments) {
    return moments.map((seconds, index) => {
      const clock = this.#date(seconds, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
      const day = this.#date(seconds, { month: "numeric", day: "numeric" });
      if (this.#span > 3 * DAY) return day;
      const before = index > 0 && this.#date(moments[index - 1], { month: "numeric", day: "numeric" });
      return before === day || index === 0 ? clock : `${clock}\n${day}`;
    });
  }

  #wholeDays() {
    const x = /** @type {number[]} */ (this.#data.x);
    return x.length > 1 && x[1] - x[0] >= 23 * HOUR;
  }

  #date(/** @type {number} */ seconds, /** @type {Intl.DateTimeFormatOptions} */ options) {
    return new Intl.DateTimeFormat(LANGUAGE, { timeZone: this.zone, ...options }).format(seconds * 1000);
  }
}

function format(/** @type {number} */ value, /** @type {Intl.NumberFormatOptions} */ options = {}) {
  return new Intl.NumberFormat(LANGUAGE, options).format(value);
}

/** `value` seconds in the unit that fits `scale` seconds. */
function seconds(/** @type {number} */ value, /** @type {number} */ scale, /** @type {number} */ digits) {
  const [unit, length] =
    scale < 1 ? ["millisecond", 0.001] : scale < 10 * MINUTE ? ["second", 1] : scale < 10 * HOUR ? ["minute", MINUTE] : ["hour", HOUR];
  return format(value / Number(length), {
    style: "unit",
    unit: String(unit),
    unitDisplay: "narrow",
    maximumSignificantDigits: Math.abs(value) < Number(length) * 10 ** digits ? digits : undefined,
    maximumFractionDigits: 0,
  });
}
