import { readReadiness } from "./api.js";
import { knows, say, sayPlain } from "./language.js";
import { element } from "./page.js";

/** @typedef {import("./api.js").Readiness} Readiness */
/** @typedef {import("./language.js").Key} Key */

const WELL_MILLISECONDS = 5000;
const UNWELL_MILLISECONDS = 2000;
// A part that hangs holds the answer up for 6 s, two for 10 s; the answer that names them is worth the wait.
const ANSWER_MILLISECONDS = 15000;

/** Keeps the line at the lower right true: asks `/readyz` every few seconds while the page is visible. */
export class Status {
  #box = element("status", HTMLDetailsElement);
  #text = element("status-text", HTMLElement);
  #native = element("status-native", HTMLElement);
  #parts = element("status-parts", HTMLElement);
  /** @type {number | undefined} */
  #timer;
  #asking = false;

  constructor(/** @type {string} */ url) {
    this.url = url;
    document.addEventListener("visibilitychange", () => !document.hidden && this.check());
    for (const event of ["online", "offline"]) addEventListener(event, () => this.check());
  }

  /** Ask now, and go on asking. */
  async check() {
    if (this.#asking) return;
    this.#asking = true;
    clearTimeout(this.#timer);
    const readiness = await readReadiness(this.url, ANSWER_MILLISECONDS).catch(() => null);
    this.#asking = false;
    this.#show(readiness);
    const well = readiness !== null && readiness.failing.length === 0;
    if (!document.hidden) {
      this.#timer = setTimeout(() => this.check(), well ? WELL_MILLISECONDS : UNWELL_MILLISECONDS);
    }
  }

  #show(/** @type {Readiness | null} */ readiness) {
    const state = readiness === null ? "offline" : readiness.failing.length ? "unready" : "ready";
    const failing = readiness?.failing.join(", ") ?? "";
    const english = { ready: "Status: Ready", unready: `Status: Not ready (${failing})`, offline: "Status: Offline" };
    this.#box.dataset.state = state;
    // Screen readers announce every write, so only changes are written.
    if (this.#text.textContent !== english[state]) {
      this.#text.textContent = english[state];
      say(this.#native, `status.${state}`, { parts: failing });
    }
    this.#parts.replaceChildren(...Object.entries(readiness?.parts ?? {}).flatMap(describe));
  }
}

/** @returns {HTMLElement[]} */
function describe(/** @type {[string, import("./api.js").Part]} */ [name, part]) {
  const [title, value] = [document.createElement("dt"), document.createElement("dd")];
  const key = `part.${name}`;
  if (knows(key)) say(title, /** @type {Key} */ (key));
  else sayPlain(title, name);
  if (part.problem) sayPlain(value, part.problem);
  else say(value, part.ok ? "part.ok" : "part.bad");
  value.classList.toggle("bad", !part.ok && part.required !== false);
  return [title, value];
}
