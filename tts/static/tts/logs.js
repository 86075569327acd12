// Follows the log: asks every two seconds what has come, and puts each line where its time belongs.

const EVERY_MS = 2000;
const TIMEOUT_MS = 10000;
const MOST_LINES = 500;

const button = document.getElementById("log-tail");
const state = document.getElementById("log-tail-state");
const body = document.querySelector("#log-lines tbody");

// A line may be seen a moment after a later one, so each answer is asked for again by the next question.
let seen = [button.dataset.seen, button.dataset.seen];
let timer = 0;
let following = false;
let asking = false;

function tell(what) {
  state.textContent = what ? state.dataset[what] : "";
  button.classList.toggle("is-lost", what === "lost" || what === "ended");
}

function show() {
  button.setAttribute("aria-pressed", String(following));
  button.textContent = following ? button.dataset.on : button.dataset.off;
}

function place(row) {
  if (document.getElementById(row.id)) {
    return;
  }
  row.classList.add("is-new");
  const below = [...body.rows].find((other) => other.dataset.order < row.dataset.order);
  body.insertBefore(row, below || null);
}

function add(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const rows = [...template.content.querySelectorAll("tr")];
  rows.reverse().forEach(place);
  while (body.rows.length > MOST_LINES) {
    body.deleteRow(-1);
  }
  if (rows.length) {
    document.querySelector(".log-empty")?.remove();
  }
}

async function ask() {
  const url = `${button.dataset.url}&seen=${encodeURIComponent(seen[0])}`;
  const answer = await fetch(url, {
    headers: { Accept: "application/json" },
    redirect: "manual",
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  if (answer.type === "opaqueredirect" || answer.status === 403) {
    return "ended";
  }
  if (!answer.ok) {
    return "lost";
  }
  const { rows, newest } = await answer.json();
  add(rows);
  seen = [seen[1], newest];
  return "live";
}

async function turn() {
  if (asking || !following || document.hidden) {
    return;
  }
  asking = true;
  let what = "lost";
  try {
    what = await ask();
  } catch {
    what = "lost";
  }
  asking = false;
  if (!following) {
    return;
  }
  if (what === "ended") {
    following = false;
    show();
  }
  tell(document.hidden ? "hidden" : what);
  plan(EVERY_MS);
}

function plan(milliseconds) {
  clearTimeout(timer);
  if (following && !document.hidden) {
    timer = setTimeout(turn, milliseconds);
  }
}

button.addEventListener("click", () => {
  following = !following;
  show();
  tell(following ? "live" : "");
  plan(0);
});

document.addEventListener("visibilitychange", () => {
  if (following) {
    tell(document.hidden ? "hidden" : "live");
    plan(0);
  }
});

show();
button.hidden = false;
