/**
 * A comparison as a table of text.
 * @module
 */
import type { ComparedStrategy, Comparison } from "@adaptrade/adaptrade";

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
