/**
 * A large study end to end: many markets of hourly bars, made by tiling a folder of CSV files, meta-trained on, compared with
 * every baseline market by market, then traded as one portfolio. Prints time and memory; the figures of money mean nothing.
 * @module
 */
import { parseArgs } from "node:util";
import {
  assetTasks,
  backtestPortfolio,
  type Candles,
  compareBaselines,
  maml,
  marketRows,
  metaInit,
  metaTrain,
  mlp,
  openEngine,
  readCandlesDir,
  splitByTime,
  taskBatches,
} from "@adaptrade/adaptrade";
import { numberOption, progressLine, runMain } from "../examples/cli.ts";

const HELP = `Runs a study of many hourly markets and prints its time and memory.

deno run --allow-read --allow-net=127.0.0.1 bench/many_markets.ts --csv DIR [--markets 36] [--bars 30000] [--resamples 200]`;

const HOUR = 3_600_000;

/** A market of exactly `bars` bars: a file's bar-to-bar moves from an offset on, begun again where they end. */
function tile(source: Candles, index: number, bars: number): Candles {
  const { time, open, high, low, close, volume } = source;
  const offset = 1 + (index * 997) % (time.length - 1);
  const out = Array.from({ length: 6 }, () => new Float64Array(bars));
  let last = 100;
  for (let i = 0; i < bars; i++) {
    const at = 1 + (offset + i) % (time.length - 1);
    const scale = last / close[at - 1];
    out[0][i] = Date.UTC(2020, 0, 1) + i * HOUR;
    [open, high, low, close].forEach((values, c) => out[c + 1][i] = values[at] * scale);
    out[5][i] = volume[at];
    last = out[4][i];
  }
  const [times, opens, highs, lows, closes, volumes] = out;
  return {
    symbol: `${source.symbol}-${index}`,
    interval: "1h",
    time: times,
    open: opens,
    high: highs,
    low: lows,
    close: closes,
    volume: volumes,
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      csv: { type: "string" },
      markets: { type: "string", default: "36" },
      bars: { type: "string", default: "30000" },
      resamples: { type: "string", default: "200" },
      steps: { type: "string", default: "1000" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || values.csv === undefined) return console.log(HELP);
  const [count, bars, resamples, steps] = (["markets", "bars", "resamples", "steps"] as const)
    .map((name) => numberOption(name, values[name], { min: 1, integer: true }));
  const began = performance.now();
  let peak = 0;
  const lap = (what: string): void => {
    const { rss } = Deno.memoryUsage();
    peak = Math.max(peak, rss);
    console.log(
      `${((performance.now() - began) / 1000).toFixed(0).padStart(5)} s  ${(rss / 2 ** 20).toFixed(0)} MB  ${what}`,
    );
  };
  const sources = await readCandlesDir(values.csv);
  const markets = Array.from({ length: count }, (_, k) => tile(sources[k % sources.length], k, bars));
  lap(`${count} markets of ${bars} bars, tiled from ${sources.map(({ symbol }) => symbol).join(", ")}`);

  await using engine = await openEngine({ backend: "cpu" });
  const [first, last] = [markets[0].time[0], markets[0].time[bars - 1]];
  const [validationFrom, testFrom] = [first + 0.1 * (last - first), first + 0.2 * (last - first)];
  const { train, validation } = splitByTime(markets.map((candles) => marketRows(candles, { horizon: 1 })), {
    validationFrom,
    testFrom,
  });
  const shape = { supportRows: 20, queryRows: 10, horizon: 1 };
  const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
  let state = metaInit(maml({ net, inner: { steps: 5, lr: 0.01 } }), { seed: 1 });
  const batches = taskBatches(train, { ...shape, tasks: 16, seed: 1, batches: steps });
  const held = assetTasks(validation, { ...shape, count: 200, seed: 2 });
  for await (const progress of metaTrain(engine, state, batches, { every: steps, validation: held })) {
    state = progress.state;
    lap(`meta-trained ${progress.step} steps, validation loss ${progress.validationLoss!.toFixed(4)}`);
  }
  const line = progressLine();
  const trading = { from: testFrom, supportRows: 20, costRate: 0.0005, threshold: 0.0005, seed: 1 };
  let decisions = 0;
  for (const [k, candles] of markets.entries()) {
    const { strategies } = await compareBaselines(engine, { metaLearned: state }, candles, { ...trading, resamples });
    decisions += strategies[0].result.time.length;
    peak = Math.max(peak, Deno.memoryUsage().rss);
    line.update(`compared ${k + 1} of ${count}`);
  }
  lap(`compared ${count} markets with every baseline, ${decisions} bars decided on in each of three models`);
  const portfolio = await backtestPortfolio(engine, state, markets, {
    ...trading,
    weighting: { kind: "inverse-volatility" },
    exits: { stop: { volatility: 4 } },
  });
  lap(`one portfolio of them: ${portfolio.time.length} bars, ${portfolio.trades.length} trades`);
  console.log(`Peak resident memory seen: ${(peak / 2 ** 20).toFixed(0)} MB`);
}

if (import.meta.main) await runMain(main);
