import { speak } from "./api.js";
import { Busy } from "./busy.js";
import { Errors } from "./errors.js";
import { KeyField } from "./key.js";
import { chooseLanguage, translatePage } from "./language.js";
import { element } from "./page.js";
import { Preview } from "./preview.js";
import { Recent } from "./recent.js";
import { ResultView } from "./result.js";
import { Status } from "./status.js";
import { countCharacters } from "./text.js";
import { Voices } from "./voices.js";

/** @typedef {import("./errors.js").Field} Field */

const { maxCharacters, needsKey, speechUrl = "", previewUrl = "", readyUrl = "", voicesUrl = "" } = document.body.dataset;
const limit = Number(maxCharacters);

const form = element("speech-form", HTMLFormElement);
const text = element("text", HTMLTextAreaElement);
const speed = element("speed", HTMLInputElement);
const errors = new Errors();
const busy = new Busy();
const view = new ResultView();
const recent = new Recent((result) => present(result));
const key = new KeyField(() => {
  errors.clearField("key");
  preview.update(text.value, key.value);
  voices.update(key.value);
});
const voices = new Voices({ url: voicesUrl, needsKey: needsKey === "true" }, () => errors.clearField("voice"));
const preview = new Preview({ url: previewUrl, limit, needsKey: needsKey === "true" });

function textChanged() {
  const count = countCharacters(text.value);
  element("count-value", HTMLOutputElement).textContent = String(count);
  element("count", HTMLElement).classList.toggle("over", count > limit);
  errors.clearField("text");
  preview.update(text.value, key.value);
}

/** Tells about what can be known without asking the server; true when there is nothing to tell. */
function inputIsGood() {
  const count = countCharacters(text.value);
  if (key.problem) errors.atField("key", key.problem);
  else if (count === 0) errors.atField("text", "field.blank");
  else if (count > limit) errors.atField("text", "field.too_long", { count, limit });
  else return true;
  return false;
}

async function synthesize() {
  if (busy.active) return;
  errors.clear();
  if (!inputIsGood()) return;
  const speaker = voices.value ? { voice: voices.value } : { speaker_id: Number(new FormData(form).get("speaker")) };
  const request = {
    text: text.value,
    ...speaker,
    speed: Number(speed.value),
    format: String(new FormData(form).get("format")),
  };
  const signal = busy.start();
  try {
    const spoken = await speak(speechUrl, request, key.value, signal);
    const url = URL.createObjectURL(spoken.blob);
    const result = { ...spoken, text: request.text, format: request.format, url };
    busy.finish("announceDone", { seconds: result.audioSeconds.toFixed(1) });
    recent.add(result);
    present(result);
  } catch (error) {
    busy.finish(signal.aborted ? "announceCanceled" : null);
    if (!signal.aborted) errors.show(error, { count: countCharacters(request.text), limit });
  }
}

function present(/** @type {import("./recent.js").Result} */ result) {
  view.show(result);
  recent.select(result);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void synthesize();
});
text.addEventListener("input", textChanged);
speed.addEventListener("input", () => {
  element("speed-value", HTMLOutputElement).textContent = `${Number(speed.value).toFixed(2)}×`;
  errors.clearField("speed");
});
form.addEventListener("change", (event) => {
  const name = event.target instanceof HTMLInputElement ? event.target.name : "";
  if (name === "speaker") voices.clear();
  if (name === "speaker" || name === "format") errors.clearField(name === "speaker" ? "speaker_id" : "format");
});
addEventListener("keydown", (event) => {
  // `isComposing`: Enter and Escape belong to the input method while it is open.
  if (event.isComposing) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    void synthesize();
  } else if (event.key === "Escape") busy.cancel();
});
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll(".examples button"))) {
  button.addEventListener("click", () => {
    text.value = button.textContent ?? "";
    text.focus();
    textChanged();
  });
}
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-language]"))) {
  button.addEventListener("click", () => chooseLanguage(button.dataset.language ?? "zh"));
}

translatePage();
speed.dispatchEvent(new Event("input"));
textChanged();
voices.update(key.value);
element("synthesize", HTMLButtonElement).disabled = false;
void new Status(readyUrl).check();
