/**
 * Downloads candles from Bybit into CSV files, one per symbol, and continues where the files on disk end.
 * Files are replaced whole (written beside, then renamed), so a stop at any moment leaves good files. It holds no market
 * logic: that is `fetchBybit()`.
 *
 * deno run --allow-net=api.bybit.com --allow-read=DIR --allow-write=DIR examples/bybit_fetch.ts --symbols BTCUSDT --out DIR
 * @module
 */
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Candles, DataError, fetchBybit, readCandlesCsv } from "@adaptrade/adaptrade";
import { bybitInterval, candlesToCsv, intervalMs } from "@adaptrade/adaptrade/data";
import { AccessError, hostOf, requestAccess } from "./access.ts";

const HELP = `Downloads candles from Bybit into CSV files, one per symbol; files that are there are continued.

  deno run --allow-net=api.bybit.com --allow-read=DIR --allow-write=DIR examples/bybit_fetch.ts [options]

  --symbols A,B     symbols, such as BTCUSDT,ETHUSDT (required)
  --out DIR         folder of the files SYMBOL.csv, SYMBOL-spot.csv, SYMBOL-inverse.csv (required; made if missing)
  --interval 60     1 3 5 15 30 60 120 240 360 720 D W, or 1m to 1w (default 60)
  --start DATE      ISO date, UTC (default: one year before the end); a file that is there goes on after its last bar
  --end DATE        ISO date, UTC, exclusive (default: now)
  --category NAME   linear, spot or inverse (default linear)
  --base-url URL    server (default https://api.bybit.com; needs its own --allow-net)
  --help            this text

Ctrl-C keeps what has come so far; the same command goes on from there.`;

const YEAR_MS = 365 * 86_400_000;
const WINDOW_BARS = 1000;
const WINDOWS_PER_SAVE = 10;

interface Job {
  readonly symbols: readonly string[];
  readonly out: string;
  readonly interval: string;
  readonly start: number;
  readonly end: number;
  readonly category: "linear" | "spot" | "inverse";
  readonly baseUrl: string;
}

/** A mistake in the command line. */
class UsageError extends Error {}

function readDate(name: string, text: string): number {
  const ms = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) || /(Z|[+-]\d{2}:?\d{2})$/.test(text) ? text : `${text}Z`);
  if (Number.isNaN(ms)) throw new UsageError(`--${name} must be an ISO date such as 2024-01-01, got "${text}"`);
  return ms;
}

/** The job that the command line asks for; undefined when it asks for help. */
function readJob(args: string[]): Job | undefined {
  const text = { type: "string" } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        symbols: text,
        out: text,
        interval: { ...text, default: "60" },
        start: text,
        end: text,
        category: { ...text, default: "linear" },
        "base-url": { ...text, default: "https://api.bybit.com" },
        help: { type: "boolean", short: "h" },
      },
    }));
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (values.help) return undefined;
  const symbols = (values.symbols ?? "").split(",").map((symbol) => symbol.trim()).filter((symbol) => symbol !== "");
  if (symbols.length === 0) throw new UsageError("--symbols is missing, such as --symbols BTCUSDT,ETHUSDT");
  const odd = symbols.find((symbol) => !/^[A-Za-z0-9-]+$/.test(symbol));
  if (odd !== undefined) throw new UsageError(`--symbols must be letters, digits and dashes, got "${odd}"`);
  if (!values.out) throw new UsageError("--out is missing: the folder to write to");
  const { category } = values;
  if (category !== "linear" && category !== "spot" && category !== "inverse") {
    throw new UsageError(`--category must be linear, spot or inverse, got "${category}"`);
  }
  const end = values.end === undefined ? Date.now() : readDate("end", values.end);
  const start = values.start === undefined ? end - YEAR_MS : readDate("start", values.start);
  if (start >= end) throw new UsageError("--start must be before --end");
  let interval: string;
  try {
    interval = bybitInterval(values.interval).name;
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  if (!URL.canParse(values["base-url"])) throw new UsageError(`--base-url must be a URL, got "${values["base-url"]}"`);
  return {
    symbols: [...new Set(symbols)],
    out: values.out,
    interval,
    start,
    end,
    category,
    baseUrl: values["base-url"],
  };
}

/** The bars of a file on disk; undefined when there is none. */
async function readSaved(path: string, symbol: string, interval: string): Promise<Candles | undefined> {
  let saved: Candles;
  try {
    saved = await readCandlesCsv(path, { symbol });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    if (error.message.endsWith("no such file")) return undefined;
    // A file of one bar tells no interval: take the one asked for.
    saved = await readCandlesCsv(path, { symbol, interval });
  }
  if (saved.interval !== interval) {
    throw new DataError(`Cannot continue ${path}: it holds ${saved.interval} bars, asked for are ${interval}`);
  }
  return saved;
}

/** Two stretches of one market as one. */
function join(a: Candles | undefined, b: Candles): Candles {
  if (a === undefined) return b;
  const column = (field: "time" | "open" | "high" | "low" | "close" | "volume"): Float64Array => {
    const joined = new Float64Array(a.time.length + b.time.length);
    joined.set(a[field]);
    joined.set(b[field], a.time.length);
    return joined;
  };
  return {
    ...a,
    time: column("time"),
    open: column("open"),
    high: column("high"),
    low: column("low"),
    close: column("close"),
    volume: column("volume"),
  };
}

/** Writes beside and renames, so that the file is never half there. */
async function save(path: string, candles: Candles): Promise<void> {
  const beside = `${path}.part`;
  try {
    await writeFile(beside, candlesToCsv(candles));
    await rename(beside, path);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}

/** Brings one symbol's file up to the end of the job. */
async function fetchSymbol(job: Job, symbol: string, signal: AbortSignal): Promise<void> {
  // Prices of a perpetual and of spot are two series: each category has files of its own.
  const { category, interval, baseUrl } = job;
  const name = category === "linear" ? symbol : `${symbol}-${category}`;
  const path = `${job.out.replace(/\/+$/, "")}/${name}.csv`;
  const step = intervalMs(job.interval);
  let held = await readSaved(path, symbol, job.interval);
  let unsaved = 0;
  let from = held ? held.time[held.time.length - 1] + step : job.start;
  if (held) console.log(`${symbol}: ${held.time.length} bars on disk, going on from ${new Date(from).toISOString()}`);
  try {
    for (let windows = 1; from < job.end; windows++) {
      const to = Math.min(job.end, from + WINDOW_BARS * step);
      const page = await fetchBybit({ symbol, interval, category, baseUrl, start: from, end: to, signal });
      if (page.time.length > 0) held = join(held, page);
      unsaved += page.time.length;
      console.log(`${symbol}: ${held?.time.length ?? 0} bars, up to ${new Date(to).toISOString()}`);
      if (held && unsaved > 0 && windows % WINDOWS_PER_SAVE === 0) {
        await save(path, held);
        unsaved = 0;
      }
      from = to;
    }
  } finally {
    if (held && unsaved > 0) await save(path, held);
  }
  console.log(held ? `${symbol}: ${held.time.length} bars in ${path}` : `${symbol}: no bars in this range`);
}

/** Runs the job; the exit code. */
async function main(args: string[]): Promise<number> {
  const job = readJob(args);
  if (job === undefined) {
    console.log(HELP);
    return 0;
  }
  await requestAccess({ needs: [{ net: [hostOf(job.baseUrl)], read: [job.out], write: [job.out] }] });
  const controller = new AbortController();
  const stop = (): void => controller.abort(new DOMException("Stopped by Ctrl-C", "AbortError"));
  process.once("SIGINT", stop);
  await mkdir(job.out, { recursive: true });
  let failed = 0;
  for (const symbol of job.symbols) {
    try {
      await fetchSymbol(job, symbol, controller.signal);
    } catch (error) {
      if (controller.signal.aborted) {
        console.error("Stopped: what has come is saved; the same command goes on from there");
        return 130;
      }
      if (!(error instanceof DataError)) throw error;
      console.error(error.message);
      failed++;
    }
  }
  process.removeListener("SIGINT", stop);
  return failed > 0 ? 1 : 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof UsageError) && !(error instanceof AccessError)) throw error;
  console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error.message);
  process.exitCode = error instanceof UsageError ? 2 : 1;
}
