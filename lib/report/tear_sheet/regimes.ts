/**
 * The regimes of a comparison's market, and what the first strategy earned in each.
 * @module
 */
import type { Comparison } from "../../backtest/comparison.ts";
import { regimeReturns } from "./regime_returns.ts";
import { renderRegimes } from "./regime_strip.ts";
import { absent, dataTable, number, percent } from "./text.ts";

/** Renders the regime strip and the table of returns by regime. */
export function regimesPart({ strategies: [{ result }], regimes }: Comparison): string {
  if (regimes.every((regime) => regime === null)) {
    return absent("There are too few bars before the first decision to label regimes.");
  }
  const { netReturns, decisionTime, strategy } = result;
  const rows = regimeReturns(regimes, result).map(({ regime, bars, totalReturn, sharpe }) => [
    regime === null ? "not labelled yet" : regime.replace("-", " "),
    bars.toLocaleString("en-US"),
    percent(bars / netReturns.length, 0),
    percent(totalReturn),
    number(sharpe),
  ]);
  return renderRegimes(decisionTime, regimes) +
    dataTable(`Net of costs by regime: ${strategy}`, ["Regime", "Bars", "Share", "Return", "Sharpe"], rows);
}
