const BARS_PER_PIXEL = 1 / 4;
const PEAKS = 1200;
const DECODING_RATE = 8000; // Hz; only the envelope is drawn

/**
 * The loudest sample of each of 1200 equal stretches, 0 … 1 of the loudest of all. Null when the browser cannot
 * decode the format.
 * @returns {Promise<Float32Array | null>}
 */
export async function readPeaks(/** @type {Blob} */ blob) {
  try {
    const context = new OfflineAudioContext(1, 1, DECODING_RATE);
    const decoded = await context.decodeAudioData(await blob.arrayBuffer());
    return peaksOf(decoded.getChannelData(0));
  } catch {
    return null;
  }
}

function peaksOf(/** @type {Float32Array} */ samples) {
  const peaks = new Float32Array(PEAKS);
  for (let index = 0; index < samples.length; index += 1) {
    const place = Math.floor((index * PEAKS) / samples.length);
    peaks[place] = Math.max(peaks[place], Math.abs(samples[index]));
  }
  const loudest = peaks.reduce((most, peak) => Math.max(most, peak), 1e-6);
  return peaks.map((peak) => peak / loudest);
}

/** Bars on a canvas; the part that has been played is in the accent colour. Without peaks, a plain line. */
export class Waveform {
  /** @type {Float32Array | null} */
  #peaks = null;
  #fraction = 0;

  constructor(/** @type {HTMLCanvasElement} */ canvas) {
    this.canvas = canvas;
    new ResizeObserver(() => this.#draw()).observe(canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#draw());
  }

  show(/** @type {Float32Array | null} */ peaks) {
    this.#peaks = peaks;
    this.#draw();
  }

  /** `fraction` of the audio has been played, 0 … 1. */
  progress(/** @type {number} */ fraction) {
    this.#fraction = fraction;
    this.#draw();
  }

  #draw() {
    const { clientWidth: width, clientHeight: height } = this.canvas;
    const context = this.canvas.getContext("2d");
    if (!context || !width) return;
    const density = window.devicePixelRatio;
    this.canvas.width = width * density;
    this.canvas.height = height * density;
    context.scale(density, density);
    const style = getComputedStyle(this.canvas);
    const [played, rest] = [style.getPropertyValue("--accent"), style.getPropertyValue("--wave")];
    const bars = Math.max(1, Math.floor(width * BARS_PER_PIXEL));
    const step = width / bars;
    for (let bar = 0; bar < bars; bar += 1) {
      const tall = Math.max(2, this.#peak(bar / bars, (bar + 1) / bars) * (height - 4));
      context.fillStyle = (bar + 0.5) / bars <= this.#fraction ? played : rest;
      context.fillRect(bar * step, (height - tall) / 2, Math.max(1, step - 1.5), tall);
    }
  }

  #peak(/** @type {number} */ from, /** @type {number} */ to) {
    if (!this.#peaks) return 0;
    const first = Math.floor(from * PEAKS);
    return Math.max(...this.#peaks.subarray(first, Math.max(first + 1, Math.floor(to * PEAKS))));
  }
}
