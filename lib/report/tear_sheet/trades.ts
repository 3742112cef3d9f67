/**
 * The trades of one strategy, the first and the last of them where there are many; `tradesCsv` has all.
 * @module
 */
import type { Trade } from "../../trading/trade.ts";
import { absent, amount, type Cell, count, DASH, dataTable, moment, percent, price } from "./text.ts";
import type { Track } from "./track.ts";

const HEAD = ["Entry", "Side", "Price", "Exit", "Price", "Left by", "Profit", "Costs", "Net"];

/** Heading and rows of a table; the market is named where there are several. */
function listing(trades: readonly Trade[], isSeveral: boolean): [head: Cell[], rows: Cell[][]] {
  const [entry, ...others] = HEAD;
  if (!isSeveral) return [HEAD, trades.map(row)];
  const rows = trades.map((trade) => {
    const [entered, ...cells] = row(trade);
    return [entered, trade.market, ...cells];
  });
  return [[entry, "Market", ...others], rows];
}

function row(trade: Trade): Cell[] {
  const net = trade.pnl - trade.cost;
  return [
    moment(trade.entryTime),
    trade.side,
    price(trade.entryPrice),
    trade.exitTime === null ? "open" : moment(trade.exitTime),
    price(trade.exitPrice),
    trade.exitReason ?? DASH,
    amount(trade.pnl),
    amount(trade.cost),
    { html: `<span class="${net < 0 ? "minus" : "plus"}">${amount(net)}</span>` },
  ];
}

function summary(trades: readonly Trade[]): string {
  const won = trades.filter(({ pnl, cost }) => pnl > cost).length;
  const reasons = new Map<string, number>();
  for (const { exitReason } of trades) {
    const name = exitReason ?? "still open";
    reasons.set(name, (reasons.get(name) ?? 0) + 1);
  }
  const listed = [...reasons].map(([reason, n]) => `${reason} ${n.toLocaleString("en-US")}`).join(", ");
  return `${count(trades.length, "trade")}, ${
    percent(won / trades.length)
  } of them won after costs. Left by: ${listed}.`;
}

/**
 * Renders a strategy's trades.
 *
 * @param track The strategy.
 * @param most Most trades at each end of the list.
 */
export function tradesPart({ trades }: Track, most: number): string {
  if (trades.length === 0) return absent("There was no trade.");
  const shown = trades.length <= 2 * most ? [["All trades", trades] as const] : [
    [`The first ${most} of ${count(trades.length, "trade")}`, trades.slice(0, most)] as const,
    [`The last ${most} of ${count(trades.length, "trade")}`, trades.slice(-most)] as const,
  ];
  const isSeveral = new Set(trades.map(({ market }) => market)).size > 1;
  return `<p>${summary(trades)}</p>` +
    shown.map(([caption, part]) =>
      `<details><summary>${caption}</summary>${
        dataTable(`${caption}, in account currency`, ...listing(part, isSeveral))
      }</details>`
    ).join("");
}
