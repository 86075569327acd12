// Every control character but tab and line feed, and halves of surrogate pairs.
const UNCOUNTED = /[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
// White space as Python strips it; `trim()` would take U+FEFF too.
const SPACE = "[\\t\\n \\u00a0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+";
const OUTER_SPACE = new RegExp(`^${SPACE}|${SPACE}$`, "g");
const WORD = /[A-Za-z0-9]/;

/** The billed length of a text in Unicode code points; the same as `tts.text.count.count_characters`. */
export function countCharacters(/** @type {string} */ text) {
  return [...text.replace(UNCOUNTED, "").normalize("NFC").replace(OUTER_SPACE, "")].length;
}

/**
 * What differs between two texts, widened to whole words; where something was only added or removed, with a little
 * of its surroundings.
 */
export function changedSpan(/** @type {string} */ before, /** @type {string} */ after) {
  if (before === after) return { from: "", to: "" };
  const [old, fresh] = [[...before], [...after]];
  const shorter = Math.min(old.length, fresh.length);
  let start = 0;
  while (start < shorter && old[start] === fresh[start]) start += 1;
  let end = 0;
  while (end < shorter - start && old[old.length - 1 - end] === fresh[fresh.length - 1 - end]) end += 1;
  while (start > 0 && WORD.test(old[start - 1]) && (WORD.test(old[start] ?? "") || WORD.test(fresh[start] ?? ""))) {
    start -= 1;
  }
  while (end > 0 && WORD.test(old[old.length - end]) && touchesWord(old, fresh, start, end)) end -= 1;
  if (start + end >= shorter) start = Math.max(0, start - 2);
  return { from: old.slice(start, old.length - end).join(""), to: fresh.slice(start, fresh.length - end).join("") };
}

function touchesWord(
  /** @type {string[]} */ old,
  /** @type {string[]} */ fresh,
  /** @type {number} */ start,
  /** @type {number} */ end,
) {
  return [old, fresh].some((text) => text.length - end > start && WORD.test(text[text.length - end - 1]));
}

/** `text` on one line, at most `limit` code points. */
export function excerpt(/** @type {string} */ text, limit = 60) {
  const characters = [...text.trim().replace(/\s+/g, " ")];
  return characters.length > limit ? `${characters.slice(0, limit - 1).join("")}…` : characters.join("");
}
