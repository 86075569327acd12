import { label, say } from "./language.js";
import { element } from "./page.js";
import { readPeaks, Waveform } from "./waveform.js";

const KEY_STEP_SECONDS = 1;

/** Plays one result: an `<audio>` behind a button, a waveform that is also the position slider, and a clock. */
export class Player {
  #audio = element("audio", HTMLAudioElement);
  #button = element("play", HTMLButtonElement);
  #slider = element("seek", HTMLElement);
  #note = element("player-note", HTMLElement);
  #position = element("position", HTMLElement);
  #total = element("duration", HTMLElement);
  #waveform = new Waveform(element("waveform", HTMLCanvasElement));
  #calm = matchMedia("(prefers-reduced-motion: reduce)");
  #announcedSeconds = 0;
  #loads = 0;
  #following = false;

  constructor() {
    this.#button.addEventListener("click", () => (this.#audio.paused ? this.play() : this.#audio.pause()));
    for (const event of ["play", "pause", "ended"]) this.#audio.addEventListener(event, () => this.#showState());
    for (const event of ["timeupdate", "seeked", "durationchange"]) {
      this.#audio.addEventListener(event, () => this.#showPosition());
    }
    this.#audio.addEventListener("error", () => this.#tell("cannotPlay"));
    this.#slider.addEventListener("pointerdown", (event) => this.#drag(event));
    this.#slider.addEventListener("pointermove", (event) => event.buttons & 1 && this.#drag(event));
    this.#slider.addEventListener("keydown", (event) => this.#step(event));
  }

  /** Load audio from a blob and its object URL. `seconds` is its length, for formats that do not tell it themselves. */
  async load(/** @type {Blob} */ blob, /** @type {string} */ url, /** @type {number} */ seconds) {
    this.#loads += 1;
    const mine = this.#loads;
    this.#announcedSeconds = seconds;
    this.#note.hidden = true;
    this.#waveform.show(null);
    this.#audio.src = url;
    this.#showPosition();
    const peaks = await readPeaks(blob);
    if (mine === this.#loads) this.#waveform.show(peaks);
  }

  /** Start from where it stands. Browsers may refuse what no click asked for; the note then says so. */
  async play() {
    try {
      await this.#audio.play();
      this.#note.hidden = true;
    } catch (error) {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#tell("autoplayBlocked");
    }
  }

  get #seconds() {
    return Number.isFinite(this.#audio.duration) ? this.#audio.duration : this.#announcedSeconds;
  }

  #tell(/** @type {"cannotPlay" | "autoplayBlocked"} */ key) {
    say(this.#note, key);
    this.#note.hidden = false;
  }

  #showState() {
    const playing = !this.#audio.paused && !this.#audio.ended;
    this.#button.classList.toggle("playing", playing);
    label(this.#button, playing ? "pause" : "play");
    if (playing && !this.#following && !this.#calm.matches) this.#follow();
  }

  // Between two `timeupdate` events, a quarter of a second apart, the colour would jump.
  #follow() {
    this.#following = !this.#audio.paused;
    if (!this.#following) return;
    this.#waveform.progress(this.#seconds ? this.#audio.currentTime / this.#seconds : 0);
    requestAnimationFrame(() => this.#follow());
  }

  #showPosition() {
    const [at, of] = [this.#audio.currentTime, this.#seconds];
    this.#waveform.progress(of ? at / of : 0);
    this.#position.textContent = clock(at);
    this.#total.textContent = clock(of);
    this.#slider.setAttribute("aria-valuemax", of.toFixed(1));
    this.#slider.setAttribute("aria-valuenow", at.toFixed(1));
    this.#slider.setAttribute("aria-valuetext", `${clock(at)} / ${clock(of)}`);
  }

  #seek(/** @type {number} */ seconds) {
    this.#audio.currentTime = Math.min(Math.max(0, seconds), this.#seconds);
  }

  #drag(/** @type {PointerEvent} */ event) {
    this.#slider.setPointerCapture(event.pointerId);
    const bounds = this.#slider.getBoundingClientRect();
    this.#seek(((event.clientX - bounds.left) / bounds.width) * this.#seconds);
  }

  #step(/** @type {KeyboardEvent} */ event) {
    const at = this.#audio.currentTime;
    /** @type {Record<string, number>} */
    const targets = {
      ArrowRight: at + KEY_STEP_SECONDS,
      ArrowUp: at + KEY_STEP_SECONDS,
      ArrowLeft: at - KEY_STEP_SECONDS,
      ArrowDown: at - KEY_STEP_SECONDS,
      Home: 0,
      End: this.#seconds,
    };
    if (event.key === " ") this.#button.click();
    else if (event.key in targets) this.#seek(targets[event.key]);
    else return;
    event.preventDefault();
  }
}

function clock(/** @type {number} */ seconds) {
  const tenths = Math.round(seconds * 10);
  const minutes = Math.floor(tenths / 600);
  return `${minutes}:${((tenths % 600) / 10).toFixed(1).padStart(4, "0")}`;
}
