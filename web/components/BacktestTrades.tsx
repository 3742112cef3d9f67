/**
 * The trades of a backtest, to be filtered and sorted; a click on one marks it on the chart. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { Trade } from "@adaptrade/adaptrade/trading";
import type { JSX } from "preact";
import { EXIT_WORDS } from "./exit_words.ts";
import { barCell, duration, price, signedMoney, signedPercent } from "./format.ts";
import { SortableHeads, sortedBy, type SortOrder } from "./SortableHead.tsx";

interface BacktestTradesProps {
  readonly trades: readonly Trade[];
  /** Bar length of the market. */
  readonly interval: string;
  /** Entry of the trade that the chart marks, ms UTC, or null. */
  readonly chosen: number | null;
  /** Marks a trade on the chart. */
  readonly choose: (trade: Trade) => void;
}

/** Rows shown at first, and more with each click. */
const PAGE = 20;

/** How far the price went the trade's way, as a fraction of its entry. */
function gainAt({ side, entryPrice }: Trade, price: number | null): number | null {
  return price === null ? null : (price / entryPrice - 1) * (side === "long" ? 1 : -1);
}

/** Columns: head, what they sort by, whether they are numbers. */
const COLUMNS = {
  entry: ["Entry, UTC", ({ entryTime }: Trade) => entryTime, false],
  side: ["Side", ({ side }: Trade) => side, false],
  units: ["Units", ({ quantity }: Trade) => quantity, true],
  entryPrice: ["Price", ({ entryPrice }: Trade) => entryPrice, true],
  exit: ["Exit, UTC", ({ exitTime }: Trade) => exitTime, false],
  exitPrice: ["Price", ({ exitPrice }: Trade) => exitPrice, true],
  reason: ["By", ({ exitReason }: Trade) => EXIT_WORDS[exitReason ?? "open"], false],
  held: ["Held", ({ entryTime, exitTime }: Trade) => exitTime === null ? null : exitTime - entryTime, true],
  gain: ["Return", (trade: Trade) => gainAt(trade, trade.exitPrice), true],
  worst: ["Worst", (trade: Trade) => gainAt(trade, trade.worst), true],
  best: ["Best", (trade: Trade) => gainAt(trade, trade.best), true],
  stop: ["Stop", ({ stop }: Trade) => stop, true],
  net: ["Net", ({ pnl, cost }: Trade) => pnl - cost, true],
} as const;

type Column = keyof typeof COLUMNS;

/** The table. */
export function BacktestTrades({ trades, interval, chosen, choose }: BacktestTradesProps): JSX.Element {
  const filter = useSignal({ side: "", reason: "", outcome: "", text: "" });
  const order = useSignal<SortOrder<Column>>({ by: "entry", descending: false });
  const most = useSignal(PAGE);
  const set = (change: Partial<typeof filter.value>) => {
    filter.value = { ...filter.value, ...change };
    most.value = PAGE;
  };
  const name = barCell(interval);
  const { side, reason, outcome, text } = filter.value;
  const matches = trades.filter((trade) => {
    const net = trade.pnl - trade.cost;
    if (side !== "" && trade.side !== side) return false;
    if (reason !== "" && (trade.exitReason ?? "open") !== reason) return false;
    if (outcome !== "" && (outcome === "profit") !== net > 0) return false;
    return text === "" || textOf(trade, name).includes(text.toLowerCase());
  });
  const sorted = sortedBy(matches, COLUMNS[order.value.by][1], order.value.descending);
  const net = matches.reduce((sum, { pnl, cost }) => sum + pnl - cost, 0);
  const select = (label: string, field: keyof typeof filter.value, choices: Readonly<Record<string, string>>) => (
    <label class="field">
      <span>{label}</span>
      <select value={filter.value[field]} onChange={(event) => set({ [field]: event.currentTarget.value })}>
        <option value="">All</option>
        {Object.entries(choices).map(([value, words]) => <option key={value} value={value}>{words}</option>)}
      </select>
    </label>
  );
  return (
    <section class="card stack" aria-label="Trades">
      <header>
        <h2>Trades</h2>
        <p role="status">
          {`${matches.length} of ${trades.length} trades, ${signedMoney(net)} net of costs`}
        </p>
      </header>
      <div class="toolbar">
        {select("Side", "side", { long: "Long", short: "Short" })}
        {select("Exit", "reason", EXIT_WORDS)}
        {select("Outcome", "outcome", { profit: "Profit after costs", loss: "Loss after costs" })}
        <label class="field">
          <span>Date or price</span>
          <input type="search" value={text} onInput={(event) => set({ text: event.currentTarget.value })} />
        </label>
      </div>
      {matches.length === 0
        ? (
          <p class="muted">
            {trades.length === 0 ? "The strategy never traded: no forecast left the threshold." : "No trade matches."}
          </p>
        )
        : (
          <div class="table-scroll" role="group" tabIndex={0} aria-label="Table of trades">
            <table class="dense">
              <thead>
                <tr>
                  <SortableHeads columns={Object.entries(COLUMNS)} order={order} />
                </tr>
              </thead>
              <tbody>
                {sorted.slice(0, most.value).map((trade) => (
                  <tr key={trade.entryTime} aria-current={trade.entryTime === chosen ? "true" : undefined}>
                    <td class="nowrap">
                      <button
                        type="button"
                        class="link"
                        onClick={() =>
                          choose(trade)}
                      >
                        {name(trade.entryTime)}
                      </button>
                    </td>
                    <td>{trade.side}</td>
                    <td class="number">{price(trade.quantity)}</td>
                    <td class="number">{price(trade.entryPrice)}</td>
                    <td class="nowrap">{trade.exitTime === null ? "–" : name(trade.exitTime)}</td>
                    <td class="number">{price(trade.exitPrice)}</td>
                    <td>{EXIT_WORDS[trade.exitReason ?? "open"]}</td>
                    <td class="number nowrap">{timeHeld(trade)}</td>
                    <td class="number">{signedPercent(gainAt(trade, trade.exitPrice), 2)}</td>
                    <td class="number">{signedPercent(gainAt(trade, trade.worst), 2)}</td>
                    <td class="number">{signedPercent(gainAt(trade, trade.best), 2)}</td>
                    <td class="number">{price(trade.stop)}</td>
                    <td class={`number ${trade.pnl - trade.cost > 0 ? "positive" : "negative"}`}>
                      {signedMoney(trade.pnl - trade.cost)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      <p class="small muted">
        Units: most held at once. Return, worst and best on the way: of the entry price, before costs.
      </p>
      {matches.length > most.value && (
        <button type="button" class="button" onClick={() => most.value += 200}>
          {`Show more: ${matches.length - most.value} left`}
        </button>
      )}
    </section>
  );
}

function timeHeld({ entryTime, exitTime }: Trade): string {
  if (exitTime === null) return "–";
  const days = (exitTime - entryTime) / 86_400_000;
  return days >= 1 ? `${Number(days.toFixed(1))} d` : duration((exitTime - entryTime) / 1000);
}

function textOf(trade: Trade, name: (time: number) => string): string {
  const { entryTime, exitTime, entryPrice, exitPrice, side, exitReason } = trade;
  const exit = exitTime === null ? "" : name(exitTime);
  return `${name(entryTime)} ${exit} ${price(entryPrice)} ${price(exitPrice)} ${side} ${exitReason ?? "open"}`;
}
