/**
 * Walks over a folder of markets, or a list of symbols, with one forecaster: each is forecast, scored and traded on a pool, kept in
 * SQLite as it ends, and drawn together as a distribution. Thousands of markets take no more memory than sixteen.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type Candles, type Forecaster, periodsPerYear, sampleMarkets } from "@adaptrade/adaptrade";
import {
  type MarketSource,
  openStudies,
  renderStudy,
  runStudy,
  type Spread,
  SPREAD_LEVELS,
  studyDistribution,
  studySentences,
} from "@adaptrade/adaptrade/search";
import { poolAccess, requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { readForecaster, trainWithProgress } from "./market/forecast_plan.ts";
import { SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { openChosenPool } from "./pool.ts";
import { listSources } from "./study/sources.ts";

const HELP = `Studies many markets by one forecaster.

deno run --allow-read=.,DIR --allow-write=out examples/study.ts --csv DIR [options]

${SOURCE_HELP}
  --forecaster FILE  what forecasts, as multi_asset saves it (default: one of volatility, trained on the sample before 2010)
  --steps N          steps of that training (default 1500)
  --from DATE        first decision (default: where the forecaster had seen its last label)
  --risk R           volatility a year that markets are held at (default 0.15)
  --cost RATE        cost of a trade as a fraction of what is traded (default 0.001)
  --workers N        threads (default: all cores)
  --pool URL         another pool than this machine's threads
  --at-once N        markets in memory at once (default 16)
  --store FILE       where the study is kept and gone on with (default out/studies.sqlite)
  --name NAME        its name there (default: where the markets come from)
  --out FILE         report (default out/study.html)
  --help             this text`;

const SAMPLE_UNTIL = Date.UTC(2010, 0);

/** A forecaster of volatility over the sample, of no other market's means: markets are studied one by one. */
async function trainOnSample(steps: number, signal: AbortSignal): Promise<Forecaster> {
  await using engine = await openChosenEngine("cpu");
  const markets = (await sampleMarkets()).filter(({ time }) => time[0] < SAMPLE_UNTIL);
  return await trainWithProgress(engine, markets, {
    target: { kind: "logVolatility", horizon: 5 },
    testFrom: SAMPLE_UNTIL,
    seeds: 2,
    marketWide: "none",
    pretrain: { steps },
    meta: { steps: Math.ceil(0.4 * steps) },
    signal,
  });
}

/** Bars a year, by the first market that can be read. */
async function barsAYear(sources: readonly MarketSource[]): Promise<number> {
  for (const { read } of sources) {
    const candles: Candles | null = await Promise.resolve(read()).catch(() => null);
    if (candles) return periodsPerYear(candles);
  }
  return 365;
}

function spreadRow(name: string, spread: Spread | null): string[][] {
  return spread
    ? [[name, `${spread.markets}`, ...[spread.mean, ...spread.quantiles].map((value) => value.toFixed(3))]]
    : [];
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      forecaster: { type: "string" },
      steps: { type: "string", default: "1500" },
      from: { type: "string" },
      risk: { type: "string", default: "0.15" },
      cost: { type: "string", default: "0.001" },
      workers: { type: "string" },
      pool: { type: "string", default: "local" },
      "at-once": { type: "string", default: "16" },
      store: { type: "string", default: "out/studies.sqlite" },
      name: { type: "string" },
      out: { type: "string", default: "out/study.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const risk = numberOption("risk", values.risk, { min: 1e-6, max: 100 });
  const costRate = numberOption("cost", values.cost, { min: 0, max: 1 });
  const steps = numberOption("steps", values.steps, { min: 1, integer: true });
  const atOnce = numberOption("at-once", values["at-once"], { min: 1, integer: true });
  const workers = values.workers === undefined
    ? undefined
    : numberOption("workers", values.workers, { min: 0, integer: true });
  const folders = [dirname(values.store), dirname(values.out)];
  const kept = await requestAccess({
    needs: [
      sourceAccess(values),
      poolAccess(values.pool),
      values.forecaster === undefined ? {} : { read: [values.forecaster] },
    ],
    keeps: { read: folders, write: folders, what: "the study, to go on with, and its report" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const sources = await listSources(values, signal);
    await using pool = await openChosenPool(values.pool, workers);
    const forecaster = values.forecaster === undefined
      ? await trainOnSample(steps, signal)
      : await readForecaster(values.forecaster);
    const from = values.from === undefined ? forecaster.trainedOn.trainedUntil : Date.parse(values.from);
    for (const folder of kept ? folders : []) await Deno.mkdir(folder, { recursive: true });
    using store = await openStudies(kept ? values.store : ":memory:");
    const name = values.name ?? values.csv ?? values.source;
    const line = progressLine();
    const sizing = { kind: "volatility", target: risk / Math.sqrt(await barsAYear(sources)) } as const;
    await runStudy(pool, { forecaster, sources }, {
      keep: { store, name },
      from,
      backtest: forecaster.target.kind === "logVolatility" ? { costRate, sizing } : { costRate },
      atOnce,
      signal,
      onProgress: ({ done, source }) => line.update(`${done}/${sources.length} ${source}`),
    });
    const refused = store.refused(name);
    line.done(`${sources.length} markets, ${refused.length} of them could not be studied`);
    for (const { source, refused: why } of refused.slice(0, 5)) console.log(`${source}: ${why}`);
    const drawn = studyDistribution(store.figures(name));
    const head = ["over markets", "n", "mean", ...SPREAD_LEVELS.map((level) => `${100 * level}%`)];
    console.log(`\n${
      textTable([
        head,
        ...spreadRow("skill", drawn.skill),
        ...spreadRow("error, of unadapted", drawn.adaptation),
        ...spreadRow("net Sharpe", drawn.sharpe),
        ...spreadRow("beyond holding", drawn.beyondHolding),
      ])
    }\n\n${studySentences(drawn).join("\n")}`);
    if (!kept) return;
    const settings = { markets: sources.length, from: new Date(from).toISOString().slice(0, 10), risk, cost: costRate };
    await Deno.writeTextFile(values.out, await renderStudy(drawn, { title: `Study: ${name}`, settings, refused }));
    console.log(`\nWrote ${values.out}; figures and forecasts of each market are in ${values.store}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
