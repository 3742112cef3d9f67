/**
 * Many markets on one capital: meta-train before a date, learn stops and sizes on the validation part, then trade everything
 * after it under six ways to divide the capital, beside every baseline. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { metaInit } from "@adaptrade/adaptrade";
import {
  type PortfolioOptions,
  type PortfolioResult,
  type PortfolioStatistics,
  portfolioStatistics,
  pretrain,
  riskEvaluator,
  withRiskSettings,
} from "@adaptrade/adaptrade/backtest";
import { judgePortfolios, portfolioJson, renderPortfolioReport } from "@adaptrade/adaptrade/report";
import { mergeTrials } from "@adaptrade/adaptrade/statistics";
import { tuneRisk } from "@adaptrade/adaptrade/trading";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { COST_HELP, COST_OPTIONS, costModel, costSettings } from "./market/costs.ts";
import { riskOptions } from "./market/risk.ts";
import { writeFiles } from "./market/outputs.ts";
import { PLAN_HELP, PLAN_OPTIONS, planTraining } from "./market/plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { trainPlan } from "./market/training.ts";
import { earlierPortfolios, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";
import { recordingTrials } from "./portfolio/trials.ts";
import { forecastAll, forecastsFrom, holdAll, runForecasts, WEIGHTINGS } from "./portfolio/strategies.ts";

const HELP = `Meta-trains on many markets, learns stops and sizes on validation data, trades all of them on one capital.

deno run --allow-read=. --allow-write=out examples/portfolio.ts [options]

${SOURCE_HELP}
${PLAN_HELP}
${TRIAL_HELP}
  --cost RATE        fee as a fraction of what is traded (default 0.0005)
${COST_HELP}
                     (defaults: spread 0.0005, slippage 0.02, borrow 0.02 unless --account is perpetual or cash-only;
                     the others are 0 or none)
  --rebalance RULE   always, never, or a share of the target that a position may drift by (default 0.1)
  --capital AMOUNT   equity at the start (default 100000)
  --backend NAME     auto, webgpu or cpu (default auto)
  --out FILE         report (default out/portfolio.html); its JSON and portfolio_trades.csv go beside it
  --resume           continue out/portfolio.ckpt, left by Ctrl-C
  --help             this text`;

const OPTIONS = {
  ...SOURCE_OPTIONS,
  ...PLAN_OPTIONS,
  ...TRIAL_OPTIONS,
  ...COST_OPTIONS,
  cost: { type: "string", default: "0.0005" },
  spread: { type: "string", default: "0.0005" },
  slippage: { type: "string", default: "0.02" },
  rebalance: { type: "string" },
  capital: { type: "string", default: "100000" },
  backend: { type: "string", default: "auto" },
  out: { type: "string", default: "out/portfolio.html" },
  resume: { type: "boolean", default: false },
  help: { type: "boolean", default: false },
} as const;

/** Validation windows that risk settings are learned on. */
const WINDOWS = 4;
/** What is searched; the most careful values first, for ties keep them. 0 is none. */
const SPACE = {
  stopVolatility: [2, 4, 8, 0],
  threshold: [0.002, 0.001, 0.0005],
  volatilityTarget: [0.005, 0.01, 0],
};

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>["values"];

/** Interest on what is borrowed a year, where the account borrows and none was given. */
const BORROW = "0.02";

function withBorrow(values: Values): Values {
  const borrows = values.account === undefined || values.account === "spot";
  return borrows ? { borrow: BORROW, ...values } : values;
}

function tradingOptions(values: Values): PortfolioOptions {
  const initialCapital = numberOption("capital", values.capital, { min: 1 });
  const { rebalance } = riskOptions(values.rebalance === undefined ? {} : { rebalance: values.rebalance });
  return { costs: costModel(values), initialCapital, ...(rebalance && { rebalance }) };
}

const percent = (value: number | null, digits = 1): string =>
  value === null ? "–" : `${(100 * value).toFixed(digits)}%`;
const figure = (value: number | null): string => value === null ? "–" : value.toFixed(2);
const day = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** Net figures of each strategy; the deflated Sharpe counts every setting tried and every strategy shown. */
function table(results: readonly PortfolioResult[], statistics: readonly PortfolioStatistics[]): string {
  const rows = results.map(({ strategy, metrics, costs, initialCapital, trades }, i) => {
    const { sharpeInterval: { low, high }, deflatedSharpe } = statistics[i];
    return [
      strategy,
      figure(metrics.sharpe),
      `${figure(low)} … ${figure(high)}`,
      figure(deflatedSharpe.value),
      percent(metrics.totalReturn),
      percent(metrics.maxDrawdown),
      percent(metrics.exposure, 0),
      percent(costs / initialCapital),
      `${trades.length}`,
    ];
  });
  return textTable([
    ["strategy", "Sharpe", "95% interval", "deflated", "return", "drawdown", "exposure", "costs", "trades"],
    ...rows,
  ]);
}

async function main(): Promise<void> {
  const values = withBorrow(parseArgs({ options: OPTIONS }).values);
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const trading = tradingOptions(values);
  const kept = await requestAccess({
    needs: [sourceAccess(values), values.resume ? { read: ["out"], write: ["out"] } : {}],
    keeps: { write: ["out", dirname(values.out)], what: "the report and its checkpoints" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    const plan = planTraining(markets, values);
    const { validationFrom, testFrom, supportRows, horizon, seed, config } = plan;
    await using engine = await openChosenEngine(values.backend);
    console.log(
      `Meta-training on ${plan.seen.join(", ")} before ${day(testFrom)} (validation from ${day(validationFrom)}); ` +
        `then trading all of these and ${plan.unseen.symbol}.\nEngine: ${engine.info.backend}, ${engine.info.threads} thread(s)`,
    );
    const checkpoint = kept ? { checkpoint: "out/portfolio.ckpt" } : {};
    const trained = await trainPlan(engine, plan, { ...checkpoint, resume: values.resume, signal });
    const pooled = await pretrain(engine, config, plan.batches(0), { seed, signal });
    const walk = { from: validationFrom, supportRows, horizon, signal };
    const { forecasts, left } = await forecastAll(engine, trained.best, markets, walk);
    if (left.length > 0) console.log(`Without bars to trade after ${day(validationFrom)}: ${left.join(", ")}`);

    const step = (testFrom - validationFrom) / WINDOWS;
    const recorded = recordingTrials(riskEvaluator(forecasts, trading));
    const tuned = await tuneRisk(recorded.evaluate, SPACE, {
      windows: Array.from({ length: WINDOWS }, (_, i) => ({
        from: validationFrom + i * step,
        to: Math.min(testFrom, validationFrom + (i + 1) * step),
      })),
      testFrom,
      riskAversion: 2,
      seed,
      signal,
    });
    const chosen = Object.entries(tuned.settings).map(([name, value]) => `${name} ${value || "none"}`).join(", ");
    console.log(
      `Learned on ${WINDOWS} validation windows, ${tuned.trials.length} settings tried: ${chosen} ` +
        `(mean less risk ${tuned.objective.toExponential(1)} a bar)`,
    );
    const options = withRiskSettings(trading, tuned.settings);
    const tested = forecastsFrom(forecasts, testFrom);
    const results = WEIGHTINGS.map(([name, weighting]) =>
      runForecasts(`meta-learned, ${name}`, tested, { ...options, weighting })
    );
    const from = { ...walk, from: testFrom };
    for (const [name, state] of [["pretrained", pooled], ["from scratch", metaInit(config, { seed })]] as const) {
      const { forecasts: others } = await forecastAll(engine, state, markets, from);
      results.push(runForecasts(`${name}, equal`, others, options));
    }
    results.push(holdAll("holding, equal", tested, options));
    results.push(holdAll("holding, inverse volatility", tested, { ...options, weighting: WEIGHTINGS[1][1] }));

    const [{ time, notes, shares, costBreakdown }] = results;
    console.log(
      `\n${tested.length} markets from ${day(time[0])} to ${
        day(time[time.length - 1])
      }, ${time.length} bars, after costs:\n`,
    );
    const earlier = await earlierPortfolios(await trialLog(values.trials, kept), results);
    const benchmark = results.find(({ strategy }) => strategy === "holding, equal");
    const trials = mergeTrials([earlier, recorded.trials()]);
    const statistics = portfolioStatistics(results, { trials, seed, ...(benchmark && { benchmark }) });
    console.log(table(results, statistics));
    for (const note of notes) console.log(`Note: ${note}`);
    console.log(`\n${results[0].strategy}, by market:\n`);
    console.log(textTable([
      ["market", "profit", "costs", "trades", "exposure"],
      ...shares.map((share) => [
        share.market,
        share.pnl.toFixed(0),
        share.cost.toFixed(0),
        `${share.trades}`,
        percent(share.exposure, 0),
      ]),
    ]));
    const costs = Object.entries(costBreakdown).map(([kind, amount]) => `${kind} ${amount.toFixed(0)}`).join(", ");
    console.log(`\nIts costs: ${costs}`);
    console.log(`\n${judgePortfolios(results, statistics, WEIGHTINGS.length).sentences.join("\n")}`);
    if (!kept) return;
    const learned = Object.entries(tuned.settings).map(([name, value]) => [`${name} (learned)`, value || "none"]);
    const report = {
      settings: {
        "meta-steps": trained.best.step,
        "support bars": supportRows,
        horizon,
        ...Object.fromEntries(learned),
        ...costSettings(values),
        capital: values.capital,
        seed,
      },
      candidates: WEIGHTINGS.length,
      statistics,
      ...(benchmark && { benchmark }),
    };
    const written = await writeFiles({ page: values.out, trades: "portfolio_trades.csv" }, {
      html: await renderPortfolioReport(results, report),
      json: portfolioJson(results, report),
      books: results,
    });
    console.log(`\nWrote ${written.join(", ")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
