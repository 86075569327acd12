import { startPlayers } from "./request_player.js";

const FIRST_MILLISECONDS = 400;
const LONGEST_MILLISECONDS = 3000;
const GROWTH = 1.25;

/** Fill in the parts of `root` as the server has them, until the request has ended. */
export async function follow(/** @type {HTMLElement} */ root) {
  let pause = FIRST_MILLISECONDS;
  while (root.dataset.final !== "true") {
    await passed(pause);
    pause = Math.min(LONGEST_MILLISECONDS, pause * GROWTH);
    await visible();
    const state = await ask(root.dataset.stateUrl ?? "");
    if (state === "refused") return;
    if (state) show(root, state);
  }
}

/**
 * What the server says, null while it cannot be reached.
 * @returns {Promise<{final: boolean, parts: Record<string, string>} | "refused" | null>}
 */
async function ask(/** @type {string} */ url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" }, redirect: "error" });
    if (answer.status >= 400 && answer.status < 500) return "refused";
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

function show(/** @type {HTMLElement} */ root, /** @type {{final: boolean, parts: Record<string, string>}} */ state) {
  for (const [name, html] of Object.entries(state.parts)) {
    const part = root.querySelector(`[data-part="${name}"]`);
    if (!part || part.contains(document.activeElement)) {
      // Nobody's focus is taken away; at the end it must be.
      if (!part || !state.final) continue;
    }
    // The server's own template, escaped there.
    part.innerHTML = html;
    startPlayers(part);
  }
  root.dataset.final = String(state.final);
}

/** @returns {Promise<void>} */
function passed(/** @type {number} */ milliseconds) {
  return new Promise((done) => setTimeout(done, milliseconds));
}

/** Wait until somebody looks at the page. */
function visible() {
  if (!document.hidden) return Promise.resolve();
  return new Promise((done) => document.addEventListener("visibilitychange", done, { once: true }));
}
