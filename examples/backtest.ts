/**
 * Forecaster and data to report: the test of `multi_asset.ts` by itself, on any market. `--help` says what it takes.
 * Forecasts of returns are traded, by those of volatility a market is held at a risk. It tests after the date that training
 * stopped at, and refuses an earlier one.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import {
  type BacktestOptions,
  type Candles,
  checkLookahead,
  compareResults,
  type Comparison,
  type Forecaster,
  judge,
} from "@adaptrade/adaptrade";
import { capacity, holdAtRisk, type RiskTaken, tradeReturns } from "@adaptrade/adaptrade/backtest";
import type { OpenEngineOptions } from "@adaptrade/adaptrade/methods";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { COST_HELP, COST_OPTIONS, costModel, costSettings } from "./market/costs.ts";
import { readForecaster } from "./market/forecast_plan.ts";
import { writeOutputs } from "./market/outputs.ts";
import { RISK_HELP, RISK_OPTIONS, riskOptions, riskSettings } from "./market/risk.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { comparisonTable, heldTable } from "./market/table.ts";
import { judgedByLog, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";

const HELP =
  `Backtests a forecaster beside every baseline and writes a report, its content as JSON and the trades as CSV.

deno run --allow-read=. --allow-write=out examples/backtest.ts [options]

${SOURCE_HELP}

What is tested
  --forecaster FILE  what to test, of returns or of volatility (default out/forecaster.bin, as examples/meta_train.ts
                     and examples/multi_asset.ts leave it)
  --market A,B       the markets to trade (default: those that training never saw)
  --test-from DATE   first decision, ISO date (default: where training and validation ended)

How it trades
  --risk R           of volatility: what the market is held at, a year (default 0.15)
  --mode NAME        of returns: long-short or long-flat (default long-short)
  --threshold R      of returns: forecasts within ±R stay flat (default: --cost); --sizing is of returns too
  --every N          bars between decisions (default 1)
  --fill NAME        next-open or close (default next-open)
${RISK_HELP}

What it costs; all but --cost are 0 or none where they are left out
  --cost RATE        fee of a trade as a fraction of what is traded (default 0.001)
${COST_HELP}

Running
${TRIAL_HELP}
  --risk-free RATE   what money earns without risk a year; ratios are taken beyond it (default 0)
  --seed N           seed of intervals, shuffles and untrained networks (default 1)
  --check            also check that no decision moves with the future (slower)
  --backend NAME     auto, webgpu or cpu (default auto)
  --out FILE         report (default out/backtest.html); its JSON and backtest_trades.csv go beside it
  --help             this text`;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  forecaster: { type: "string", default: "out/forecaster.bin" },
  market: { type: "string" },
  "test-from": { type: "string" },
  risk: { type: "string" },
  seed: { type: "string", default: "1" },
  "risk-free": { type: "string", default: "0" },
  every: { type: "string", default: "1" },
  mode: { type: "string" },
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

function oneOf<const T extends string>(name: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw new UsageError(`--${name} must be ${allowed.join(" or ")}, got "${value}"`);
  return found;
}

/** Options that say something of one kind of forecast alone. */
const FOREIGN = {
  return: ["risk"],
  logVolatility: ["mode", "threshold", "sizing", "size-target", "size-cap"],
} as const;

/** What is forecast, where it can be traded and the options say nothing of something else. */
function tradedKind({ target: { kind } }: Forecaster, values: Values): keyof typeof FOREIGN {
  if (kind !== "return" && kind !== "logVolatility") {
    throw new UsageError(
      `Cannot trade ${values.forecaster}: expected a forecaster of return or logVolatility, got ${kind}`,
    );
  }
  const foreign = FOREIGN[kind].find((name) => values[name] !== undefined);
  if (foreign) throw new UsageError(`--${foreign} says nothing of a forecaster of ${kind}: leave it out`);
  return kind;
}

/** First decision: where training and validation ended, or later. */
function firstDecision({ trainedOn: { trainedUntil } }: Forecaster, text: string | undefined): number {
  const from = text === undefined ? trainedUntil : Date.parse(text);
  if (from >= trainedUntil) return from;
  throw new UsageError(
    `--test-from must be an ISO date at or after ${new Date(trainedUntil).toISOString()}, where training ended, ` +
      `got "${text}"`,
  );
}

function tradingOptions(values: Values): BacktestOptions {
  const costs = costModel(values);
  return {
    every: numberOption("every", values.every, { min: 1, integer: true }),
    mode: oneOf("mode", values.mode ?? "long-short", ["long-short", "long-flat"]),
    fill: oneOf("fill", values.fill, ["next-open", "close"]),
    costs,
    ...riskOptions(values),
    threshold: values.threshold === undefined
      ? costs.takerFee ?? 0
      : numberOption("threshold", values.threshold, { min: 0 }),
    riskFreeRate: numberOption("risk-free", values["risk-free"], { min: -0.99, max: 10 }),
  };
}

/** The markets to trade: those named, or all that training never saw. */
function testedMarkets(markets: readonly Candles[], { trainedOn }: Forecaster, text: string | undefined): Candles[] {
  if (text === undefined) {
    const unseen = markets.filter(({ symbol }) => !trainedOn.markets.includes(symbol));
    if (unseen.length > 0) return unseen;
    throw new UsageError("Cannot choose a market: training saw all of them; name some by --market");
  }
  return text.split(",").map((symbol) => {
    const found = markets.find((market) => market.symbol === symbol.trim());
    if (found) return found;
    throw new UsageError(`--market must be some of ${markets.map((m) => m.symbol).join(", ")}, got "${symbol}"`);
  });
}

/** How much money the model could trade, in one sentence. */
function capacitySentence({ strategies: [{ result }] }: Comparison, candles: Candles): string {
  const { half, breakEven } = capacity(result, [candles]);
  if (half.value === null || breakEven.value === null) {
    return `Its capacity is not known: ${half.reason ?? breakEven.reason}.`;
  }
  const [some, all] = [half.value, breakEven.value].map((value) => Math.round(value).toLocaleString("en-US"));
  return `By the square-root law its own trades would take half of what it earns at a capital of ${some}, all at ${all}.`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) return console.log(HELP);
  const backend: OpenEngineOptions["backend"] = oneOf("backend", values.backend, ["auto", "webgpu", "cpu"]);
  const kept = await requestAccess({
    needs: [sourceAccess(values), { read: [values.forecaster] }],
    keeps: { write: [dirname(values.out)], what: "the report" },
  });
  const trading = tradingOptions(values);
  const risk = numberOption("risk", values.risk ?? "0.15", { min: 1e-6, max: 100 });
  const seed = numberOption("seed", values.seed, { min: 0, integer: true });
  const { signal, dispose } = interruptSignal();
  try {
    const forecaster = await readForecaster(values.forecaster);
    const kind = tradedKind(forecaster, values);
    const from = firstDecision(forecaster, values["test-from"]);
    const markets = await readMarkets(values, signal);
    const tested = testedMarkets(markets, forecaster, values.market);
    const { trainedOn, target, support, steps, shrinkage } = forecaster;
    const missing = trainedOn.markets.filter((symbol) => !markets.some((market) => market.symbol === symbol));
    if (missing.length > 0) console.log(`Without ${missing.join(", ")}, trained on: means over markets leave them out`);
    await using engine = await openChosenEngine(backend);
    const line = progressLine();
    const othersOf = (candles: Candles): Candles[] =>
      markets.filter((market) => market !== candles && trainedOn.markets.includes(market.symbol));
    const comparisons: Comparison[] = [];
    const taken: (readonly RiskTaken[])[] = [];
    for (const market of tested) {
      signal.throwIfAborted();
      line.update(`${market.symbol}: adapting at every bar`);
      const plan = { market, others: othersOf(market), from, seed, options: trading, alone: true };
      const { results, risk: shown } = kind === "return"
        ? { results: await tradeReturns(engine, forecaster, plan), risk: [] }
        : await holdAtRisk(engine, forecaster, { ...plan, risk });
      taken.push(shown);
      comparisons.push(compareResults(results, market, { ...trading, seed }));
      line.done(`${market.symbol}: ${results[0].time.length} bars`);
    }
    // Several markets are several chances: their strategies are trials of one study.
    const judged = await judgedByLog(await trialLog(values.trials, kept), comparisons);
    for (const [i, comparison] of judged.entries()) {
      console.log(`\n${comparison.market}\n\n${textTable(comparisonTable(comparison))}`);
      for (const note of comparison.strategies[0].result.notes) console.log(`Note: ${note}`);
      if (taken[i].length > 0) {
        console.log(
          `\nRisk taken; log error is how far it was from ${risk} a year:\n\n${textTable(heldTable(taken[i]))}`,
        );
      }
      console.log(`\n${judge(comparison).sentences.join("\n")}`);
      console.log(capacitySentence(comparison, tested[i]));
      if (!values.check) continue;
      const others = othersOf(tested[i]);
      const { sentences } = await checkLookahead(engine, forecaster, tested[i], { ...trading, from, others, seed });
      console.log(sentences.join("\n"));
    }
    if (!kept) return;
    const settings = {
      forecaster: values.forecaster,
      target: `${target.kind}, ${target.horizon} bars`,
      "support rows": support.rows,
      "inner steps": steps,
      shrinkage: shrinkage.toFixed(3),
      ...(kind === "return" ? { mode: trading.mode!, threshold: trading.threshold! } : { "risk a year": risk }),
      "bars between decisions": trading.every!,
      "risk-free rate": trading.riskFreeRate!,
      ...riskSettings(trading),
      ...costSettings(values),
      seed,
    };
    const written = await writeOutputs({ page: values.out, trades: "backtest_trades.csv" }, judged, {
      settings,
      state: forecaster.members[0].state,
    });
    console.log(`\nWrote ${written.join(", ")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
