import { STRINGS } from "./strings.js";

/** @typedef {keyof typeof STRINGS} Key */
/** @typedef {Record<string, string | number>} Values */

const REMEMBERED = "voxgate.language";

let chinese = prefersChinese();

/** The words for `key` in the page's language, with `{name}` replaced by `values.name`. */
export function t(/** @type {Key} */ key, /** @type {Values} */ values = {}) {
  return STRINGS[key][chinese ? 0 : 1].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/** Whether there are words for `key`. */
export function knows(/** @type {string} */ key) {
  return Object.hasOwn(STRINGS, key);
}

/** Put words into `element`; they follow when the language changes. */
export function say(/** @type {HTMLElement} */ element, /** @type {Key} */ key, /** @type {Values} */ values = {}) {
  element.dataset.text = key;
  element.dataset.values = JSON.stringify(values);
  element.textContent = t(key, values);
}

/** Put words that belong to no language (names, numbers, a server's message) into `element`. */
export function sayPlain(/** @type {HTMLElement} */ element, /** @type {string} */ words) {
  delete element.dataset.text;
  delete element.dataset.values;
  element.textContent = words;
}

/** Name `element` for assistive technology; the name follows when the language changes. */
export function label(/** @type {HTMLElement} */ element, /** @type {Key} */ key, /** @type {Values} */ values = {}) {
  element.dataset.label = key;
  element.dataset.labelValues = JSON.stringify(values);
  element.setAttribute("aria-label", t(key, values));
}

/** Fill in every `data-text`, `data-label` and `data-placeholder` of the page, and `<html lang>`. */
export function translatePage() {
  document.documentElement.lang = chinese ? "zh-CN" : "en";
  for (const element of marked("data-text")) {
    element.textContent = t(key(element.dataset.text), parsed(element.dataset.values));
  }
  for (const element of marked("data-label")) {
    element.setAttribute("aria-label", t(key(element.dataset.label), parsed(element.dataset.labelValues)));
  }
  for (const element of marked("data-placeholder")) {
    element.setAttribute("placeholder", t(key(element.dataset.placeholder)));
  }
  for (const button of marked("data-language")) {
    button.setAttribute("aria-pressed", String((button.dataset.language === "zh") === chinese));
  }
}

/** Switch to `language` (`zh` or `en`) and remember it. */
export function chooseLanguage(/** @type {string} */ language) {
  chinese = language === "zh";
  try {
    localStorage.setItem(REMEMBERED, chinese ? "zh" : "en");
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
  translatePage();
}

function prefersChinese() {
  let remembered = null;
  try {
    remembered = localStorage.getItem(REMEMBERED);
  } catch {
    // As above.
  }
  return (remembered ?? navigator.language ?? "zh").toLowerCase().startsWith("zh");
}

/** @returns {NodeListOf<HTMLElement>} */
function marked(/** @type {string} */ attribute) {
  return document.querySelectorAll(`[${attribute}]`);
}

/** @returns {Key} */
function key(/** @type {string | undefined} */ name) {
  return /** @type {Key} */ (name);
}

/** @returns {Values} */
function parsed(/** @type {string | undefined} */ values) {
  return values ? JSON.parse(values) : {};
}
