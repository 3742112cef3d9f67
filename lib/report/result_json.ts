/**
 * A report's content as plain data. It holds what the tear sheet shows and the series behind it, and draws nothing.
 * @module
 */
import { learningRates } from "../meta/learning_rates.ts";
import type { Comparison } from "../backtest/comparison.ts";
import { excessOf } from "../statistics/risk_free.ts";
import { hoistSeries } from "./hoist_series.ts";
import { REPORT_KEYS, type ReportOptions } from "./report_options.ts";
import { returnDistribution } from "./tear_sheet/distribution.ts";
import { regimeReturns } from "./tear_sheet/regime_returns.ts";
import { drawdown, equityFrom, monthlyReturns, rollingSharpe, rollingWindow } from "./tear_sheet/series.ts";
import { distinctFindings } from "./data_sentences.ts";
import { judgeForecasts } from "./forecast_verdict.ts";
import { judge } from "./verdict.ts";
import { requireKnownKeys } from "../options.ts";

/** A value that survives `JSON.parse(JSON.stringify(value))`. */
export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/**
 * A value as JSON has it: typed arrays are arrays, numbers that are not finite are null, absent properties are left out.
 *
 * @param value Plain data: no function, no class, no cycle.
 */
export function plainJson(value: unknown): JsonValue {
  if (typeof value === "number") return Number.isFinite(value) ? (value === 0 ? 0 : value) : null;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))) {
    return Array.from(value as ArrayLike<unknown>, plainJson);
  }
  if (typeof value === "object") {
    const entries = Object.entries(value).filter(([, one]) => one !== undefined);
    return Object.fromEntries(entries.map(([key, one]) => [key, plainJson(one)]));
  }
  throw new TypeError(`Cannot write as JSON: expected plain data, received a ${typeof value}`);
}

/** What the series that a page draws are computed from. */
interface Course {
  readonly initialCapital: number;
  readonly time: Float64Array;
  readonly equity: Float64Array;
  readonly netReturns: Float64Array;
  readonly grossReturns: Float64Array;
  readonly periodsPerYear: number;
  readonly riskFreeRate: number;
}

/** The series that a page draws of a strategy, beside those that its result holds. */
export function derivedSeries(course: Course): Readonly<Record<string, unknown>> {
  const { netReturns, grossReturns, time, periodsPerYear, equity, initialCapital } = course;
  const window = rollingWindow(periodsPerYear);
  return {
    drawdown: drawdown(equityFrom(initialCapital, equity)),
    rollingSharpe: { window, values: rollingSharpe(excessOf(course), { window, periodsPerYear }) },
    monthlyReturns: monthlyReturns(time, netReturns),
    distribution: returnDistribution(netReturns, grossReturns),
  };
}

/** A comparison with its verdict and what the page draws; series that its strategies share stand once. */
function comparisonContent(comparison: Comparison): unknown {
  const { strategies, regimes } = comparison;
  const { shared, results } = hoistSeries(
    strategies.map(({ result: { findings: _, ...result } }) => result),
    ["time", "decisionTime", "labels"],
  );
  return {
    ...comparison,
    ...shared,
    findings: distinctFindings(strategies.map(({ result }) => result)),
    verdict: judge(comparison),
    strategies: strategies.map(({ result, ...statistics }, i) => ({
      ...statistics,
      result: results[i],
      ...derivedSeries(result),
      regimeReturns: regimeReturns(regimes, result),
    })),
  };
}

/**
 * The content of `renderReport` as plain data: every comparison with its verdict, and of every strategy its result,
 * statistics and intervals, drawdown, rolling Sharpe ratio, monthly returns, distribution and returns by regime; the learned
 * rates of `options.state`. Names are those of `Comparison` and `BacktestResult`, but for `time`, `decisionTime` and `labels`:
 * they stand once, in the comparison, where all of its strategies have the same (as after `compareBaselines`), else in each
 * result; and `findings`, which stand in the comparison alone. Typed arrays become arrays and NaN (a label not known yet, a strategy without forecasts) becomes null. Times are ms
 * UTC, returns fractions.
 *
 * @param comparisons From `compareBaselines`, at least one.
 * @param options As for `renderReport`.
 * @returns `{ title, settings, learningRates, forecast, comparisons: [{ market, verdict, findings, time, decisionTime, labels, randomWalk,
 *   trials, regimes, strategies: [{ result, … }] }] }`.
 * @throws {TypeError} There is no comparison.
 *
 * @example
 * ```ts
 * import { compareBaselines, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { reportJson } from "@adaptrade/adaptrade/report";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const metaLearned = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
 * const comparison = await compareBaselines(engine, { metaLearned }, dax, { from: Date.UTC(1998, 0), shuffles: 5 });
 * assertEquals(JSON.stringify(reportJson([comparison])).includes("DAX"), true);
 * ```
 */
export function reportJson(
  comparisons: readonly Comparison[],
  options: ReportOptions = {},
): { readonly [key: string]: JsonValue } {
  requireKnownKeys("Cannot write a report as JSON", "options", options, REPORT_KEYS);
  if (comparisons.length === 0) {
    throw new TypeError("Cannot write a report as JSON: expected at least 1 comparison, received 0");
  }
  const { title = "Few-shot adaptation backtest", settings = {}, state, forecast } = options;
  return {
    title,
    settings: plainJson(settings),
    learningRates: state ? plainJson(learningRates(state)) : null,
    forecast: forecast ? plainJson({ verdict: judgeForecasts(forecast.comparison), ...forecast }) : null,
    comparisons: comparisons.map((comparison) => plainJson(comparisonContent(comparison))),
  };
}
