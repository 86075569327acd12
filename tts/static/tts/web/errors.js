import { Refusal } from "./api.js";
import { knows, say, sayPlain } from "./language.js";
import { element } from "./page.js";

/** @typedef {import("./language.js").Key} Key */
/** @typedef {import("./language.js").Values} Values */

/** Field names of the API and the control each one's error belongs to. */
const CONTROLS = {
  text: "#text",
  speaker_id: "[name=speaker]",
  voice: "#voice",
  speed: "#speed",
  format: "[name=format]",
  key: "#key",
};

/** @typedef {keyof typeof CONTROLS} Field */

/** Puts what went wrong where it belongs: at its field, else into the alert below the form. */
export class Errors {
  #alert = element("alert", HTMLElement);
  #title = element("alert-title", HTMLElement);
  #detail = element("alert-detail", HTMLElement);
  #request = element("alert-request", HTMLElement);
  #requestId = element("alert-request-id", HTMLElement);

  clear() {
    this.#alert.hidden = true;
    for (const line of document.querySelectorAll(".field-error")) /** @type {HTMLElement} */ (line).hidden = true;
    for (const control of document.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  }

  clearField(/** @type {Field} */ field) {
    const line = document.getElementById(`${field}-error`);
    if (line) line.hidden = true;
    for (const control of document.querySelectorAll(CONTROLS[field])) control.removeAttribute("aria-invalid");
  }

  /** Show words at a field and take the focus there. */
  atField(/** @type {Field} */ field, /** @type {Key} */ key, /** @type {Values} */ values = {}) {
    this.#mark(field, (line) => say(line, key, values));
  }

  /** Show what `speak()` threw. `values` fill in the words of field errors. */
  show(/** @type {unknown} */ error, /** @type {Values} */ values) {
    if (!(error instanceof Refusal)) return this.#tell("problem.unreachable");
    if (error.code === "unauthenticated" && document.getElementById("key")) return this.atField("key", "keyRefused");
    const elsewhere = error.errors.filter((bad) => !isField(bad.field));
    for (const bad of [...error.errors].reverse()) {
      if (isField(bad.field)) this.#mark(bad.field, (line) => sayFieldError(line, bad, values));
    }
    if (error.errors.length && !elsewhere.length) return undefined;
    const key = `problem.${error.code}`;
    this.#tell(knows(key) ? /** @type {Key} */ (key) : "problem.unexpected", { status: error.status });
    if (error.retryAfter !== null) say(this.#detail, "retryAfter", { seconds: error.retryAfter });
    else sayPlain(this.#detail, elsewhere.map((bad) => `${bad.field}: ${bad.message}`).join("; ") || error.detail);
    this.#detail.hidden = !this.#detail.textContent;
    this.#requestId.textContent = error.requestId;
    this.#request.hidden = !error.requestId;
    return undefined;
  }

  #tell(/** @type {Key} */ key, /** @type {Values} */ values = {}) {
    say(this.#title, key, values);
    this.#detail.hidden = true;
    this.#request.hidden = true;
    this.#alert.hidden = false;
  }

  #mark(/** @type {Field} */ field, /** @type {(line: HTMLElement) => void} */ write) {
    const line = element(`${field}-error`, HTMLElement);
    write(line);
    line.hidden = false;
    const controls = [.../** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll(CONTROLS[field]))];
    for (const control of controls) control.setAttribute("aria-invalid", "true");
    (controls.find((control) => control.checked) ?? controls[0])?.focus();
  }
}

/** @returns {name is Field} */
function isField(/** @type {string} */ name) {
  return Object.hasOwn(CONTROLS, name) && document.getElementById(`${name}-error`) !== null;
}

function sayFieldError(
  /** @type {HTMLElement} */ line,
  /** @type {import("./api.js").FieldError} */ bad,
  /** @type {Values} */ values,
) {
  const key = `field.${bad.code}`;
  if (knows(key)) say(line, /** @type {Key} */ (key), values);
  else sayPlain(line, bad.message);
}
