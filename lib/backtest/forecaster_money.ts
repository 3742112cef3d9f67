/**
 * What a forecaster's forecasts are worth in money: a market held, held at the risk that RiskMetrics and the forecaster say, or
 * forecasts of returns traded, beside the baselines that must stand there. Forecasts are made once; all go through one account.
 * @module
 */
import { periodsPerYear } from "../data/calendar.ts";
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { riskMetricsVolatility } from "../features/trailing_volatility.ts";
import { expectedVolatility, forecast, type Forecasts } from "../forecast/forecast.ts";
import { type Forecaster, learnedSteps } from "../forecast/forecaster.ts";
import { metaInit } from "../meta/state.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { volatilityTargetPositions } from "../trading/volatility_target.ts";
import { backtest, type BacktestOptions, backtestPositions, type BacktestResult } from "./backtest.ts";
import { walkOf } from "./forecaster_walk.ts";
import type { DecisionWalk } from "./walk_forward.ts";

/** What is traded, and how. */
export interface MoneyPlan {
  /** The market. */
  readonly market: Candles;
  /** The others, for means over them. */
  readonly others: readonly Candles[];
  /** First decision, ms UTC. */
  readonly from: number;
  /** Seed of networks that nothing was learned by. */
  readonly seed: number;
  /** Costs, exits and sizes. */
  readonly options: BacktestOptions;
  /** Whether this is all that is compared: every baseline then stands here (default false: the other trade brings some). */
  readonly alone?: boolean;
}

const MONEY_KEYS: OptionKeys<MoneyPlan> = {
  market: true,
  others: true,
  from: true,
  seed: true,
  options: true,
  alone: true,
};

/** How a market is held at a risk. */
export interface RiskPlan extends MoneyPlan {
  /** Volatility a year that it is held at, a fraction. */
  readonly risk: number;
}

const RISK_KEYS: OptionKeys<RiskPlan> = { ...MONEY_KEYS, risk: true };

/** How near the risk that was taken came to the risk that was wanted. */
export interface RiskTaken {
  /** The strategy. */
  readonly strategy: string;
  /** Root mean squared ln(risk taken / target) over the horizons ahead of decisions. */
  readonly logError: number;
  /** Deviation of the net returns, a year. */
  readonly volatility: number | null;
  /** Turnover, as a backtest's metrics have it. */
  readonly turnover: number | null;
  /** Largest drawdown, a fraction. */
  readonly drawdown: number | null;
}

/** What {@linkcode holdAtRisk} found. */
export interface HeldAtRisk {
  /** Every strategy; the market held at the forecast's risk first. */
  readonly results: readonly BacktestResult[];
  /** Risk taken against target, of the held ones. */
  readonly risk: readonly RiskTaken[];
}

/** A forecaster whose networks start elsewhere: what it must beat. Nothing holds these back. */
function variant(forecaster: Forecaster, which: "pretrained" | "scratch", seed: number): Forecaster {
  const [{ state, pretrained }] = forecaster.members;
  return {
    ...forecaster,
    steps: learnedSteps(which === "pretrained" ? pretrained : state),
    shrinkage: 1,
    trust: { share: 1, limit: Infinity },
    members: forecaster.members.map((member, m) => ({
      ...member,
      ...(which === "pretrained" ? { state: member.pretrained } : {
        state: metaInit(member.state.config, { seed: seed + m }),
        pretrained: metaInit(member.pretrained.config, { seed: seed + m }),
      }),
    })),
  };
}

/** Risk taken by positions in a market whose volatility turned out as the labels say, `scale` times that between closes. */
function riskTaken(
  result: BacktestResult,
  said: Forecasts,
  { target, scale }: { readonly target: number; readonly scale: number },
): RiskTaken {
  let [sum, count] = [0, 0];
  said.labels.forEach((label, i) => {
    if (Number.isNaN(label) || !(result.wanted[i] > 0)) return;
    sum += Math.log(result.wanted[i] * scale * Math.exp(label) / target) ** 2;
    count++;
  });
  const { turnover, maxDrawdown, annualizedVolatility } = result.metrics;
  return {
    strategy: result.strategy,
    logError: Math.sqrt(sum / count),
    volatility: annualizedVolatility,
    turnover,
    drawdown: maxDrawdown,
  };
}

/** Buys and holds, at the costs and orders of the others, but with no stop and no brake, or it would not hold. */
function holdWhole(market: Candles, walk: DecisionWalk, options: BacktestOptions): BacktestResult {
  const { exits: _exits, brake: _brake, ...held } = options;
  const wanted = new Float64Array(walk.time.length).fill(1);
  return backtestPositions("buy and hold", market, { walk, wanted, options: held });
}

/**
 * Holds a market at a risk: as a forecaster of volatility says, as RiskMetrics does, and whole; alone, also as the forecaster's
 * networks say from their pretrained starts, fine-tuned, and from none.
 *
 * @param engine Where to adapt.
 * @param forecaster A forecaster of log volatility.
 * @param plan The market, the others, the risk a year, costs and exits.
 * @returns Results on the same bars, the forecast's first, and how near each came to the risk that was wanted.
 * @throws {DataError} The market is too short, or of another bar length.
 * @throws {RangeError} The forecaster forecasts something else, or an option is out of range.
 *
 * @example
 * ```ts ignore
 * const plan = { market, others: pool, from: testFrom, seed: 1, options: { costRate: 0.001 }, risk: 0.15, alone: true };
 * const { results, risk } = await holdAtRisk(engine, forecaster, plan);
 * const comparison = compareResults(results, market, plan.options);
 * ```
 */
export async function holdAtRisk(engine: Engine, forecaster: Forecaster, plan: RiskPlan): Promise<HeldAtRisk> {
  requireKnownKeys("Cannot hold at a risk", "plan", plan, RISK_KEYS);
  const { market, others, from, seed, options, risk, alone = false } = plan;
  const { every = 1 } = options;
  const said = await forecast(engine, forecaster, market, { from, others });
  const walk = walkOf(said);
  const target = risk / Math.sqrt(periodsPerYear(market));
  const held = (strategy: string, volatility: Float64Array, model?: Forecaster): BacktestResult => {
    const now = volatilityTargetPositions(volatility, { target });
    const wanted = now.map((_, i) => now[i - i % every]);
    return backtestPositions(strategy, market, { walk, wanted, options, ...(model && { trainedOn: model.trainedOn }) });
  };
  const heldBy = async (strategy: string, model: Forecaster): Promise<BacktestResult> =>
    held(strategy, expectedVolatility(model, await forecast(engine, model, market, { from, others })), model);
  const results = [held("held at the forecast risk", expectedVolatility(forecaster, said), forecaster)];
  if (alone) {
    results.push(
      await heldBy("pretrained + fine-tuned", variant(forecaster, "pretrained", seed)),
      await heldBy("from scratch", variant(forecaster, "scratch", seed)),
    );
  }
  const riskMetrics = riskMetricsVolatility(market).slice(walk.start, walk.start + walk.time.length);
  results.push(
    held("held at RiskMetrics' risk", riskMetrics),
    holdWhole(market, walk, options),
  );
  const scale = forecaster.residual.closeScale;
  return { results, risk: results.map((result) => riskTaken(result, said, { target, scale })) };
}

/**
 * Trades a forecaster of returns beside its networks from other starts, and beside saying zero; alone, also beside holding.
 *
 * @param engine Where to adapt.
 * @param forecaster A forecaster of returns.
 * @param plan The market, the others, costs, exits and sizes.
 * @returns Results on the same bars, the forecaster's first.
 * @throws {DataError} The market is too short, or of another bar length.
 * @throws {RangeError} The forecaster forecasts something else, or an option is out of range.
 *
 * @example
 * ```ts ignore
 * const plan = { market, others: pool, from: testFrom, seed: 1, options: { costRate: 0.001 }, alone: true };
 * const comparison = compareResults(await tradeReturns(engine, forecaster, plan), market, plan.options);
 * ```
 */
export async function tradeReturns(
  engine: Engine,
  forecaster: Forecaster,
  plan: MoneyPlan,
): Promise<readonly BacktestResult[]> {
  requireKnownKeys("Cannot trade returns", "plan", plan, MONEY_KEYS);
  const { market, others, from, seed, options, alone = false } = plan;
  const trade = async (strategy: string, model: Forecaster): Promise<BacktestResult> => ({
    ...await backtest(engine, model, market, { ...options, from, others }),
    strategy,
  });
  const walk = walkOf(await forecast(engine, { ...forecaster, steps: 0 }, market, { from, others }));
  const zeros = new Float64Array(walk.time.length);
  return [
    await trade("return forecast, shrunk", forecaster),
    await trade("pretrained + fine-tuned", variant(forecaster, "pretrained", seed)),
    await trade("from scratch", variant(forecaster, "scratch", seed)),
    backtestPositions("zero predictor", market, { walk, wanted: zeros, predictions: zeros, options }),
    ...(alone ? [holdWhole(market, walk, options)] : []),
  ];
}
