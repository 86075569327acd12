const KEPT = "voxgate.key";

/** The key field, where the server needs one: its text stays in the page, in this tab's storage only when asked. */
export class KeyField {
  /** @type {HTMLInputElement | null} */
  #input = document.querySelector("#key");
  /** @type {HTMLInputElement | null} */
  #keep = document.querySelector("#key-keep");

  constructor(/** @type {() => void} */ changed) {
    if (!this.#input || !this.#keep) return;
    const kept = sessionStorage.getItem(KEPT);
    if (kept) {
      this.#input.value = kept;
      this.#keep.checked = true;
    }
    for (const control of [this.#input, this.#keep]) {
      control.addEventListener("input", () => {
        this.#store();
        changed();
      });
    }
  }

  /** The key, empty when there is none or none is needed. */
  get value() {
    return this.#input?.value.trim() ?? "";
  }

  /** What is wrong with the key as typed, null when it can be sent. */
  get problem() {
    if (!this.#input) return null;
    if (!this.value) return "keyMissing";
    return /^[\x21-\x7e]+$/.test(this.value) ? null : "keyMalformed";
  }

  #store() {
    if (this.#keep?.checked) sessionStorage.setItem(KEPT, this.value);
    else sessionStorage.removeItem(KEPT);
  }
}
