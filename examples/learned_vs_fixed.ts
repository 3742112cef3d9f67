/**
 * Does it pay to learn how to learn while trading? Learned rates and loss against fixed rates, bar by bar on the same windows,
 * with the same query loss, several seeds and intervals. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type Candles, DataError } from "@adaptrade/adaptrade";
import { labelRegimes } from "@adaptrade/adaptrade/features";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { type Method, methods } from "./learned_vs_fixed/methods.ts";
import { type Picture, renderPage, type Stretch } from "./learned_vs_fixed/page.ts";
import { lastBars, type OnlineRun, runOnline } from "./learned_vs_fixed/run.ts";
import { differences, meanInterval, overSeeds } from "./learned_vs_fixed/statistics.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";

const HELP = `Learned rates and loss against fixed rates, online, on the same windows with the same query loss.

deno run --allow-read=. --allow-write=out examples/learned_vs_fixed.ts [options]

${SOURCE_HELP}
  --bars N           last bars of each market, at least 400 (default 1500)
  --steps N          inner steps (default 5)
  --lr R             the rate that learning starts from (default 0.03)
  --horizon N        bars that a forecast looks ahead (default 1)
  --seeds N          starts to average over (default 3)
  --backend NAME     auto, webgpu or cpu (default auto)
  --out FILE         page (default out/learned_vs_fixed.html)
  --help             this text`;

interface Compared {
  readonly method: Method;
  readonly runs: readonly OnlineRun[];
}

function lossOf({ runs }: Compared): number {
  return overSeeds(runs.map(({ meanLoss }) => meanLoss)).mean;
}

function tableOf(compared: readonly Compared[]): string[][] {
  const [learned] = compared;
  const rows = compared.map((one) => {
    const { mean, deviation } = overSeeds(one.runs.map(({ meanLoss }) => meanLoss));
    const { mean: gap, low, high } = meanInterval(differences(learned.runs, one.runs).values, 1);
    return [
      one.method.title,
      mean.toFixed(4),
      Number.isNaN(deviation) ? "–" : deviation.toFixed(4),
      ...(one === learned ? ["–", "–"] : [gap.toFixed(4), `${low.toFixed(4)} … ${high.toFixed(4)}`]),
      `${one.runs.reduce((sum, { losses }) => sum + losses.size, 0)}`,
      `${one.runs.reduce((sum, { withheld }) => sum + withheld, 0)}`,
      overSeeds(one.runs.map(({ msPerBar }) => msPerBar)).mean.toFixed(2),
    ];
  });
  return [
    ["method", "query loss", "± seeds", "learned less this", "95% interval", "forecasts", "withheld", "ms a bar"],
    ...rows,
  ];
}

/** What the figures say, whichever way they fall. */
function verdict(compared: readonly Compared[]): string[] {
  const [learned] = compared;
  const fixed = compared.filter(({ method }) => !method.learns);
  const against = (other: Compared): string => {
    const { mean, low, high } = meanInterval(differences(learned.runs, other.runs).values, 1);
    const word = high < 0 ? "lower" : low > 0 ? "higher" : "no different as far as this sample tells";
    return `${word} than with ${other.method.title} (${mean.toFixed(4)}, 95%: ${low.toFixed(4)} to ${high.toFixed(4)})`;
  };
  const best = fixed.reduce((a, b) => lossOf(b) < lossOf(a) ? b : a);
  const worst = fixed.reduce((a, b) => lossOf(b) > lossOf(a) ? b : a);
  return [
    `The query loss with learned rates and loss is ${lossOf(learned).toFixed(4)}. It is ${against(best)}, ` +
    "the best choice in hindsight without learning how, which nobody knew beforehand;",
    `and ${against(worst)}, the worst.`,
  ];
}

/** Stretches of high and low volatility of one market. */
function stretchesOf(candles: Candles): Stretch[] {
  const { time, volatilityPercentile } = labelRegimes(candles);
  const kinds = Array.from(volatilityPercentile, (rank) => rank >= 0.8 ? "high" : rank <= 0.2 ? "low" : undefined);
  const found: Stretch[] = [];
  kinds.forEach((kind, i) => {
    const last = found[found.length - 1];
    if (kind === undefined) return;
    if (kinds[i - 1] === kind) found[found.length - 1] = { ...last, to: time[i] };
    else found.push({ from: time[i], to: time[i], kind });
  });
  return found;
}

function picturesOf(compared: readonly Compared[]): Picture[] {
  const [{ runs: [run] }] = compared;
  const times = run.readings.map(({ time }) => time);
  const rate = (layer: number): number[] => run.readings.map(({ rates }) => rates[layer]);
  const names = ["direction φ₀", "magnitude φ₁", "asymmetry φ₂"];
  const fixed = compared.filter(({ method }) => !method.learns);
  const best = fixed.reduce((a, b) => lossOf(b) < lossOf(a) ? b : a);
  const gap = differences(compared[0].runs, best.runs);
  let sum = 0;
  return [
    {
      title: "Learned rate by layer (first seed)",
      lines: run.readings[0].rates.map((_, layer) => ({ name: `layer ${layer}`, times, values: rate(layer) })),
      log: true,
    },
    {
      title: "Learned loss (first seed)",
      lines: names.map((name, i) => ({ name, times, values: run.readings.map(({ phi }) => phi[i]) })),
    },
    {
      title: `Query loss less that of the best fixed choice, summed (below 0 is better)`,
      lines: [{ name: best.method.title, times: gap.times, values: gap.values.map((value) => sum += value) }],
    },
  ];
}

/** Markets with 400 bars that lived at the time of the one that ends last: one learner watches them side by side. */
function together(markets: readonly Candles[]): Candles[] {
  const long = markets.filter(({ time }) => time.length >= 400);
  if (long.length === 0) throw new DataError("Cannot compare: no market has 400 bars");
  const last = (candles: Candles): number => candles.time[candles.time.length - 1];
  const latest = long.reduce((a, b) => last(b) > last(a) ? b : a);
  const shared = long.filter((candles) => {
    const from = latest.time[0];
    return candles.time.filter((time) => time >= from).length >= candles.time.length / 2;
  });
  const left = markets.filter((candles) => !shared.includes(candles)).map(({ symbol }) => symbol);
  if (left.length > 0) console.log(`Left out, of another time or too short: ${left.join(", ")}`);
  return shared;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      bars: { type: "string", default: "1500" },
      steps: { type: "string", default: "5" },
      lr: { type: "string", default: "0.03" },
      horizon: { type: "string", default: "1" },
      seeds: { type: "string", default: "3" },
      backend: { type: "string", default: "auto" },
      out: { type: "string", default: "out/learned_vs_fixed.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const bars = numberOption("bars", values.bars, { min: 400, integer: true });
  const seeds = numberOption("seeds", values.seeds, { min: 1, max: 100, integer: true });
  const tried = methods({
    steps: numberOption("steps", values.steps, { min: 1, max: 100, integer: true }),
    lr: numberOption("lr", values.lr, { min: 1e-6, max: 1 }),
    horizon: numberOption("horizon", values.horizon, { min: 1, max: 50, integer: true }),
  });
  const kept = await requestAccess({
    needs: [sourceAccess(values)],
    keeps: { write: [dirname(values.out)], what: "the page" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const histories = await readMarkets(values, signal);
    const markets = together(histories.map((candles) => lastBars(candles, bars)));
    await using engine = await openChosenEngine(values.backend);
    console.log(
      `${
        markets.map(({ symbol }) => symbol).join(", ")
      }: the last ${bars} bars, one learner for all, ${seeds} seeds, on ` +
        `${engine.info.backend} (${engine.info.adapter})`,
    );
    const compared: Compared[] = [];
    const line = progressLine();
    for (const method of tried) {
      const runs: OnlineRun[] = [];
      for (let seed = 1; seed <= seeds; seed++) {
        const onBar = (share: number): void =>
          line.update(`${method.title}, seed ${seed} of ${seeds}: ${(100 * share).toFixed(0)}%`);
        runs.push(await runOnline(engine, method, markets, { seed, signal, onBar }));
      }
      compared.push({ method, runs });
      line.done(`${method.title}: ${lossOf({ method, runs }).toFixed(4)}`);
    }
    const table = tableOf(compared);
    const sentences = verdict(compared);
    console.log(`\n${textTable(table)}\n\n${sentences.join("\n")}`);
    if (!kept) return;
    const marked = histories.find(({ symbol }) => symbol === markets[0].symbol)!;
    const page = renderPage({
      table,
      sentences,
      pictures: picturesOf(compared),
      stretches: stretchesOf(marked),
      regimeMarket: marked.symbol,
    });
    await Deno.mkdir(dirname(values.out), { recursive: true });
    await Deno.writeTextFile(values.out, page);
    console.log(`\nWrote ${values.out}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
