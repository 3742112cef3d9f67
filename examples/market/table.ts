/**
 * Comparisons as tables of text: what strategies earned, and the risk that they took.
 * @module
 */
import type { Comparison } from "@adaptrade/adaptrade";
import type { ComparedStrategy, RiskTaken } from "@adaptrade/adaptrade/backtest";

function figure(value: number | null, digits = 2, scale = 1): string {
  return value === null ? "–" : (value * scale).toFixed(digits);
}

function row(
  { result, curve, sharpeInterval, deflatedSharpe, atTwiceCosts }: ComparedStrategy,
  points: number,
): string[] {
  const { metrics, trades } = result;
  return [
    result.strategy,
    ...Array.from({ length: points }, (_, i) => curve ? curve.losses[i].toFixed(4) : "–"),
    figure(metrics.sharpe),
    `${figure(sharpeInterval.low)} … ${figure(sharpeInterval.high)}`,
    figure(deflatedSharpe.value),
    `${figure(metrics.totalReturn, 1, 100)}%`,
    `${figure(atTwiceCosts.totalReturn.value, 1, 100)}%`,
    `${figure(metrics.maxDrawdown, 1, 100)}%`,
    `${trades.length}`,
  ];
}

/** Header and one row a strategy: query loss by adaptation steps, then net figures; `deflated` is the deflated Sharpe ratio. */
export function comparisonTable({ strategies }: Comparison): string[][] {
  const steps = strategies.find(({ curve }) => curve)?.curve?.steps ?? [];
  return [
    [
      "strategy",
      ...steps.map((k) => `loss@${k}`),
      "Sharpe",
      "95% interval",
      "deflated",
      "return",
      "at 2× costs",
      "drawdown",
      "trades",
    ],
    ...strategies.map((strategy) => row(strategy, steps.length)),
  ];
}

/** Header and one row a strategy: how near the risk that was taken came to the risk that was wanted. */
export function heldTable(risk: readonly RiskTaken[]): string[][] {
  return [
    ["held", "log error", "volatility", "turnover", "drawdown"],
    ...risk.map(({ strategy, logError, volatility, turnover, drawdown }) => [
      strategy,
      logError.toFixed(3),
      figure(volatility, 3),
      figure(turnover, 4),
      figure(drawdown, 3),
    ]),
  ];
}
