import { previewText, Refusal } from "./api.js";
import { say } from "./language.js";
import { element, fromTemplate, within } from "./page.js";
import { changedSpan, countCharacters } from "./text.js";

/** @typedef {import("./api.js").Preview} Prepared */

const QUIET_MILLISECONDS = 350;

/** Shows what will be read aloud, a moment after the last keystroke. */
export class Preview {
  #normalized = element("normalized", HTMLElement);
  #hint = element("preview-hint", HTMLElement);
  #steps = element("steps", HTMLElement);
  #request = new AbortController();
  /** @type {number | undefined} */
  #timer;

  constructor(/** @type {{url: string, limit: number, needsKey: boolean}} */ options) {
    this.options = options;
  }

  /** `text` or `key` changed. */
  update(/** @type {string} */ text, /** @type {string} */ key) {
    clearTimeout(this.#timer);
    this.#request.abort();
    const characters = countCharacters(text);
    if (characters === 0) this.#note("previewEmpty");
    else if (characters > this.options.limit) this.#note("field.too_long", { count: characters, limit: this.options.limit });
    else if (this.options.needsKey && !key) this.#note("previewKey");
    else this.#timer = setTimeout(() => this.#ask(text, key), QUIET_MILLISECONDS);
  }

  async #ask(/** @type {string} */ text, /** @type {string} */ key) {
    this.#request = new AbortController();
    const { signal } = this.#request;
    try {
      const prepared = await previewText(this.options.url, text, key, signal);
      if (!signal.aborted) this.#show(prepared);
    } catch (error) {
      if (!signal.aborted) this.#explain(error);
    }
  }

  #show(/** @type {Prepared} */ prepared) {
    this.#normalized.replaceChildren(
      ...prepared.runs.map((run) => {
        const span = document.createElement("span");
        span.lang = run.language;
        span.textContent = run.text;
        return span;
      }),
    );
    this.#steps.replaceChildren(
      ...prepared.steps.map((step) => {
        const item = fromTemplate("step-item");
        const { from, to } = changedSpan(step.before, step.after);
        within(item, "code", HTMLElement).textContent = step.rule;
        within(item, "del", HTMLElement).textContent = from;
        within(item, "ins", HTMLElement).textContent = to;
        return item;
      }),
    );
    say(this.#hint, "previewSame");
    this.#hint.hidden = prepared.steps.length > 0;
  }

  #explain(/** @type {unknown} */ error) {
    if (error instanceof Refusal && error.code === "unauthenticated") this.#note("previewKey");
    else if (error instanceof Refusal && error.errors.some((field) => field.code === "nothing_to_speak")) {
      this.#note("field.nothing_to_speak");
    } else this.#note("previewAway");
  }

  #note(/** @type {import("./language.js").Key} */ key, /** @type {import("./language.js").Values} */ values = {}) {
    this.#normalized.replaceChildren();
    this.#steps.replaceChildren();
    say(this.#hint, key, values);
    this.#hint.hidden = false;
  }
}
