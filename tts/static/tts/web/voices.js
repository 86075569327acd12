import { readVoices } from "./api.js";
import { say } from "./language.js";
import { element } from "./page.js";

const QUIET_MILLISECONDS = 350;
// A key that is half typed is a wrong one to the server, which counts those.
const WHOLE_KEY = /^vg_(live|test)_[0-9A-Za-z]+_[0-9A-Za-z]{24,}$/;

/** The list of voices by name, below the standard speakers; hidden while the server names none that is ready. */
export class Voices {
  #field = element("voice-field", HTMLElement);
  #select = element("voice", HTMLSelectElement);
  #request = new AbortController();

  /** @type {number | undefined} */
  #timer;

  constructor(
    /** @type {{url: string, needsKey: boolean}} */ options,
    /** @type {() => void} */ changed,
  ) {
    this.options = options;
    this.#select.addEventListener("change", changed);
  }

  /** The id of the voice that was chosen by name, empty for that of the speaker. */
  get value() {
    return this.#select.value;
  }

  /** A speaker was chosen instead. */
  clear() {
    this.#select.value = "";
  }

  /** Show the voices that `key` may use, a moment after it was typed. */
  update(/** @type {string} */ key) {
    clearTimeout(this.#timer);
    this.#request.abort();
    if (!this.options.needsKey) void this.#ask("");
    else if (WHOLE_KEY.test(key)) this.#timer = setTimeout(() => this.#ask(key), QUIET_MILLISECONDS);
    else this.#show([]);
  }

  async #ask(/** @type {string} */ key) {
    this.#request = new AbortController();
    const { signal } = this.#request;
    const voices = await readVoices(this.options.url, key, signal).catch(() => []);
    if (!signal.aborted) this.#show(voices.filter((voice) => voice.state === "ready"));
  }

  #show(/** @type {import("./api.js").VoiceEntry[]} */ voices) {
    const chosen = this.value;
    const engines = [...new Set(voices.map((voice) => voice.engine))];
    this.#select.replaceChildren(
      bySpeaker(),
      ...engines.map((engine) => group(engine, voices.filter((voice) => voice.engine === engine))),
    );
    this.#select.value = voices.some((voice) => voice.id === chosen) ? chosen : "";
    this.#field.hidden = voices.length === 0;
  }
}

function bySpeaker() {
  const option = document.createElement("option");
  option.value = "";
  say(option, "voiceOfSpeaker");
  return option;
}

function group(/** @type {string} */ engine, /** @type {import("./api.js").VoiceEntry[]} */ voices) {
  const made = document.createElement("optgroup");
  made.label = engine;
  for (const voice of voices) {
    const option = document.createElement("option");
    option.value = voice.id;
    option.textContent = voice.name || voice.id;
    made.append(option);
  }
  return made;
}
