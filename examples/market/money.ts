/**
 * What forecasts are worth in money: a market held, held at the risk that RiskMetrics and the forecaster say, and a forecast
 * of returns as the control, beside the baselines that must stand there. Forecasts are made once; all go through one account.
 * @module
 */
import {
  backtest,
  backtestPositions,
  type BacktestResult,
  type Candles,
  compareResults,
  type Comparison,
  type Engine,
  expectedVolatility,
  forecast,
  type Forecaster,
  type Forecasts,
  metaInit,
  periodsPerYear,
  riskMetricsVolatility,
  volatilityTargetPositions,
  walkOf,
} from "@adaptrade/adaptrade";

/** What {@linkcode tradeForecasts} takes. */
export interface MoneyPlan {
  /** The market. */
  readonly market: Candles;
  /** The others, for means over them. */
  readonly others: readonly Candles[];
  /** First decision, ms UTC. */
  readonly from: number;
  /** Cost of a trade, a fraction. */
  readonly costRate: number;
  /** Forecast returns within ± this stay flat. */
  readonly threshold: number;
  /** Volatility a year that the market is held at, a fraction. */
  readonly risk: number;
  /** Seed of intervals and shuffles. */
  readonly seed: number;
}

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

/** What {@linkcode tradeForecasts} found. */
export interface MoneyResult {
  /** Every strategy; the market held at the forecast's risk first. */
  readonly comparison: Comparison;
  /** Risk taken against target, of the held ones. */
  readonly risk: readonly RiskTaken[];
}

/** A forecaster of returns whose networks start elsewhere: what the control must beat. Nothing holds these back. */
function variant(forecaster: Forecaster, which: "pretrained" | "scratch", seed: number): Forecaster {
  return {
    ...forecaster,
    steps: forecaster.members[0].state.config.inner.steps,
    shrinkage: 1,
    trust: { share: 1, limit: Infinity },
    members: forecaster.members.map((member, m) => ({
      ...member,
      state: which === "pretrained" ? member.pretrained : metaInit(member.state.config, { seed: seed + m }),
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

/** Trades what was forecast. */
export async function tradeForecasts(
  engine: Engine,
  forecasters: { readonly volatility: Forecaster; readonly returns: Forecaster },
  plan: MoneyPlan,
): Promise<MoneyResult> {
  const { market, others, from, costRate, threshold, risk, seed } = plan;
  const { volatility, returns } = forecasters;
  const options = { costRate, threshold };
  const said = await forecast(engine, volatility, market, { from, others });
  const walk = walkOf(said);
  const target = risk / Math.sqrt(periodsPerYear(market));
  const expected = expectedVolatility(volatility, said);
  const held = (strategy: string, wanted: Float64Array): BacktestResult =>
    backtestPositions(strategy, market, { walk, wanted, options });
  const results = [
    held("held at the forecast risk", volatilityTargetPositions(expected, { target })),
    held(
      "held at RiskMetrics' risk",
      volatilityTargetPositions(riskMetricsVolatility(market).slice(walk.start, walk.start + walk.time.length), {
        target,
      }),
    ),
    held("buy and hold", new Float64Array(walk.time.length).fill(1)),
  ];
  const riskRows = results.map((result) => riskTaken(result, said, { target, scale: volatility.residual.closeScale }));
  const trade = async (strategy: string, forecaster: Forecaster): Promise<BacktestResult> => ({
    ...await backtest(engine, forecaster, market, { ...options, from, others }),
    strategy,
  });
  results.push(
    await trade("return forecast, shrunk", returns),
    await trade("pretrained + fine-tuned", variant(returns, "pretrained", seed)),
    await trade("from scratch", variant(returns, "scratch", seed)),
    backtestPositions("zero predictor", market, {
      walk,
      wanted: new Float64Array(walk.time.length),
      predictions: new Float64Array(walk.time.length),
      options,
    }),
  );
  return { comparison: compareResults(results, market, { costRate, seed }), risk: riskRows };
}
