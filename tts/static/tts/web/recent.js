import { label, say } from "./language.js";
import { element, fromTemplate, within } from "./page.js";
import { excerpt } from "./text.js";

/** @typedef {import("./api.js").Spoken & {text: string, format: string, url: string}} Result */

const KEPT = 8;

/** The results of this page, newest first, in memory only. */
export class Recent {
  #list = element("recent", HTMLElement);
  #hint = element("recent-hint", HTMLElement);
  /** @type {{result: Result, item: HTMLElement}[]} */
  #entries = [];
  /** @type {Result | null} */
  #current = null;

  constructor(/** @type {(result: Result) => void} */ replay) {
    this.replay = replay;
  }

  add(/** @type {Result} */ result) {
    const item = this.#item(result);
    this.#list.prepend(item);
    this.#entries.unshift({ result, item });
    this.#hint.hidden = true;
    // The one in the player stays, wherever it stands in the list.
    for (const entry of this.#entries.slice(KEPT).filter((old) => old.result !== this.#current)) {
      entry.item.remove();
      URL.revokeObjectURL(entry.result.url);
      this.#entries.splice(this.#entries.indexOf(entry), 1);
    }
  }

  /** Mark `result` as the one in the player. */
  select(/** @type {Result} */ result) {
    this.#current = result;
    for (const entry of this.#entries) {
      const selected = entry.result === result;
      within(entry.item, "button", HTMLButtonElement).setAttribute("aria-current", String(selected));
    }
  }

  #item(/** @type {Result} */ result) {
    const item = fromTemplate("recent-item");
    const button = within(item, "button", HTMLButtonElement);
    within(item, ".replay-text", HTMLElement).textContent = excerpt(result.text);
    label(button, "replay", { text: excerpt(result.text) });
    button.addEventListener("click", () => this.replay(result));
    const facts = [result.format.toUpperCase(), `${result.audioSeconds.toFixed(1)} s`, result.engine];
    within(item, ".replay-facts span", HTMLElement).textContent = facts.filter(Boolean).join(" · ");
    const link = within(item, "a", HTMLAnchorElement);
    link.href = result.url;
    link.download = result.fileName;
    say(link, "download");
    label(link, "downloadOf", { text: excerpt(result.text) });
    return item;
  }
}
