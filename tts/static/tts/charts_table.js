import { word } from "./charts_numbers.js";

/** The numbers of a chart as a table that is made when somebody opens it. */
export function numbersTable(
  /** @type {string} */ title,
  /** @type {import("./charts.js").ChartData} */ data,
  /** @type {import("./charts_numbers.js").Numbers} */ numbers,
) {
  const details = document.createElement("details");
  details.className = "chart-numbers";
  const summary = document.createElement("summary");
  summary.textContent = word("table");
  details.append(summary);
  details.addEventListener("toggle", () => details.append(table(title, data, numbers)), { once: true });
  return details;
}

function table(
  /** @type {string} */ title,
  /** @type {import("./charts.js").ChartData} */ data,
  /** @type {import("./charts_numbers.js").Numbers} */ numbers,
) {
  const box = document.createElement("div");
  const made = document.createElement("table");
  const caption = made.createCaption();
  caption.className = "visually-hidden";
  caption.textContent = title;
  const head = made.createTHead().insertRow();
  for (const label of [word(numbers.labels ? "name" : "time"), ...data.series.map((series) => series.label)]) {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = label;
    head.append(cell);
  }
  const body = made.createTBody();
  data.x.forEach((_, index) => {
    const row = body.insertRow();
    const place = document.createElement("th");
    place.scope = "row";
    place.textContent = numbers.place(index);
    row.append(place);
    for (const series of data.series) row.insertCell().textContent = numbers.value(series.values[index]);
  });
  box.append(made);
  return box;
}
