/**
 * Trades on paper, bar by bar, while it learns how to learn: live on Bybit, or on a replay through the same code. It stops and goes
 * on as often as you like: everything is in one SQLite file. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { bybitFeed, openTraderStore, paperTrade, replayFeed, type Trader } from "@adaptrade/adaptrade";
import { bybitInterval, intervalMs } from "@adaptrade/adaptrade/data";
import { removeTraderFile, type TraderStore } from "@adaptrade/adaptrade/store";
import type { Moment } from "@adaptrade/adaptrade/online";
import { type Access, hostOf, requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { stepLine, summary } from "./online_trading/print.ts";
import { freshTrader, replayMarkets, TRADER_HELP, TRADER_OPTIONS, type TraderValues } from "./online_trading/setup.ts";

const HELP = `Trades on paper: live on Bybit, or on a replay.

deno run --allow-read=. --allow-write=out --allow-net=stream.bybit.com,api.bybit.com examples/online_trading.ts
deno run --allow-read=. --allow-write=out examples/online_trading.ts --replay sample

  --symbols A,B      markets (default BTCUSDT live, all of a folder, SP500 and NASDAQ of the sample)
  --interval 60      live: bar length, 1 3 5 15 30 60 120 240 360 720 D W
  --warmup 400       live: closed bars to learn from before the first trade
  --replay DIR       replay the .csv and .csv.gz files of a folder, or the embedded "sample"
  --speed 0          replay: times as fast as the market was; 0 is as fast as it goes
  --commit-every 1   bars a write to the file; a kill repeats at most so many less one
  --db FILE          where everything is kept (default out/trader.sqlite, or out/replay.sqlite); it goes on from there
  --fresh            begin anew: removes that file first, unless a trader runs on it
  --every N          print every Nth bar (default 1 live, 250 in a replay)
${TRADER_HELP}
  --backend NAME     auto, webgpu or cpu (default cpu: one small network a bar gains nothing from a GPU)
  --stream-url, --base-url  live: other servers
  --help             this text`;

interface Source {
  readonly trader: Trader;
  feed(from: Trader): AsyncIterable<Moment>;
}

interface Values extends TraderValues {
  readonly symbols?: string;
  readonly interval: string;
  readonly warmup: string;
  readonly replay?: string;
  readonly speed: string;
  readonly "stream-url"?: string;
  readonly "base-url"?: string;
}

function symbolsOf({ symbols }: Values): string[] | undefined {
  return symbols?.split(",").map((symbol) => symbol.trim()).filter((symbol) => symbol !== "");
}

async function replaySource(values: Values, replay: string, signal: AbortSignal): Promise<Source> {
  const speed = numberOption("speed", values.speed, { min: 0 });
  const markets = await replayMarkets(replay, symbolsOf(values));
  return {
    trader: await freshTrader(markets, values),
    feed: ({ time }) => replayFeed(markets, { speed, ...(time !== null && { after: time }), signal }),
  };
}

async function liveSource(values: Values, signal: AbortSignal): Promise<Source> {
  const { name: interval } = bybitInterval(values.interval);
  const symbols = symbolsOf(values) ?? ["BTCUSDT"];
  const warmup = numberOption("warmup", values.warmup, { min: 1, integer: true });
  const now = Date.now();
  const step = intervalMs(interval);
  const { "stream-url": streamUrl, "base-url": baseUrl } = values;
  return {
    // The bar that is open now is the first at whose close a position may be wanted.
    trader: await freshTrader(symbols.map((symbol) => ({ symbol, interval })), values, { tradeFrom: now - step }),
    feed: ({ time }) =>
      bybitFeed({
        symbols,
        interval,
        // A bar that opened this long ago has closed `warmup` bars before the one that is open now.
        start: time === null ? now - (warmup + 1) * step : time + 1,
        ...(streamUrl !== undefined && { streamUrl }),
        ...(baseUrl !== undefined && { baseUrl }),
        signal,
        onEvent: ({ kind, at, text }) => console.error(`${new Date(at).toISOString()} ${kind}: ${text}`),
      }),
  };
}

/** What the bars of these options take. */
function feedAccess({ replay, "stream-url": stream, "base-url": base }: Values): Access {
  if (replay !== undefined) return replay === "sample" ? {} : { read: [replay] };
  return { net: [stream ?? "wss://stream.bybit.com", base ?? "https://api.bybit.com"].map(hostOf) };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...TRADER_OPTIONS,
      symbols: { type: "string" },
      interval: { type: "string", default: "60" },
      warmup: { type: "string", default: "400" },
      replay: { type: "string" },
      speed: { type: "string", default: "0" },
      "commit-every": { type: "string", default: "1" },
      db: { type: "string" },
      fresh: { type: "boolean", default: false },
      every: { type: "string" },
      backend: { type: "string", default: "cpu" },
      "stream-url": { type: "string" },
      "base-url": { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const { replay } = values;
  const every = numberOption("every", values.every ?? (replay === undefined ? "1" : "250"), { min: 1, integer: true });
  const commitEvery = numberOption("commit-every", values["commit-every"], { min: 1, integer: true });
  const file = values.db ?? (replay === undefined ? "out/trader.sqlite" : "out/replay.sqlite");
  const folder = dirname(file);
  const kept = await requestAccess({
    needs: [
      feedAccess(values),
      { read: [values.checkpoint, values.forecaster].filter((file) => file !== undefined) },
      values.fresh ? { read: [folder], write: [folder] } : {},
    ],
    keeps: { read: [folder], write: [folder], what: "the trader, to go on from" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const source = await (replay === undefined ? liveSource(values, signal) : replaySource(values, replay, signal));
    if (kept) await Deno.mkdir(folder, { recursive: true });
    if (values.fresh) await removeTraderFile(file);
    await using engine = await openChosenEngine(values.backend, { threads: 1 });
    using store: TraderStore = await openTraderStore(kept ? file : ":memory:");
    let trader = store.load(source.trader);
    if (trader.moments > 0) console.log(`${file} has ${trader.moments} bars already: going on from there`);
    try {
      for await (const step of paperTrade(engine, source.feed(trader), { trader, log: store, commitEvery })) {
        ({ trader } = step);
        if (trader.moments % every === 0) console.log(stepLine(step));
      }
    } finally {
      console.log(`\n${summary(store.load(source.trader), store)}${kept ? `\nKept in ${file}` : ""}`);
    }
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
