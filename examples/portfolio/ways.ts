/**
 * Ways to hold markets: each is a volatility that somebody expects of every market, from which the account gets a size. All of
 * them share one set of forecasts.
 * @module
 */
import { type Candles, type Engine, forecast, type Forecaster, periodsPerYear } from "@adaptrade/adaptrade";
import type { PortfolioMarket } from "@adaptrade/adaptrade/backtest";
import { riskMetricsVolatility } from "@adaptrade/adaptrade/features";
import { expectedVolatility, type Forecasts } from "@adaptrade/adaptrade/forecast";
import { volatilityTargetPositions } from "@adaptrade/adaptrade/trading";

/** A market with the size that it would have alone: at the target by the volatility expected of each bar; whole without one. */
export function heldMarket(
  candles: Candles,
  { bar, horizon }: Pick<Forecasts, "bar" | "horizon">,
  at: { readonly volatility: Float64Array; readonly target?: number },
): PortfolioMarket {
  const { volatility, target } = at;
  const sizes = target === undefined ? volatility.map(() => 1) : volatilityTargetPositions(volatility, { target });
  return { candles, start: bar[0], sizes, volatility, horizon };
}

/** Markets as each way holds them. */
export type Ways = Readonly<Record<"forecast" | "unadapted" | "riskMetrics" | "equally", readonly PortfolioMarket[]>>;

/** Forecasts markets once over a range of time, and sizes them in every way; those without two bars in it are left out. */
export async function waysToHold(
  engine: Engine,
  forecaster: Forecaster,
  run: {
    readonly markets: readonly Candles[];
    readonly others: readonly Candles[];
    readonly from: number;
    readonly to: number;
    readonly risk: number;
    readonly signal: AbortSignal;
  },
): Promise<Ways> {
  const { markets, others, from, to, risk, signal } = run;
  const ways = { forecast: [], unadapted: [], riskMetrics: [], equally: [] } as Record<keyof Ways, PortfolioMarket[]>;
  for (const market of markets) {
    if (market.time.filter((time) => time >= from && time < to).length < 2) continue;
    const said = await forecast(engine, forecaster, market, { from, to, others, signal });
    const target = risk / Math.sqrt(periodsPerYear(market));
    const trailing = riskMetricsVolatility(market).slice(said.bar[0], said.bar[0] + said.bar.length);
    const expected = {
      forecast: expectedVolatility(forecaster, said),
      unadapted: expectedVolatility(forecaster, { value: said.unadapted }),
      riskMetrics: trailing,
    };
    for (const way of ["forecast", "unadapted", "riskMetrics"] as const) {
      ways[way].push(heldMarket(market, said, { volatility: expected[way], target }));
    }
    ways.equally.push(heldMarket(market, said, { volatility: trailing }));
  }
  return ways;
}
