/**
 * One market of a study: one forecaster's forecasts of it, their score beside saying nothing and not adapting, and what holding or
 * trading by them earned beside holding. A pure function of the forecaster and the bars; it knows no other market of the study.
 * @module
 */
import {
  type BacktestOptions,
  backtestPositions,
  type BacktestResult,
  decisionContext,
  wantedPositions,
} from "../../backtest/backtest.ts";
import { walkOf } from "../../backtest/forecaster_walk.ts";
import { type Candles, DataError } from "../../data/candles.ts";
import type { Engine } from "../../engine/engine.ts";
import { conformalDeviation } from "../../forecast/conformal_band.ts";
import { expectedVolatility, forecast, type Forecasts } from "../../forecast/forecast.ts";
import type { Forecaster } from "../../forecast/forecaster.ts";
import { targetScale } from "../../forecast/target.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";
import { compareLosses } from "../../statistics/diebold_mariano.ts";
import { excessOf } from "../../statistics/risk_free.ts";
import { type SharpeEstimate, sharpeEstimate } from "../../statistics/sharpe_estimate.ts";

/** What {@linkcode studyMarket} takes; plain data. */
export interface StudyMarketOptions {
  /** First decision at or after this bar's open time, ms UTC (default: the first that can be forecast). */
  readonly from?: number;
  /** Decisions before this open time, ms UTC (default: to the end). */
  readonly to?: number;
  /**
   * How it is traded, as `backtest()` takes it (default: not at all). A forecaster of log volatility needs
   * `sizing: { kind: "volatility", target }`; one of log volume trades nothing.
   */
  readonly backtest?: Omit<BacktestOptions, "from" | "to" | "others">;
}

/** What forecasts were worth as forecasts. */
export interface StudyScore {
  /** Decisions whose label is known. */
  readonly decisions: number;
  /** Mean squared error, relative to the anchor. */
  readonly mse: number;
  /** The same of the networks unadapted. */
  readonly unadapted: number;
  /** The same of saying nothing: the anchor, with the training pool's mean added. */
  readonly nothing: number;
  /** 1 − mse / nothing. */
  readonly skill: number;
  /** Diebold and Mariano's statistic against saying nothing, below 0 where the forecasts are better; null where undefined. */
  readonly statistic: number | null;
  /** Its two-sided probability; null where undefined. */
  readonly pValue: number | null;
}

/** What following them earned, net. */
export interface StudyMoney {
  /** Sharpe ratio a year; null where undefined. */
  readonly sharpe: number | null;
  /** That of holding the market whole. */
  readonly holdSharpe: number | null;
  /** Return over all bars, a fraction. */
  readonly totalReturn: number | null;
  /** Largest drawdown, a fraction. */
  readonly maxDrawdown: number | null;
  /** Ratio a bar with its moments, for a deflated one. */
  readonly estimate: SharpeEstimate;
}

/** One market of a study. */
export interface MarketStudy {
  /** The market. */
  readonly market: string;
  /** Bar length. */
  readonly interval: string;
  /** Bars. */
  readonly bars: number;
  /** First decision, ms UTC. */
  readonly from: number;
  /** Last decision, ms UTC. */
  readonly to: number;
  /** Score of the forecasts. */
  readonly score: StudyScore;
  /** What they earned; null where nothing was traded. */
  readonly money: StudyMoney | null;
}

/** A market's study with its forecasts. */
export interface StudiedMarket {
  /** Figures. */
  readonly study: MarketStudy;
  /** The forecasts. */
  readonly forecasts: Forecasts;
}

/** The keys of {@linkcode StudyMarketOptions}. */
export const STUDY_MARKET_KEYS: OptionKeys<StudyMarketOptions> = { from: true, to: true, backtest: true };

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function scoreOf(forecaster: Forecaster, { market, value, unadapted, anchor, labels, horizon }: Forecasts): StudyScore {
  const scale = targetScale(forecaster.target);
  const known = Array.from(labels.keys()).filter((i) =>
    Number.isFinite(labels[i]) && Number.isFinite(value[i]) && Number.isFinite(anchor[i])
  );
  if (known.length === 0) throw new DataError(`Cannot study ${market}: no decision has a label yet`);
  const label = (i: number): number => scale.relative(labels[i], anchor[i]);
  const errorsOf = (said: (i: number) => number): Float64Array =>
    Float64Array.from(known, (i) => (label(i) - said(i)) ** 2);
  const own = errorsOf((i) => scale.relative(value[i], anchor[i]));
  const nothing = errorsOf(() => forecaster.scaler.labelMean);
  const { statistic, pValue } = compareLosses(own, nothing, { horizon });
  return {
    decisions: known.length,
    mse: meanOf(own),
    unadapted: meanOf(errorsOf((i) => scale.relative(unadapted[i], anchor[i]))),
    nothing: meanOf(nothing),
    skill: 1 - meanOf(own) / meanOf(nothing),
    statistic,
    pValue,
  };
}

function moneyOf(
  forecaster: Forecaster,
  market: Candles,
  { said, options }: { readonly said: Forecasts; readonly options: BacktestOptions },
): StudyMoney | null {
  const { target: { kind }, trainedOn } = forecaster;
  const walk = walkOf(said);
  const run = (strategy: string, wanted: Float64Array, predictions?: Float64Array): BacktestResult =>
    backtestPositions(strategy, market, { walk, wanted, options, trainedOn, ...(predictions && { predictions }) });
  let result: BacktestResult;
  if (kind === "logVolatility" && options.sizing?.kind === "volatility") {
    const volatility = expectedVolatility(forecaster, said);
    const wanted = wantedPositions(volatility.map(() => 1), options, { volatility, horizon: walk.horizon });
    result = run("held at a risk", wanted);
  } else if (kind === "return") {
    const predictions = said.value.map((value) => Number.isFinite(value) ? value : 0);
    const context = decisionContext(market, walk, conformalDeviation(forecaster, said));
    result = run("meta-learned", wantedPositions(predictions, options, context), predictions);
  } else return null;
  const { exits: _exits, brake: _brake, ...plain } = options;
  const hold = backtestPositions("buy and hold", market, {
    walk,
    wanted: new Float64Array(walk.time.length).fill(1),
    options: plain,
  });
  const { sharpe, totalReturn, maxDrawdown } = result.metrics;
  return {
    sharpe,
    holdSharpe: hold.metrics.sharpe,
    totalReturn,
    maxDrawdown,
    estimate: sharpeEstimate(excessOf(result)),
  };
}

/**
 * Studies one market by a forecaster: forecasts it once, scores that, and trades by it.
 *
 * @param engine Where to adapt.
 * @param forecaster From `trainForecaster`.
 * @param market Bars of the market.
 * @param options Range, and how it is traded.
 * @returns Figures, and the forecasts.
 * @throws {DataError} The market is too short, no decision has a label yet, or its bars have another length.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts ignore
 * const { study } = await studyMarket(engine, forecaster, market, { backtest: { sizing: { kind: "volatility", target: 0.01 } } });
 * console.log(study.score.skill, study.money?.sharpe);
 * ```
 */
export async function studyMarket(
  engine: Engine,
  forecaster: Forecaster,
  market: Candles,
  options: StudyMarketOptions & { readonly signal?: AbortSignal; readonly others?: readonly Candles[] } = {},
): Promise<StudiedMarket> {
  requireKnownKeys("Cannot study a market", "options", options, { ...STUDY_MARKET_KEYS, signal: true, others: true });
  const { backtest, ...range } = options;
  const forecasts = await forecast(engine, forecaster, market, range);
  const { time } = forecasts;
  return {
    study: {
      market: market.symbol,
      interval: market.interval,
      bars: market.time.length,
      from: time[0],
      to: time[time.length - 1],
      score: scoreOf(forecaster, forecasts),
      money: backtest ? moneyOf(forecaster, market, { said: forecasts, options: backtest }) : null,
    },
    forecasts,
  };
}
