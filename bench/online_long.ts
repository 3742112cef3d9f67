/**
 * 100,000 bars online: how long one update takes, and whether memory stays flat. One market, 10-64-64-1, 50 training and 10
 * validation rows, 5 inner steps; with `--db FILE` through the paper trader and into SQLite, one synced commit a bar.
 * `deno run --v8-flags=--expose-gc --allow-all bench/online_long.ts [--bars 100000] [--threads 1] [--db FILE]`
 * @module
 */
import { parseArgs } from "node:util";
import {
  metaGradient,
  mlp,
  observe,
  onlineConfig,
  onlineInit,
  openEngine,
  openTrader,
  openTraderStore,
  paperTrade,
  random,
  updateAndPredict,
} from "@adaptrade/adaptrade";
import type { Bar } from "@adaptrade/adaptrade/data";
import type { Moment } from "@adaptrade/adaptrade/online";

const HOUR_MS = 3_600_000;
/** Bars before the first forecast and for the compiler to settle; their times are left out. */
const WARMUP = 1000;

const { values } = parseArgs({
  options: {
    bars: { type: "string", default: "100000" },
    threads: { type: "string", default: "1" },
    db: { type: "string" },
  },
});
const bars = Number(values.bars);

/** Returns of 1% that swing back a little, made as they are asked for: nothing grows but what the learner keeps. */
function* market(): Generator<Bar, void, void> {
  const stream = random(1);
  let [close, last] = [100, 0];
  for (let i = 0; i < bars; i++) {
    const open = close;
    last = -0.2 * last + 0.01 * stream.normal();
    // Pulled towards 100, or 100,000 bars would take it anywhere.
    close *= Math.exp(last - 0.001 * Math.log(close / 100));
    const [high, low] = [Math.max(open, close) * 1.001, Math.min(open, close) * 0.999];
    yield { time: 1_600_000_000_000 + i * HOUR_MS, open, high, low, close, volume: 1 };
  }
}

function memory(at: number): void {
  const collect: unknown = Reflect.get(globalThis, "gc");
  if (typeof collect === "function") collect();
  const { rss, heapUsed, external } = Deno.memoryUsage();
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MiB`;
  console.log(`bar ${at}: heap ${mib(heapUsed)}, external ${mib(external)}, resident ${mib(rss)}`);
}

function quantiles(name: string, times: Float64Array): void {
  const sorted = times.toSorted();
  const at = (share: number): string => sorted[Math.floor(share * (sorted.length - 1))].toFixed(3);
  console.log(`${name}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, longest ${at(1)} ms over ${sorted.length} bars`);
}

const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
const config = onlineConfig({ meta: metaGradient({ net, inner: { steps: 5, lr: 0.01 } }) });
const fresh = onlineInit(config, [{ symbol: "X", interval: "1h" }]);
await using engine = await openEngine({ backend: "cpu", threads: Number(values.threads) });
const times = new Float64Array(bars - WARMUP);
const started = performance.now();
const note = (i: number, ms: number): void => {
  if (i >= WARMUP) times[i - WARMUP] = ms;
  if (i === WARMUP || i === Math.floor(bars / 2) || i === bars - 1) memory(i + 1);
};

if (values.db === undefined) {
  let state = fresh;
  let i = 0;
  for (const bar of market()) {
    state = observe(state, bar);
    const before = performance.now();
    ({ state } = await updateAndPredict(engine, state));
    note(i++, performance.now() - before);
  }
  quantiles("updateAndPredict", times);
} else {
  const moments = function* (): Generator<Moment, void, void> {
    for (const bar of market()) yield { time: bar.time, bars: [{ symbol: "X", bar }] };
  };
  using store = await openTraderStore(values.db);
  let i = 0;
  let before = performance.now();
  for await (const _ of paperTrade(engine, moments(), { trader: store.load(openTrader(fresh)), log: store })) {
    const now = performance.now();
    note(i++, now - before);
    before = performance.now();
  }
  quantiles("bar to commit", times);
}
console.log(
  `${bars} bars in ${((performance.now() - started) / 1000).toFixed(1)} s on ${engine.info.threads} thread(s)`,
);
