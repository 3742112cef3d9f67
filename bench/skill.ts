/**
 * Skill: forecasts of markets never seen beside every cheap method, and the curve of error by bars of history. Without data
 * named it runs the studies that bench/SKILL.md keeps, on real market data in the folder `ADAPTRADE_SHARED` (default
 * `../shared`); with `--train` and `--test` it runs the same on any files. It asserts nothing.
 *
 * deno run -A bench/skill.ts [--seeds 5] [--write]
 * deno run -A bench/skill.ts --study hourly,curve,day,volume,daily,sample,returns-coins,returns-stocks,returns-sample [--seeds 5]
 * deno run -A bench/skill.ts --train DIR --test DIR [--target logVolatility] [--horizon 1] [--validation-from D] [--test-from D]
 *   [--every 1] [--seeds 5] [--curve]
 * @module
 */
import { parseArgs } from "node:util";
import {
  type Candles,
  compareForecasts,
  type Engine,
  type Forecaster,
  historyCurve,
  judgeForecasts,
  openEngine,
  readCandlesCsv,
  readCandlesDir,
  sampleMarkets,
  type TargetConfig,
  trainForecaster,
} from "@adaptrade/adaptrade";
import type { ForecastComparison, HistoryCurve } from "@adaptrade/adaptrade/forecast";
import { textTable } from "../examples/cli.ts";
import { curveTable, riskTable } from "../examples/market/risk_table.ts";
import { keepSection, markdownTable } from "./sections.ts";
import { curveSvg } from "./skill_chart.ts";

const SHARED = new URL(`${Deno.env.get("ADAPTRADE_SHARED") ?? "../shared"}/data/`, `file://${Deno.cwd()}/`);
const HOUR = 3_600_000;

/** One study: what is learned over, what is forecast, and when. */
interface Study {
  /** Its heading. */
  readonly title: string;
  /** Markets to learn over. */
  readonly train: () => Promise<Candles[]>;
  /** Markets to forecast. */
  readonly test: () => Promise<Candles[]>;
  /** What is forecast. */
  readonly target: TargetConfig;
  /** First time of validation; the default of `trainForecaster` where absent. */
  readonly validationFrom?: number;
  /** First time after it. */
  readonly testFrom: number;
  /** First decision (default the test's start). */
  readonly from?: number;
  /** Bars between decisions. */
  readonly every: number;
  /** Whether it is a curve by bars of history. */
  readonly curve?: boolean;
}

function read(folder: string, symbols: string): Promise<Candles[]> {
  return Promise.all(
    symbols.split(" ").map((symbol) => readCandlesCsv(new URL(`${folder}/${symbol}.csv.gz`, SHARED), { symbol })),
  );
}

const COINS = {
  train: () => read("bybit-linear-1h", "BTCUSDT ETHUSDT SOLUSDT XRPUSDT BNBUSDT"),
  test: () => read("binance-spot-1h-2024", "ADAUSDT AVAXUSDT DOGEUSDT DOTUSDT LINKUSDT"),
  validationFrom: Date.UTC(2023, 6, 1),
  testFrom: Date.UTC(2024, 0, 1),
  from: Date.UTC(2024, 0, 1) + 960 * HOUR,
};
const STOCKS = {
  train: async () => [
    ...await sampleMarkets({ symbols: ["SP500", "NASDAQ"] }),
    ...await read("mag7-2013-2023", "AAPL MSFT AMZN GOOGL"),
  ],
  test: () => read("mag7-2013-2023", "TSLA NVDA META"),
  validationFrom: Date.UTC(2017, 6, 1),
  testFrom: Date.UTC(2019, 0, 1),
  every: 1,
};
const SAMPLE = {
  train: () => sampleMarkets({ symbols: ["SP500", "WTI", "DAX", "SMI", "CAC", "FTSE"] }),
  test: () => sampleMarkets({ symbols: ["NASDAQ"] }),
  testFrom: Date.UTC(2010, 9, 1),
  every: 1,
};

const STUDIES: Readonly<Record<string, Study>> = {
  hourly: {
    ...COINS,
    title: "Next hour's log volatility of five coins never seen, 2024",
    target: { kind: "logVolatility", horizon: 1 },
    every: 3,
  },
  curve: {
    ...COINS,
    title: "The same, had they been listed so many hours ago",
    target: { kind: "logVolatility", horizon: 1 },
    every: 5,
    curve: true,
  },
  day: {
    ...COINS,
    title: "The next 24 hours' log volatility of the same coins",
    target: { kind: "logVolatility", horizon: 24 },
    every: 6,
  },
  volume: {
    ...COINS,
    title: "Next hour's log volume of the same coins",
    target: { kind: "logVolume", horizon: 1 },
    every: 3,
  },
  daily: {
    ...STOCKS,
    title: "The next 5 days' log volatility of three stocks never seen, 2019 to 2023",
    target: { kind: "logVolatility", horizon: 5 },
  },
  sample: {
    ...SAMPLE,
    title: "The next 5 days' log volatility of NASDAQ out of the embedded sample's closes, 2010-10 to 2018",
    target: { kind: "logVolatility", horizon: 5 },
  },
  "returns-coins": {
    ...COINS,
    title: "Returns over the next 5 hours of the coins: the control",
    target: { kind: "return", horizon: 5 },
    every: 2,
  },
  "returns-stocks": {
    ...STOCKS,
    title: "Returns over the next 5 days of the stocks: the control",
    target: { kind: "return", horizon: 5 },
  },
  "returns-sample": {
    ...SAMPLE,
    title: "Returns over the next 5 days of NASDAQ: the control",
    target: { kind: "return", horizon: 5 },
  },
};

/** What a study found, in text for the console and the README. */
interface Found {
  readonly title: string;
  readonly facts: string;
  readonly table: string;
  /** Its line in the README; a curve has none. */
  readonly summary?: readonly string[];
  readonly curve?: HistoryCurve;
}

const SUMMARY_HEAD = [
  "forecast of",
  "decisions",
  "R² against zero",
  "best of the market's own bars",
  "best cheap method over markets",
];

/** Its own R², and the best of those that know the market's own bars alone and of the linear ones over markets. */
function summaryOf(title: string, { rows, scores }: ForecastComparison): string[] {
  const best = (names: (name: string) => boolean): string =>
    Math.max(...scores.filter(({ name }) => names(name)).map(({ r2 }) => r2)).toFixed(3);
  return [
    title,
    rows.toLocaleString("en-US"),
    best((name) => name === "meta-learned"),
    best((name) => ["zero", "RiskMetrics", "EWMA", "last value", "HAR, own rows"].includes(name)),
    best((name) => /^(HAR|linear), pooled/.test(name)),
  ];
}

function facts(forecaster: Forecaster, seconds: number, rest: string): string {
  const { steps, shrinkage, trust, members, validation } = forecaster;
  return `${members.length} networks (${
    members.filter(({ marketWide }) => marketWide).length
  } read the other markets), ` +
    `K = ${steps}, shrinkage ${shrinkage.toFixed(4)}, trusted moves up to ${trust.limit.toFixed(3)} deviations, ` +
    `validation ${validation.chosen.toFixed(4)} against ${validation.anchor.toFixed(4)} of the anchor, trained in ` +
    `${seconds.toFixed(0)} s. ${rest}`;
}

function words(comparison: ForecastComparison): string {
  return `n = ${comparison.rows}, adapting held back at ${comparison.limited}, largest move by adapting ` +
    `${comparison.largestMove.toFixed(3)}. ${judgeForecasts(comparison).sentences.join(" ")}`;
}

const trainings = new Map<string, { forecaster: Forecaster; seconds: number }>();

async function train(
  engine: Engine,
  study: Study,
  run: { seeds: number; seed: number },
): Promise<{ forecaster: Forecaster; seconds: number }> {
  const markets = await study.train();
  const key = JSON.stringify([markets.map(({ symbol }) => symbol), study.target, study.testFrom, run]);
  const known = trainings.get(key);
  if (known) return known;
  const begun = performance.now();
  const forecaster = await trainForecaster(engine, markets, {
    target: study.target,
    testFrom: study.testFrom,
    ...(study.validationFrom !== undefined && { validationFrom: study.validationFrom }),
    ...run,
    onProgress: ({ phase, member, step, steps, loss, anchorLoss }) =>
      console.error(`${phase} ${member} ${step}/${steps} ${loss.toFixed(4)} (${anchorLoss.toFixed(4)})`),
  });
  const made = { forecaster, seconds: (performance.now() - begun) / 1000 };
  trainings.set(key, made);
  return made;
}

async function runStudy(engine: Engine, study: Study, run: { seeds: number; seed: number }): Promise<Found> {
  const { forecaster, seconds } = await train(engine, study, run);
  const options = { pool: await study.train(), from: study.from ?? study.testFrom, every: study.every };
  const test = await study.test();
  if (study.curve) {
    const curve = await historyCurve(engine, forecaster, test, options);
    const rest = `n = ${curve.rows} in each column, the same decisions.`;
    return { title: study.title, facts: facts(forecaster, seconds, rest), table: textTable(curveTable(curve)), curve };
  }
  const comparison = await compareForecasts(engine, forecaster, test, options);
  return {
    title: study.title,
    facts: facts(forecaster, seconds, words(comparison)),
    table: textTable(riskTable(comparison)),
    summary: summaryOf(study.title, comparison),
  };
}

function dated(text: string | undefined): number | undefined {
  return text === undefined ? undefined : Date.parse(text);
}

const { values } = parseArgs({
  options: {
    study: { type: "string" },
    seeds: { type: "string", default: "5" },
    seed: { type: "string", default: "1" },
    train: { type: "string" },
    test: { type: "string" },
    target: { type: "string", default: "logVolatility" },
    horizon: { type: "string", default: "1" },
    "validation-from": { type: "string" },
    "test-from": { type: "string" },
    every: { type: "string", default: "1" },
    curve: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});

function asked(): Study[] {
  const { train, test } = values;
  if (train === undefined || test === undefined) {
    return (values.study?.split(",") ?? Object.keys(STUDIES)).map((name) => {
      const study = STUDIES[name];
      if (!study) throw new RangeError(`--study must be of ${Object.keys(STUDIES).join(", ")}, got "${name}"`);
      return study;
    });
  }
  const [validationFrom, testFrom] = [dated(values["validation-from"]), dated(values["test-from"])];
  if (testFrom === undefined || Number.isNaN(testFrom)) throw new RangeError("--train and --test need --test-from");
  return [{
    title: `${values.target} over ${values.horizon} bars of ${test}, learned over ${train}`,
    train: () => readCandlesDir(train),
    test: () => readCandlesDir(test),
    target: { kind: values.target as "logVolatility", horizon: Number(values.horizon) },
    ...(validationFrom !== undefined && { validationFrom }),
    testFrom,
    every: Number(values.every),
    curve: values.curve,
  }];
}

if (values.write && (values.study !== undefined || values.train !== undefined)) {
  throw new RangeError("--write keeps the tables of every study at once: leave out --study, --train and --test");
}
await using engine = await openEngine({ backend: "cpu" });
const sections: string[] = [];
const summary: (readonly string[])[] = [SUMMARY_HEAD];
for (const study of asked()) {
  const found = await runStudy(engine, study, { seeds: Number(values.seeds), seed: Number(values.seed) });
  console.log(`\n## ${found.title}\n\n${found.facts}\n\n${found.table}`);
  sections.push(`### ${found.title}\n\n${found.facts}\n\n\`\`\`\n${found.table}\n\`\`\`\n`);
  if (found.summary) summary.push(found.summary);
  if (found.curve && values.write) {
    await Deno.writeTextFile(new URL("../docs/history_curve.svg", import.meta.url), curveSvg(found.curve));
  }
}
if (values.write) {
  const command = `\`deno run -A bench/skill.ts --write --seeds ${values.seeds}\``;
  await keepSection({ file: "SKILL.md", name: "skill" }, `${command}\n\n${sections.join("\n").trimEnd()}`);
  await keepSection({ file: "README.md", name: "skill" }, markdownTable(summary));
}
