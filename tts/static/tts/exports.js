/* While a file is being written, fetch the page anew and put what changed in place, without a reload. */

"use strict";

const EVERY_MILLISECONDS = 2000;
const PLACES = ["#result_list tbody", ".paginator", "#usageexport_form fieldset"];

const unfinished = () => document.querySelectorAll("progress.export-progress").length;
const failed = () => document.querySelectorAll(".export-retry").length;

function announce(word) {
  const live = document.querySelector(".export-live");
  if (live) live.textContent = live.dataset[word];
}

async function refresh() {
  const response = await fetch(location.href, { headers: { Accept: "text/html" }, redirect: "error" });
  if (!response.ok) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  const [waited, lost] = [unfinished(), failed()];
  for (const place of PLACES) {
    const now = fresh.querySelectorAll(place);
    document.querySelectorAll(place).forEach((old, number) => {
      if (now[number] && old.innerHTML !== now[number].innerHTML) {
        old.replaceChildren(...document.importNode(now[number], true).childNodes);
      }
    });
  }
  if (failed() > lost) announce("failed");
  else if (unfinished() < waited) announce("ready");
}

async function watch() {
  if (!unfinished()) return;
  if (!document.hidden) {
    // A server that is away for a moment, or a session that ended: the page stays as it is.
    await refresh().catch(() => {});
  }
  setTimeout(watch, EVERY_MILLISECONDS);
}

document.addEventListener("DOMContentLoaded", () => setTimeout(watch, EVERY_MILLISECONDS));
