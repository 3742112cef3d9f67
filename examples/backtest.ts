/**
 * Checkpoint and data to report: the test of `multi_asset.ts` by itself, on any market. `--help` says what it takes.
 * It tests after the date that the checkpoint's training stopped at, and refuses an earlier one.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import {
  type Candles,
  capacity,
  checkLookahead,
  compareBaselines,
  type CompareOptions,
  type Comparison,
  type Engine,
  judge,
  loadCheckpoint,
  type MetaState,
  type OpenEngineOptions,
  pretrain,
} from "@adaptrade/adaptrade";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { COST_HELP, COST_OPTIONS, costModel, costSettings } from "./market/costs.ts";
import { writeOutputs } from "./market/outputs.ts";
import { planTraining } from "./market/plan.ts";
import { RISK_HELP, RISK_OPTIONS, riskOptions, riskSettings } from "./market/risk.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { comparisonTable } from "./market/table.ts";
import { judgedByLog, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";

const HELP =
  `Backtests a checkpoint beside every baseline and writes a report, its content as JSON and the trades as CSV.

deno run --allow-read=. --allow-write=out examples/backtest.ts [options]

${SOURCE_HELP}

What is tested
  --checkpoint FILE  what to test (default out/meta_train.best.ckpt, as examples/meta_train.ts leaves it)
  --market A,B       the markets to trade (default: the one that training never saw)
  --test-from DATE   first decision, ISO date (default: where training and validation ended)
  --support N        labels to adapt on at each bar (default 20)
  --inner-steps N    steps of adaptation at each bar (default the checkpoint's)

How it trades
  --every N          bars between decisions (default 1)
  --mode NAME        long-short or long-flat (default long-short)
  --fill NAME        next-open or close (default next-open)
  --threshold R      forecasts within ±R stay flat, as a return (default: --cost)
${RISK_HELP}

What it costs; all but --cost are 0 or none where they are left out
  --cost RATE        fee of a trade as a fraction of what is traded (default 0.001)
${COST_HELP}

Running
${TRIAL_HELP}
  --risk-free RATE   what money earns without risk a year; ratios are taken beyond it (default 0)
  --check            also check that no decision moves with the future (slower)
  --backend NAME     auto, webgpu or cpu (default auto)
  --out FILE         report (default out/backtest.html); its JSON and backtest_trades.csv go beside it
  --help             this text`;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  checkpoint: { type: "string", default: "out/meta_train.best.ckpt" },
  market: { type: "string" },
  "test-from": { type: "string" },
  support: { type: "string", default: "20" },
  "inner-steps": { type: "string" },
  "risk-free": { type: "string", default: "0" },
  every: { type: "string", default: "1" },
  mode: { type: "string", default: "long-short" },
  fill: { type: "string", default: "next-open" },
  threshold: { type: "string" },
  ...RISK_OPTIONS,
  ...COST_OPTIONS,
  cost: { type: "string", default: "0.001" },
  ...TRIAL_OPTIONS,
  check: { type: "boolean", default: false },
  backend: { type: "string", default: "auto" },
  out: { type: "string", default: "out/backtest.html" },
  help: { type: "boolean", default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** What the training left beside its state. */
interface Training {
  readonly unseen: string;
  readonly seen: readonly string[];
  readonly testFrom: number;
  readonly horizon: number;
  readonly seed: number;
}

function trainingOf(extra: unknown, path: string): Training {
  const record = extra as Partial<Training> | null;
  if (typeof record?.testFrom !== "number" || typeof record.horizon !== "number" || !Array.isArray(record.seen)) {
    throw new UsageError(`Cannot test ${path}: it does not say what it was trained on; write it with meta_train.ts`);
  }
  return record as Training;
}

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${name} must be ${allowed.join(" or ")}, got "${value}"`);
  return found;
}

function compareOptions(values: Values, training: Training): CompareOptions {
  const costs = costModel(values);
  const from = values["test-from"] === undefined ? training.testFrom : Date.parse(values["test-from"]);
  if (!(from >= training.testFrom)) {
    throw new UsageError(
      `--test-from must be an ISO date at or after ${new Date(training.testFrom).toISOString()}, ` +
        `where training ended, got "${values["test-from"]}"`,
    );
  }
  const steps = values["inner-steps"];
  return {
    from,
    horizon: training.horizon,
    supportRows: numberOption("support", values.support, { min: 2, integer: true }),
    every: numberOption("every", values.every, { min: 1, integer: true }),
    ...(steps !== undefined && { steps: numberOption("inner-steps", steps, { min: 0, integer: true }) }),
    mode: oneOf("mode", values.mode, ["long-short", "long-flat"]),
    fill: oneOf("fill", values.fill, ["next-open", "close"]),
    costs,
    ...riskOptions(values),
    threshold: values.threshold === undefined
      ? costs.takerFee
      : numberOption("threshold", values.threshold, { min: 0 }),
    riskFreeRate: numberOption("risk-free", values["risk-free"], { min: -0.99, max: 10 }),
    seed: training.seed,
  };
}

/** The pooled baseline of the same budget, where the markets trained on are at hand. */
async function pretrainedLike(
  engine: Engine,
  state: MetaState,
  run: { readonly markets: readonly Candles[]; readonly training: Training; readonly signal: AbortSignal },
): Promise<MetaState | undefined> {
  const { markets, training, signal } = run;
  const { seen, unseen, testFrom, horizon, seed } = training;
  const needed = [...seen, unseen].map((symbol) => markets.find((market) => market.symbol === symbol));
  if (needed.includes(undefined) || state.step === 0) {
    console.log(`Without the pretrained baseline: it needs the markets trained on (${[...seen, unseen].join(", ")})`);
    return undefined;
  }
  const plan = planTraining(needed as Candles[], {
    unseen,
    "test-from": new Date(testFrom).toISOString(),
    steps: String(state.step),
    seed: String(seed),
    horizon: String(horizon),
  });
  return await pretrain(engine, state.config, plan.batches(0), { seed, signal });
}

/** How much money the model could trade, in one sentence. */
function capacitySentence({ strategies: [{ result }] }: Comparison, candles: Candles): string {
  const { half, breakEven } = capacity(result, [candles]);
  if (half.value === null || breakEven.value === null) return `It has no capacity to speak of: ${half.reason}.`;
  const [some, all] = [half.value, breakEven.value].map((value) => Math.round(value).toLocaleString("en-US"));
  return `By the square-root law its own trades would take half of what it earns at a capital of ${some}, all at ${all}.`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(HELP);
  const backend: OpenEngineOptions["backend"] = oneOf("backend", values.backend, ["auto", "webgpu", "cpu"]);
  const kept = await requestAccess({
    needs: [sourceAccess(values), { read: [values.checkpoint] }],
    keeps: { write: [dirname(values.out)], what: "the report" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const { state, extra } = await loadCheckpoint(values.checkpoint);
    const training = trainingOf(extra, values.checkpoint);
    const options = compareOptions(values, training);
    const markets = await readMarkets(values, signal);
    const tested = (values.market ?? training.unseen).split(",").map((symbol) => {
      const found = markets.find((market) => market.symbol === symbol.trim());
      if (!found) {
        throw new UsageError(`--market must be some of ${markets.map((m) => m.symbol).join(", ")}, got "${symbol}"`);
      }
      return found;
    });
    await using engine = await openChosenEngine(backend);
    const pretrained = await pretrainedLike(engine, state, { markets, training, signal });
    const line = progressLine();
    const comparisons: Comparison[] = [];
    for (const candles of tested) {
      signal.throwIfAborted();
      line.update(`${candles.symbol}: adapting at every bar`);
      const models = { metaLearned: state, ...(pretrained && { pretrained }) };
      comparisons.push(await compareBaselines(engine, models, candles, options));
      line.done(`${candles.symbol}: ${comparisons[comparisons.length - 1].strategies[0].result.time.length} bars`);
    }
    // Several markets are several chances: their strategies are trials of one study.
    const judged = await judgedByLog(await trialLog(values.trials, kept), comparisons);
    for (const [i, comparison] of judged.entries()) {
      console.log(`\n${comparison.market}\n\n${textTable(comparisonTable(comparison))}`);
      for (const note of comparison.strategies[0].result.notes) console.log(`Note: ${note}`);
      console.log(`\n${judge(comparison).sentences.join("\n")}`);
      console.log(capacitySentence(comparison, tested[i]));
      if (!values.check) continue;
      const { sentences } = await checkLookahead(engine, state, tested[i], { ...options, lagged: true });
      console.log(sentences.join("\n"));
    }
    if (!kept) return;
    const { supportRows, horizon, every, threshold, mode } = options;
    const settings = {
      checkpoint: values.checkpoint,
      "support bars": supportRows!,
      horizon: horizon!,
      "bars between decisions": every!,
      mode: mode!,
      threshold: threshold!,
      "risk-free rate": options.riskFreeRate!,
      ...riskSettings(options),
      ...costSettings(values),
      seed: training.seed,
    };
    const written = await writeOutputs({ page: values.out, trades: "backtest_trades.csv" }, judged, {
      settings,
      state,
    });
    console.log(`\nWrote ${written.join(", ")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
