/**
 * What each market brought to a portfolio.
 * @module
 */
import type { PortfolioResult } from "../../backtest/portfolio.ts";
import { amount, type Cell, dataTable, percent } from "./text.ts";

/** Renders a row a market and their sum; profits less costs sum to the change of equity. */
export function sharesPart({ shares, strategy, initialCapital, metrics }: PortfolioResult): string {
  const row = (name: string, pnl: number, cost: number, others: readonly string[]): Cell[] => {
    const net = pnl - cost;
    return [
      name,
      amount(pnl),
      amount(cost),
      { html: `<span class="${net < 0 ? "minus" : "plus"}">${amount(net)}</span>` },
      percent(net / initialCapital),
      ...others,
    ];
  };
  const rows = shares.map(({ market, pnl, cost, trades, exposure }) =>
    row(market, pnl, cost, [trades.toLocaleString("en-US"), percent(exposure)])
  );
  const sum = (pick: (share: PortfolioResult["shares"][number]) => number): number =>
    shares.reduce((total, share) => total + pick(share), 0);
  const total = row("All", sum(({ pnl }) => pnl), sum(({ cost }) => cost), [
    sum(({ trades }) => trades).toLocaleString("en-US"),
    percent(metrics.exposure),
  ]);
  return dataTable(
    `What each market brought to ${strategy}, in account currency`,
    ["Market", "Profit", "Costs", "Net", "Of the capital", "Trades", "Exposure"],
    [...rows, total],
  );
}
