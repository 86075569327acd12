import { readPeaks, Waveform } from "./web/waveform.js";

const STEP_SECONDS = 1;

/** Give every player below `root` its waveform. Without this script they keep the browser's own controls. */
export function startPlayers(/** @type {ParentNode} */ root) {
  for (const element of root.querySelectorAll("[data-listen]")) {
    if (element instanceof HTMLElement && !element.dataset.started) {
      element.dataset.started = "true";
      new Player(element);
    }
  }
}

/**
 * A button, a waveform that is the position slider as well, and a clock around an `<audio>`. Nothing is fetched before
 * somebody presses play: to fetch is to listen, and is told in the audit log. It is fetched once.
 */
class Player {
  /** @type {Promise<void> | null} */
  #loading = null;

  constructor(/** @type {HTMLElement} */ root) {
    const audio = root.querySelector("audio");
    if (!audio) throw new Error("a player without its audio");
    this.root = root;
    this.audio = audio;
    this.url = audio.src;
    audio.controls = false;
    this.button = made("button", "listen-button");
    this.button.type = "button";
    this.canvas = made("canvas", "listen-waveform");
    this.slider = made("div", "listen-slider");
    this.slider.append(this.canvas);
    this.clock = made("span", "listen-clock");
    this.note = made("p", "errornote");
    this.note.hidden = true;
    this.note.setAttribute("role", "alert");
    root.append(this.button, this.slider, this.clock, this.note);
    this.waveform = new Waveform(this.canvas);
    this.#colour();
    new MutationObserver(() => this.#colour()).observe(document.documentElement, { attributeFilter: ["data-theme"] });
    this.#describeSlider();
    this.#listen();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#colour());
    this.#showState();
  }

  get #seconds() {
    return Number.isFinite(this.audio.duration) ? this.audio.duration : Number(this.root.dataset.seconds);
  }

  /** A canvas takes colours alone, not the functions that the stylesheet may write them with. */
  #colour() {
    const { color, caretColor } = getComputedStyle(this.canvas);
    this.canvas.style.setProperty("--wave", color);
    this.canvas.style.setProperty("--accent", caretColor);
    this.#showPosition();
  }

  #describeSlider() {
    this.slider.tabIndex = 0;
    this.slider.setAttribute("role", "slider");
    this.slider.setAttribute("aria-label", this.root.dataset.position ?? "");
    this.slider.setAttribute("aria-valuemin", "0");
  }

  #listen() {
    this.button.addEventListener("click", () => this.#toggle());
    for (const event of ["play", "pause", "ended"]) this.audio.addEventListener(event, () => this.#showState());
    for (const event of ["timeupdate", "seeked", "durationchange"]) {
      this.audio.addEventListener(event, () => this.#showPosition());
    }
    this.slider.addEventListener("pointerdown", (event) => this.#drag(event));
    this.slider.addEventListener("pointermove", (event) => event.buttons & 1 && this.#drag(event));
    this.slider.addEventListener("keydown", (event) => this.#key(event));
  }

  async #toggle() {
    if (!this.audio.paused) {
      this.audio.pause();
      return;
    }
    try {
      await this.#load();
      // Two at once, in a comparison, are one too many.
      for (const other of document.querySelectorAll("audio")) if (other !== this.audio) other.pause();
      await this.audio.play();
      this.note.hidden = true;
    } catch {
      this.note.textContent = this.root.dataset.failed ?? "";
      this.note.hidden = false;
    }
  }

  #load() {
    this.#loading ??= this.#fetch().catch((problem) => {
      this.#loading = null;
      throw problem;
    });
    return this.#loading;
  }

  async #fetch() {
    const answer = await fetch(this.url, { redirect: "error" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const blob = await answer.blob();
    this.audio.src = URL.createObjectURL(blob);
    this.waveform.show(await readPeaks(blob));
    this.root.dataset.loaded = "true";
  }

  #showState() {
    const playing = !this.audio.paused && !this.audio.ended;
    const word = (playing ? this.root.dataset.pause : this.root.dataset.play) ?? "";
    this.button.textContent = playing ? "❚❚" : "▶";
    this.button.setAttribute("aria-label", word);
    this.button.title = word;
  }

  #showPosition() {
    const [at, of] = [this.audio.currentTime, this.#seconds];
    this.waveform.progress(of ? at / of : 0);
    this.clock.textContent = `${at.toFixed(1)} / ${of.toFixed(1)} s`;
    this.slider.setAttribute("aria-valuemax", of.toFixed(1));
    this.slider.setAttribute("aria-valuenow", at.toFixed(1));
    this.slider.setAttribute("aria-valuetext", this.clock.textContent);
  }

  #seek(/** @type {number} */ seconds) {
    if (this.root.dataset.loaded) this.audio.currentTime = Math.min(Math.max(0, seconds), this.#seconds);
  }

  #drag(/** @type {PointerEvent} */ event) {
    this.slider.setPointerCapture(event.pointerId);
    const bounds = this.slider.getBoundingClientRect();
    this.#seek(((event.clientX - bounds.left) / bounds.width) * this.#seconds);
  }

  #key(/** @type {KeyboardEvent} */ event) {
    const at = this.audio.currentTime;
    /** @type {Record<string, number>} */
    const targets = { ArrowRight: at + STEP_SECONDS, ArrowLeft: at - STEP_SECONDS, Home: 0, End: this.#seconds };
    if (event.key === " ") this.button.click();
    else if (event.key in targets) this.#seek(targets[event.key]);
    else return;
    event.preventDefault();
  }
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} className
 * @returns {HTMLElementTagNameMap[K]}
 */
function made(tag, className) {
  const element = document.createElement(tag);
  element.className = className;
  return element;
}
