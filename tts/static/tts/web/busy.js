import { say, sayPlain } from "./language.js";
import { element, within } from "./page.js";

/** @typedef {import("./language.js").Key} Key */
/** @typedef {import("./language.js").Values} Values */

const TICK_MILLISECONDS = 100;

/** The visible side of a synthesis under way: elapsed seconds, a moving bar, and the way to cancel it. */
export class Busy {
  #form = element("speech-form", HTMLFormElement);
  #button = element("synthesize", HTMLButtonElement);
  #words = within(this.#button, "span", HTMLElement);
  #cancel = element("cancel", HTMLButtonElement);
  #hint = element("hint", HTMLElement);
  #elapsed = element("elapsed", HTMLElement);
  #progress = element("progress", HTMLElement);
  #announcement = element("announcement", HTMLElement);
  /** @type {AbortController | null} */
  #controller = null;
  /** @type {number | undefined} */
  #timer;

  constructor() {
    this.#cancel.addEventListener("click", () => this.cancel());
  }

  get active() {
    return this.#controller !== null;
  }

  /** Begin; the signal fires when the user cancels. */
  start() {
    this.#controller = new AbortController();
    const began = performance.now();
    const tick = () => say(this.#elapsed, "elapsed", { seconds: ((performance.now() - began) / 1000).toFixed(1) });
    tick();
    this.#timer = setInterval(tick, TICK_MILLISECONDS);
    say(this.#announcement, "announceBusy");
    this.#show(true);
    return this.#controller.signal;
  }

  cancel() {
    this.#controller?.abort();
  }

  /** End, and tell screen readers why; null leaves that to the error. */
  finish(/** @type {Key | null} */ key, /** @type {Values} */ values = {}) {
    clearInterval(this.#timer);
    this.#controller = null;
    if (this.#cancel === document.activeElement) this.#button.focus();
    if (key) say(this.#announcement, key, values);
    else sayPlain(this.#announcement, "");
    this.#show(false);
    if (key === "announceCanceled") say(this.#elapsed, key);
    this.#elapsed.hidden = key !== "announceCanceled";
  }

  #show(/** @type {boolean} */ active) {
    this.#form.setAttribute("aria-busy", String(active));
    // Not `disabled`: that would drop the keyboard focus.
    this.#button.setAttribute("aria-disabled", String(active));
    say(this.#words, active ? "synthesizing" : "synthesize");
    this.#cancel.hidden = !active;
    this.#elapsed.hidden = !active;
    this.#progress.hidden = !active;
    this.#hint.hidden = active;
  }
}
