/**
 * Regimes and families of tasks: meta-train on tasks drawn by asset, regime, period, strategy and hierarchy, choose on the
 * validation part who trades in which regime, and see in the test what that was worth. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import {
  type BacktestResult,
  type Candles,
  compareResults,
  DataError,
  type Engine,
  marketRows,
  metrics,
} from "@adaptrade/adaptrade";
import { labelRegimes, type RegimeLabels, REGIMES } from "@adaptrade/adaptrade/features";
import { sharpeInterval } from "@adaptrade/adaptrade/statistics";
import { mixTasks, regimeFamily } from "@adaptrade/adaptrade/tasks";
import { type RegimeChoice, selectByRegime, switchingPositions } from "@adaptrade/adaptrade/trading";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { writeOutputs } from "./market/outputs.ts";
import { type MarketPlan, PLAN_HELP, PLAN_OPTIONS, planTraining } from "./market/plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { judgedByLog, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";
import { familiesOf, type LearnedStart, trainLearners } from "./regimes/families.ts";
import {
  meanQueryLoss,
  meanReturns,
  runCandidates,
  runPositions,
  type TradingOptions,
  zeroQueryLoss,
} from "./regimes/trading.ts";

const HELP = `Meta-trains on mixed families of tasks, then lets the regime known at each bar say who trades.

deno run --allow-read=. --allow-write=out examples/regimes.ts [options]

${SOURCE_HELP}
${PLAN_HELP.replace("(default 3000)", "of each learner (default 600)")}
${TRIAL_HELP}
  --cost RATE        cost of a trade as a fraction of what is traded (default 0.001)
  --min-bars N       least validation bars of a regime to choose on (default 60)
  --backend NAME     auto, webgpu or cpu (default auto)
  --out FILE         report (default out/regimes.html); its JSON and regimes_trades.csv go beside it
  --help             this text`;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  ...PLAN_OPTIONS,
  ...TRIAL_OPTIONS,
  steps: { type: "string", default: "600" },
  cost: { type: "string", default: "0.001" },
  "min-bars": { type: "string", default: "60" },
  backend: { type: "string", default: "auto" },
  out: { type: "string", default: "out/regimes.html" },
  help: { type: "boolean", default: false },
} as const;

/** Tasks a regime that query losses are taken over. */
const TASKS_A_REGIME = 100;
const SWITCHED = "switched by regime";

const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
const figure = (value: number | null, digits = 2): string => value === null ? "–" : value.toFixed(digits);

/** Query loss of each learner by regime, on tasks of the test part that the regime leads into. */
async function lossTable(
  engine: Engine,
  learners: readonly LearnedStart[],
  run: { readonly markets: readonly Candles[]; readonly labels: readonly RegimeLabels[]; readonly plan: MarketPlan },
): Promise<{ table: string[][]; verdict: string }> {
  const { markets, labels, plan } = run;
  const { horizon, supportRows, testFrom, config, seed } = plan;
  const rows = markets.map((candles) => marketRows(candles, { horizon }));
  const steps = config.inner.steps;
  const table = [["query loss in the test", ...learners.map(({ name }) => `${name} 0 → ${steps}`), "zero"]];
  let [drawn, beaten] = [0, 0];
  for (const regime of REGIMES) {
    const options = { supportRows, queryRows: 10, from: testFrom, regimes: [regime], skipShort: true };
    try {
      const family = regimeFamily(rows, labels, options);
      const [tasks] = mixTasks([{ family, weight: 1 }], { tasks: TASKS_A_REGIME, batches: 1, seed: seed + 4 });
      const zero = zeroQueryLoss(tasks);
      const cells = [];
      let best = Infinity;
      for (const learner of learners) {
        const [before, after] = [
          await meanQueryLoss(engine, learner, { tasks, steps: 0 }),
          await meanQueryLoss(engine, learner, { tasks, steps }),
        ];
        cells.push(`${before.toFixed(3)} → ${after.toFixed(3)}`);
        best = Math.min(best, after);
      }
      table.push([regime, ...cells, zero.toFixed(3)]);
      drawn++;
      if (best < zero) beaten++;
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      table.push([regime, ...learners.map(() => "no task"), "–"]);
    }
  }
  return {
    table,
    verdict:
      `Some learner forecast better than "nothing moves" in ${beaten} of the ${drawn} regimes that the test gave tasks of`,
  };
}

/** Validation net return a bar of each candidate by regime, in basis points, the chosen one marked. */
function choiceTable(choice: RegimeChoice, names: readonly string[]): string[][] {
  const rows = REGIMES.map((regime) => {
    const own = choice.scores.filter((score) => score.regime === regime);
    const cells = own.map(({ candidate, mean }) =>
      `${(1e4 * mean).toFixed(1)}${choice.choices[regime] === candidate ? "*" : " "}`
    );
    return [regime, `${own[0].bars}`, ...cells];
  });
  return [["bp a bar in validation", "bars", ...names], ...rows];
}

/** Net figures of each candidate over all markets of the test, equally weighted. */
function resultTable(byMarket: readonly (readonly BacktestResult[])[], seed: number): string[][] {
  const rows = byMarket[0].map(({ strategy, periodsPerYear }, c) => {
    const own = byMarket.map((results) => results[c]);
    const returns = meanReturns(own);
    const { totalReturn, sharpe, maxDrawdown } = metrics(returns, { periodsPerYear });
    const { low, high } = sharpeInterval(returns, { periodsPerYear, seed });
    return [
      strategy,
      figure(sharpe),
      `${figure(low)} … ${figure(high)}`,
      `${figure(totalReturn && 100 * totalReturn, 1)}%`,
      `${figure(maxDrawdown && 100 * maxDrawdown, 1)}%`,
      `${own.reduce((sum, { trades }) => sum + trades.length, 0)}`,
      ...own.map(({ metrics }) => figure(metrics.sharpe)),
    ];
  });
  const markets = byMarket.map(([{ market }]) => `Sharpe ${market}`);
  return [["net in the test", "Sharpe", "95% interval", "return", "drawdown", "trades", ...markets], ...rows];
}

/** What the test says about switching, whatever it says. */
function verdict(byMarket: readonly (readonly BacktestResult[])[], choice: RegimeChoice, seed: number): string {
  const figuresOf = (name: string) => {
    const own = byMarket.map((results) => results.find(({ strategy }) => strategy === name)!);
    const { periodsPerYear } = own[0];
    const returns = meanReturns(own);
    const { low, high } = sharpeInterval(returns, { periodsPerYear, seed });
    const { sharpe, totalReturn } = metrics(returns, { periodsPerYear });
    return { value: sharpe, kept: totalReturn ?? 0, low, high };
  };
  const [switched, fixed, held] = [SWITCHED, choice.fallback, "buy and hold"].map(figuresOf);
  const against = (name: string, other: number | null): string => {
    const [mine, theirs] = [switched.value ?? 0, other ?? 0];
    return `${mine > theirs ? "more than" : mine < theirs ? "less than" : "as much as"} ${name} (${figure(other)})`;
  };
  const sure = switched.low !== null && switched.low > 0;
  const best = against(`${choice.fallback}, the best of validation over all regimes`, fixed.value);
  const holding = choice.fallback === "buy and hold" ? "" : `, and ${against("buy and hold", held.value)}`;
  return `Switching by regime made a net Sharpe ratio of ${figure(switched.value)} (95%: ${figure(switched.low)} to ${
    figure(switched.high)
  }), ${best}${holding}, and ${switched.kept > 0 ? "a gain" : switched.kept < 0 ? "a loss" : "no gain"} of ${
    figure(100 * Math.abs(switched.kept), 1)
  }%.\n${
    sure && switched.kept > 0
      ? "Its interval lies above 0; other periods and markets may say otherwise."
      : "Its interval does not lie above 0: by this test it has earned nothing that chance would not give."
  }`;
}

/** Markets that have bars to decide on in both parts. */
function tradable(markets: readonly Candles[], plan: MarketPlan): Candles[] {
  const { validationFrom, testFrom } = plan;
  return markets.filter(({ time }) =>
    time.filter((t) => t < validationFrom).length > 300 &&
    time.filter((t) => t >= validationFrom && t < testFrom).length > 20 && time.filter((t) => t >= testFrom).length > 20
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const costRate = numberOption("cost", values.cost, { min: 0, max: 1 });
  const minBars = numberOption("min-bars", values["min-bars"], { min: 2, integer: true });
  const kept = await requestAccess({
    needs: [sourceAccess(values)],
    keeps: { write: [dirname(values.out)], what: "the report" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    const plan = planTraining(markets, values);
    const { horizon, supportRows, validationFrom, testFrom, seed, unseen } = plan;
    const traded = tradable(markets, plan);
    if (traded.length === 0) throw new DataError("Cannot trade: no market has bars in training, validation and test");
    const labels = markets.filter(({ time }) => time.length > 270).map((candles) => labelRegimes(candles));
    const known = new Set(labels.map(({ market }) => market));
    const seen = markets.filter((candles) => candles !== unseen && known.has(candles.symbol));
    const learning = { markets: seen, labels, plan };
    const families = familiesOf(learning, { to: validationFrom });
    console.log(
      `Training on ${plan.seen.join(", ")} before ${day(validationFrom)}; choosing until ${day(testFrom)}; trading ${
        traded.map(({ symbol }) => symbol).join(", ")
      } after it (${unseen.symbol} never trained on).\n`,
    );
    const count = families.mixed.map(({ family: { name, capacities }, weight }) => [
      name,
      `${weight}`,
      `${capacities.filter(({ tasks }) => tasks > 0).length} of ${capacities.length}`,
      `${capacities.reduce((sum, { tasks }) => sum + tasks, 0)}`,
    ]);
    console.log(textTable([["family", "weight", "sources", "tasks"], ...count]));
    for (const message of families.missing) console.log(`Left out: ${message}`);

    await using engine = await openChosenEngine(values.backend);
    const learners = await trainLearners(engine, learning, { families, signal });
    const losses = await lossTable(engine, learners, { markets: traded, labels, plan });
    console.log(`\n${textTable(losses.table)}\n${losses.verdict}`);

    const trading: TradingOptions = { from: testFrom, horizon, supportRows, costRate };
    const line = progressLine();
    const [validation, test]: BacktestResult[][][] = [[], []];
    for (const candles of traded) {
      signal.throwIfAborted();
      line.update(`${candles.symbol}: adapting at every bar`);
      validation.push(
        await runCandidates(engine, learners, candles, { ...trading, from: validationFrom, to: testFrom }),
      );
      test.push(await runCandidates(engine, learners, candles, trading));
    }
    line.done(`${traded.length} markets traded`);
    const names = validation[0].map(({ strategy }) => strategy);
    const candidates = names.map((name, c) => ({ name, runs: validation.map((results) => results[c]) }));
    const choice = selectByRegime(candidates, labels, { testFrom, minBars });
    console.log(`\n${textTable(choiceTable(choice, names))}`);
    console.log(`* trades in that regime, chosen by mean / deviation; over all regimes ${choice.fallback} was best`);
    if (choice.tooFew.length > 0) console.log(`Too few bars, left to ${choice.fallback}: ${choice.tooFew.join(", ")}`);

    const all = test.map((results, m) => {
      const positions = Object.fromEntries(results.map(({ strategy, wanted }) => [strategy, wanted]));
      const own = labels.find(({ market }) => market === traded[m].symbol)!;
      const input = { positions, decisionTime: results[0].decisionTime, labels: own };
      const { positions: wanted } = switchingPositions(choice, input);
      return [runPositions(SWITCHED, traded[m], { wanted, trading }), ...results];
    });
    console.log(`\n${textTable(resultTable(all, seed))}\n\n${verdict(all, choice, seed)}`);
    if (!kept) return;
    const comparisons = all.map((results, m) => compareResults(results, traded[m], { costRate, seed }));
    const chosen = REGIMES.map((
      regime,
    ) => [`in ${regime.replace("-", " ")}`, choice.choices[regime] ?? choice.fallback]);
    const settings = {
      ...Object.fromEntries(chosen),
      "where unknown": choice.fallback,
      horizon,
      "support bars": supportRows,
      cost: costRate,
      seed,
    };
    const judged = await judgedByLog(await trialLog(values.trials, kept), comparisons);
    const title = "Switching by regime";
    const paths = { page: values.out, trades: "regimes_trades.csv" };
    const written = await writeOutputs(paths, judged, { title, settings });
    console.log(`\nWrote ${written.join(", ")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
