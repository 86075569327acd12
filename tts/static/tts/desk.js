/** Keeps the home page of the admin fresh: the strip every few seconds, the charts every few minutes. */

import { drawCharts } from "./charts.js";

const ANSWER_MILLISECONDS = 15_000;
const STALE_AFTER = 3;

/** Calls `work` after `first` seconds and again `seconds` after each end, while the page is visible. */
function every(/** @type {number} */ seconds, /** @type {() => Promise<void>} */ work, first = seconds) {
  let timer = 0;
  let due = Date.now() + first * 1000;
  async function go() {
    if (document.hidden || Date.now() < due) return;
    due = Infinity;
    await work();
    plan(seconds);
  }
  function plan(/** @type {number} */ wait) {
    due = Date.now() + wait * 1000;
    clearTimeout(timer);
    // Timers may fire a moment early.
    timer = setTimeout(go, wait * 1000 + 5);
  }
  // A timer that fired in a hidden page is made up for.
  document.addEventListener("visibilitychange", go);
  plan(first);
}

/** Puts what differs into place, so that a link that has the focus keeps it. */
function patch(/** @type {HTMLElement} */ box, /** @type {DocumentFragment} */ fresh) {
  const pieces = [...box.querySelectorAll("[data-piece]")];
  const news = [...fresh.querySelectorAll("[data-piece]")];
  const names = (/** @type {Element[]} */ list) => list.map((piece) => piece.getAttribute("data-piece")).join();
  if (names(pieces) !== names(news)) {
    box.replaceChildren(fresh);
    return;
  }
  pieces.forEach((piece, place) => {
    if (piece.outerHTML !== news[place].outerHTML) piece.replaceWith(news[place]);
  });
}

class Strip {
  #panel;
  #box = /** @type {HTMLElement} */ (document.getElementById("desk-pieces"));
  #stale = /** @type {HTMLElement} */ (document.getElementById("desk-stale"));
  #loggedOut = /** @type {HTMLElement} */ (document.getElementById("desk-logged-out"));
  #seconds;
  #answered = Date.now();

  constructor(/** @type {HTMLElement} */ panel) {
    this.#panel = panel;
    this.#seconds = Number(panel.dataset.seconds);
    every(this.#seconds, () => this.#refresh(), 0);
    // An answer that is awaited makes old figures no younger.
    setInterval(() => this.#age(), 1000);
  }

  async #refresh() {
    try {
      const answer = await fetch(this.#panel.dataset.url ?? "", {
        redirect: "manual",
        cache: "no-store",
        signal: AbortSignal.timeout(ANSWER_MILLISECONDS),
      });
      this.#loggedOut.hidden = answer.type !== "opaqueredirect";
      if (answer.ok) this.#show(await answer.text());
    } catch {
      // The age of the figures says it.
    }
    this.#age();
  }

  #show(/** @type {string} */ html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    patch(this.#box, template.content);
    this.#answered = Date.now();
  }

  #age() {
    if (document.hidden) return;
    const old = Date.now() - this.#answered > STALE_AFTER * this.#seconds * 1000;
    this.#stale.hidden = !old || !this.#loggedOut.hidden;
    this.#panel.classList.toggle("is-stale", old || !this.#loggedOut.hidden);
  }
}

/** The charts come with the page itself; whoever points at one shall not lose it. */
async function refreshCharts(/** @type {HTMLElement} */ panel) {
  if (panel.matches(":hover")) return;
  const answer = await fetch(location.href, { redirect: "manual", signal: AbortSignal.timeout(ANSWER_MILLISECONDS) }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#desk-charts .desk-charts");
  if (fresh === null) return;
  panel.querySelector(".desk-charts")?.replaceWith(fresh);
  drawCharts(panel);
}

const live = document.getElementById("desk-live");
if (live) new Strip(live);
const charts = document.getElementById("desk-charts");
if (charts) {
  every(Number(charts.dataset.seconds), () => refreshCharts(charts));
}
