/**
 * @typedef {{field: string, code: string, message: string}} FieldError
 * @typedef {{text: string, speaker_id?: number, voice?: string, speed: number, format: string}} SpeechRequest
 * @typedef {{id: string, name: string, engine: string, state: string}} VoiceEntry
 * @typedef {{language: string, text: string}} Run
 * @typedef {{rule: string, before: string, after: string}} Step
 * @typedef {{normalized: string, runs: Run[], steps: Step[]}} Preview
 * @typedef {{ok: boolean, required?: boolean, problem?: string, [fact: string]: unknown}} Part
 * @typedef {{status: string, failing: string[], parts: Record<string, Part>}} Readiness
 * @typedef {object} Spoken
 * @property {Blob} blob
 * @property {string} fileName
 * @property {string} engine
 * @property {string} voice
 * @property {string} fallback
 * @property {number} audioSeconds
 * @property {number} synthesisSeconds
 * @property {number} characters
 */

/** The server said no, as a problem document (RFC 9457) or, behind a broken proxy, as anything else. */
export class Refusal extends Error {
  constructor(/** @type {number} */ status, /** @type {Record<string, any>} */ problem) {
    super(`refused with ${status}`);
    this.status = status;
    this.code = typeof problem.code === "string" ? problem.code : "unexpected";
    this.detail = typeof problem.detail === "string" ? problem.detail : "";
    this.requestId = typeof problem.request_id === "string" ? problem.request_id : "";
    this.retryAfter = typeof problem.retry_after === "number" ? problem.retry_after : null;
    /** @type {FieldError[]} */
    this.errors = Array.isArray(problem.errors) ? problem.errors : [];
  }
}

/** No answer at all. */
export class Unreachable extends Error {}

/**
 * `POST /api/tts`. Throws `Refusal`, `Unreachable`, or an `AbortError` once `signal` fires.
 * @returns {Promise<Spoken>}
 */
export async function speak(
  /** @type {string} */ url,
  /** @type {SpeechRequest} */ request,
  /** @type {string} */ key,
  /** @type {AbortSignal} */ signal,
) {
  const response = await post(url, request, key, signal);
  const blob = await reached(response.blob(), signal);
  const header = (/** @type {string} */ name) => response.headers.get(name) ?? "";
  return {
    blob,
    fileName: fileNameOf(header("Content-Disposition")) || `voxgate.${request.format}`,
    engine: header("X-Voxgate-Engine"),
    voice: header("X-Voxgate-Voice"),
    fallback: header("X-Voxgate-Fallback") || "none",
    audioSeconds: Number(header("X-Voxgate-Audio-Seconds")),
    synthesisSeconds: Number(header("X-Voxgate-Synthesis-Seconds")),
    characters: Number(header("X-Voxgate-Characters")),
  };
}

/**
 * `POST /api/text/preview`. Throws as `speak` does.
 * @returns {Promise<Preview>}
 */
export async function previewText(
  /** @type {string} */ url,
  /** @type {string} */ text,
  /** @type {string} */ key,
  /** @type {AbortSignal} */ signal,
) {
  const response = await post(url, { text }, key, signal);
  return reached(response.json(), signal);
}

/**
 * `GET /api/voices`. Throws `Refusal`, or what `fetch` throws.
 * @returns {Promise<VoiceEntry[]>}
 */
export async function readVoices(/** @type {string} */ url, /** @type {string} */ key, /** @type {AbortSignal} */ signal) {
  const response = await fetch(url, { headers: key ? { Authorization: `Bearer ${key}` } : {}, signal });
  if (!response.ok) throw new Refusal(response.status, await problemOf(response));
  return (await response.json()).voices;
}

/**
 * `GET /readyz`, whose 503 is an answer too. Throws when there is none within `milliseconds`.
 * @returns {Promise<Readiness>}
 */
export async function readReadiness(/** @type {string} */ url, /** @type {number} */ milliseconds) {
  const response = await fetch(url, { signal: AbortSignal.timeout(milliseconds), cache: "no-store" });
  const readiness = await response.json();
  if (!Array.isArray(readiness.failing) || typeof readiness.parts !== "object") throw new Unreachable();
  return readiness;
}

/** The file name of a `Content-Disposition` header, made of harmless characters only; empty when there is none. */
export function fileNameOf(/** @type {string} */ disposition) {
  const name = /filename="?([^";]+)"?/i.exec(disposition)?.[1] ?? "";
  return name.replace(/[^\w.-]/g, "_").replace(/^\.+/, "");
}

async function post(
  /** @type {string} */ url,
  /** @type {object} */ body,
  /** @type {string} */ key,
  /** @type {AbortSignal} */ signal,
) {
  /** @type {Record<string, string>} */
  const headers = { "Content-Type": "application/json" };
  if (key) headers.Authorization = `Bearer ${key}`;
  const response = await reached(fetch(url, { method: "POST", headers, body: JSON.stringify(body), signal }), signal);
  if (!response.ok) throw new Refusal(response.status, await problemOf(response));
  return response;
}

/** @returns {Promise<Record<string, any>>} */
async function problemOf(/** @type {Response} */ response) {
  try {
    return (await response.json()) ?? {};
  } catch {
    return {};
  }
}

/**
 * Browsers reject with a bare TypeError when the network fails.
 * @template T
 * @param {Promise<T>} promise
 * @param {AbortSignal} signal
 * @returns {Promise<T>}
 */
async function reached(promise, signal) {
  try {
    return await promise;
  } catch (error) {
    if (signal.aborted) throw error;
    throw new Unreachable();
  }
}
