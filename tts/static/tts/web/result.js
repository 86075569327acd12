import { knows, say, sayPlain } from "./language.js";
import { element } from "./page.js";
import { Player } from "./player.js";

/** @typedef {import("./language.js").Key} Key */
/** @typedef {import("./recent.js").Result} Result */

/** The result in hand: player, download, and what the response headers tell. */
export class ResultView {
  #player = new Player();
  #section = element("result", HTMLElement);
  #download = element("download", HTMLAnchorElement);

  /** Show `result` and play it. */
  show(/** @type {Result} */ result) {
    this.#section.hidden = false;
    this.#download.href = result.url;
    this.#download.download = result.fileName;
    this.#showFacts(result);
    void this.#player.load(result.blob, result.url, result.audioSeconds);
    void this.#player.play();
    this.#section.scrollIntoView({ block: "nearest" });
  }

  #showFacts(/** @type {Result} */ result) {
    const { audioSeconds, synthesisSeconds } = result;
    sayPlain(element("fact-engine", HTMLElement), result.engine || "–");
    sayPlain(element("fact-voice", HTMLElement), result.voice || "–");
    say(element("fact-audio", HTMLElement), "seconds", { seconds: audioSeconds.toFixed(2) });
    say(element("fact-synthesis", HTMLElement), "secondsAndFactor", {
      seconds: synthesisSeconds.toFixed(3),
      factor: audioSeconds ? (synthesisSeconds / audioSeconds).toPrecision(2) : "–",
    });
    sayPlain(element("fact-characters", HTMLElement), String(result.characters));
    const reason = `fallback.${result.fallback}`;
    const line = element("fact-fallback", HTMLElement);
    if (knows(reason)) say(line, /** @type {Key} */ (reason));
    else sayPlain(line, result.fallback);
    line.classList.toggle("notable", result.fallback !== "none");
  }
}
