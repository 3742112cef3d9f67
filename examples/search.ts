/**
 * Tunes the main job's forecaster: a search over its settings on a pool, kept in SQLite so that it goes on where it was cut, then
 * what is left of the best once all trials are counted, and a test on a market and a time that no trial saw.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import {
  type Candles,
  type Engine,
  forecast,
  type Forecaster,
  periodsPerYear,
  trainForecaster,
} from "@adaptrade/adaptrade";
import type { TrainForecasterOptions } from "@adaptrade/adaptrade/forecast";
import { compareLosses } from "@adaptrade/adaptrade/statistics";
import { applyConfiguration, deflatedSearch, openSearches, runSearch } from "@adaptrade/adaptrade/search";
import { poolAccess, requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { FORECAST_OPTIONS, forecastHelp, planForecast } from "./market/forecast_plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { openChosenPool } from "./pool.ts";
import { deflatedText, trialTable } from "./search/report.ts";
import { METHODS, OBJECTIVES, SPACE } from "./search/space.ts";

const HELP = `Searches for the settings of the forecaster that multi_asset trains.

deno run --allow-read=. --allow-write=out examples/search.ts [options]

${SOURCE_HELP}
${forecastHelp(["volatility", "volume", "return"])}
  --method NAME      hyperband (default), bohb or random
  --objective NAME   skill (default): errors of forecasts out of sample; sharpe: net of costs; loss: on validation
  --most N           budget of the best trials, in units of --steps / N (default 27: 69 trials of Hyperband)
  --workers N        threads (default: all cores)
  --pool URL         another pool than this machine's threads
  --store FILE       where searches are kept and gone on with (default out/searches.sqlite)
  --name NAME        the search's name there (default: by its method and objective)
  --cost RATE        cost of a trade, for --objective sharpe (default 0.001)
  --help             this text`;

/** Share of the time before the test that trials are judged on. */
const JUDGED_SHARE = 0.25;
const STEPS = 1500;
const SHOWN = 5;
/** Volatility a year that a market is held at. */
const RISK = 0.15;

function named<T>(option: string, name: string, known: Readonly<Record<string, T>>): T {
  if (Object.hasOwn(known, name)) return known[name];
  throw new UsageError(`--${option} must be ${Object.keys(known).join(" or ")}, got "${name}"`);
}

/** Squared errors of a forecaster on a market from a time on, by decision. */
async function errorsOf(
  engine: Engine,
  forecaster: Forecaster,
  run: { readonly market: Candles; readonly others: readonly Candles[]; readonly from: number },
): Promise<Float64Array> {
  const { market, ...options } = run;
  const { value, labels } = await forecast(engine, forecaster, market, options);
  const known = Array.from(labels.keys()).filter((i) => Number.isFinite(labels[i]) && Number.isFinite(value[i]));
  return Float64Array.from(known, (i) => (labels[i] - value[i]) ** 2);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...FORECAST_OPTIONS,
      method: { type: "string", default: "hyperband" },
      objective: { type: "string", default: "skill" },
      most: { type: "string", default: "27" },
      workers: { type: "string" },
      pool: { type: "string", default: "local" },
      store: { type: "string", default: "out/searches.sqlite" },
      name: { type: "string" },
      cost: { type: "string", default: "0.001" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const most = numberOption("most", values.most, { min: 1 });
  const method = named("method", values.method, METHODS)(most);
  const makeObjective = named("objective", values.objective, OBJECTIVES);
  const costRate = numberOption("cost", values.cost, { min: 0, max: 1 });
  const workers = values.workers === undefined
    ? undefined
    : numberOption("workers", values.workers, { min: 0, integer: true });
  const kept = await requestAccess({
    needs: [sourceAccess(values), poolAccess(values.pool)],
    keeps: { read: [dirname(values.store)], write: [dirname(values.store)], what: "the search, to go on with" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    const { unseen: [unseen], seen, testFrom, options } = planForecast(markets, values, [
      "volatility",
      "volume",
      "return",
    ]);
    const { seed = 1, seeds = 3, pretrain, ...training } = options;
    const { testFrom: _test, meta: _meta, ...common } = training;
    const first = Math.min(...seen.map(({ time }) => time[0]));
    const from = testFrom - JUDGED_SHARE * (testFrom - first);
    const full = pretrain?.steps ?? STEPS;
    await using pool = await openChosenPool(values.pool, workers);
    if (kept) await Deno.mkdir(dirname(values.store), { recursive: true });
    using store = await openSearches(kept ? values.store : ":memory:");
    const objective = await makeObjective(pool, seen, {
      training: { ...common, seeds: 1 },
      steps: full / most,
      from,
      to: testFrom,
      costRate,
      risk: RISK / Math.sqrt(periodsPerYear(seen[0])),
    });
    const threads = (await pool.workers()).reduce((sum, worker) => sum + worker.threads, 0);
    console.log(
      `Searching by ${values.method} for the ${values.objective} of ${
        seen.map(({ symbol }) => symbol).join(", ")
      } before ${new Date(testFrom).toISOString().slice(0, 10)}, on ${threads} threads (${pool.info.at}).`,
    );
    const line = progressLine();
    const name = values.name ?? `${values.method}, ${values.objective}`;
    const { trials, best } = await runSearch(pool, { space: SPACE, method, objective, seed }, {
      keep: { store, name },
      signal,
      onProgress: ({ round, done, total, trial }) =>
        line.update(`round ${round + 1}, trial ${done}/${total}: loss ${trial.loss?.toFixed(4) ?? "none"}`),
    });
    line.done(`${trials.length} trials, ${trials.filter(({ loss }) => loss === null).length} of them failed`);
    if (best === null) return console.log("\nEvery trial failed.");
    console.log(`\n1. TRIALS, the best at the largest budget.\n\n${textTable(trialTable(trials, SHOWN))}`);
    if (values.objective !== "loss") {
      const what = values.objective === "sharpe"
        ? "a net Sharpe ratio a bar"
        : "a ratio of mean gain over saying nothing to its deviation";
      console.log(`\n2. DEFLATED. ${deflatedText(deflatedSearch(trials), what)}`);
    }

    await using engine = await openChosenEngine("cpu");
    const sizes = { pretrain: { steps: full }, meta: { steps: Math.ceil(0.4 * full) } };
    const train = async (settings: Partial<TrainForecasterOptions>): Promise<Float64Array> => {
      const forecaster = await trainForecaster(engine, seen, { ...options, ...settings, seeds, signal });
      return await errorsOf(engine, forecaster, { market: unseen, others: seen, from: testFrom });
    };
    const tuned = await train(applyConfiguration(sizes, best.configuration));
    const usual = await train(sizes);
    const { statistic, pValue } = compareLosses(tuned, usual, { horizon: options.target.horizon });
    const mean = (errors: Float64Array): string => (errors.reduce((sum, e) => sum + e, 0) / errors.length).toFixed(4);
    console.log(
      `\n3. TEST. ${unseen.symbol}, never seen, after the search: mean squared error ${mean(tuned)} tuned, ${
        mean(usual)
      } by the defaults, ${tuned.length} decisions. Diebold and Mariano's statistic of tuned against defaults is ${
        statistic?.toFixed(2) ?? "undefined"
      }${pValue === null ? "" : ` (p ${pValue.toFixed(2)})`}: below −2, tuning helped beyond chance.`,
    );
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
