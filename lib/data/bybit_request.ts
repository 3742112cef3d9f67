/**
 * One request to Bybit's v5 market API: what its answers mean, which failures are worth another try, and how long to wait.
 * It knows nothing of candles. Error codes: https://bybit-exchange.github.io/docs/v5/error
 * @module
 */
import { DataError } from "./candles.ts";

/** Waits; rejects with the signal's reason when it is aborted meanwhile. */
export type Sleep = (ms: number, signal?: AbortSignal) => Promise<void>;

/** How a request is made. */
export interface RequestOptions {
  /** What messages call it. */
  readonly what: string;
  /** Further tries after a failure that may pass. */
  readonly retries: number;
  /** How to wait between tries. */
  readonly sleep: Sleep;
  /** Ends the request, and the waiting between tries. */
  readonly signal?: AbortSignal | undefined;
}

/** Bybit's answer, checked as far as its envelope. */
export interface BybitAnswer {
  /** Bybit's clock, ms UTC. */
  readonly time: number;
  /** The payload. */
  readonly result: unknown;
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/** retCodes that another try may mend: server time-out, rate limits, internal error, IP rate limit. */
const PASSING_CODES: ReadonlySet<number> = new Set([10000, 10006, 10016, 10018, 10429]);

/** A failure that another try may mend. */
class PassingError extends Error {
  /** Bybit's own hint of how long to wait, in ms. */
  readonly wait: number | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly wait?: number | undefined }) {
    super(message, options);
    this.wait = options?.wait;
  }
}

/** Waits by a timer. */
export function sleepFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How long Bybit asks to wait: its reset time against its own clock where it tells both. */
function askedWait(headers: Headers): number | undefined {
  const reset = Number(headers.get("X-Bapi-Limit-Reset-Timestamp") ?? NaN);
  const now = Number(headers.get("Timenow") ?? Date.now());
  return Number.isFinite(reset) && Number.isFinite(now) && reset > now ? reset - now : undefined;
}

/** What an HTTP status other than success means. */
function httpError(status: number, what: string, wait: number | undefined): Error {
  if (status === 403) {
    return new DataError(
      `Cannot fetch ${what}: HTTP 403: either Bybit does not serve this region, or this address made too many requests ` +
        `(then wait 10 minutes)`,
    );
  }
  const message = `Cannot fetch ${what}: HTTP ${status}`;
  return status === 429 || status >= 500 ? new PassingError(message, { wait }) : new DataError(message);
}

/** Reads the envelope `{ retCode, retMsg, result, time }`. */
function readEnvelope(text: string, what: string, wait: number | undefined): BybitAnswer {
  if (text.trimStart().startsWith("<")) {
    throw new DataError(`Cannot fetch ${what}: expected JSON, got HTML: is the base URL, or a proxy, another site?`);
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch (cause) {
    throw new PassingError(`Cannot fetch ${what}: expected JSON, got broken or cut-off text`, { cause });
  }
  if (!isRecord(body) || typeof body.retCode !== "number") {
    throw new DataError(`Cannot fetch ${what}: expected an answer with retCode, got "${text.slice(0, 80)}"`);
  }
  const { retCode, retMsg, result, time } = body;
  if (retCode !== 0) {
    const message = `Cannot fetch ${what}: Bybit answered ${retCode} "${String(retMsg)}"`;
    if (PASSING_CODES.has(retCode)) throw new PassingError(message, { wait });
    const unknown = retCode === 10001 && /symbol/i.test(String(retMsg));
    throw new DataError(unknown ? `${message}: unknown symbol in this category` : message);
  }
  if (typeof time !== "number" || !Number.isFinite(time)) {
    throw new DataError(`Cannot fetch ${what}: expected the server's time in the answer, got ${String(time)}`);
  }
  return { time, result };
}

async function requestOnce(url: URL, options: RequestOptions): Promise<BybitAnswer> {
  const { what, signal } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, { signal: signal ?? null, headers: { accept: "application/json" } });
    text = await response.text();
  } catch (cause) {
    signal?.throwIfAborted();
    // Missing permissions and the like are no matter of the network.
    if (!(cause instanceof TypeError)) throw cause;
    throw new PassingError(`Cannot fetch ${what}: ${url.origin} cannot be reached (${cause.message})`, { cause });
  }
  const wait = askedWait(response.headers);
  if (!response.ok) throw httpError(response.status, what, wait);
  return readEnvelope(text, what, wait);
}

/**
 * Asks Bybit, and asks again with doubling waits (0.5 s to 30 s, or as long as Bybit says) while the failure may pass.
 *
 * @param url The whole address.
 * @param options Name, tries, signal.
 * @throws {DataError} The failure is final or did not pass.
 */
export async function requestBybit(url: URL, options: RequestOptions): Promise<BybitAnswer> {
  const { retries, sleep, signal } = options;
  for (let attempt = 0;; attempt++) {
    signal?.throwIfAborted();
    try {
      return await requestOnce(url, options);
    } catch (error) {
      if (!(error instanceof PassingError)) throw error;
      if (attempt >= retries) {
        throw new DataError(`${error.message}; gave up after ${attempt + 1} tries`, { cause: error });
      }
      await sleep(Math.min(LONGEST_WAIT_MS, error.wait ?? FIRST_WAIT_MS * 2 ** attempt), signal);
    }
  }
}
