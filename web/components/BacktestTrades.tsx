/**
 * The trades of a backtest, to be filtered; a click on an entry moves the chart there. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { Trade } from "@adaptrade/adaptrade";
import type { JSX } from "preact";
import { dateUtc, timeUtc } from "./format.ts";

interface BacktestTradesProps {
  readonly trades: readonly Trade[];
  /** Whether bars are days, so that times are dates. */
  readonly daily: boolean;
  /** Moves the chart to a time, ms UTC. */
  readonly show: (time: number) => void;
}

/** Rows shown at first, and more with each click. */
const PAGE = 20;

const REASONS = {
  signal: "signal",
  stop: "stop",
  "take-profit": "take-profit",
  rebalance: "rebalance",
  liquidation: "liquidation",
  hole: "hole in the data",
  open: "still open",
} as const;

/** The table. */
export function BacktestTrades({ trades, daily, show }: BacktestTradesProps): JSX.Element {
  const filter = useSignal({ side: "", reason: "", outcome: "", text: "" });
  const most = useSignal(PAGE);
  const set = (change: Partial<typeof filter.value>) => {
    filter.value = { ...filter.value, ...change };
    most.value = PAGE;
  };
  const name = daily ? dateUtc : timeUtc;
  const { side, reason, outcome, text } = filter.value;
  const matches = trades.filter((trade) => {
    const net = trade.pnl - trade.cost;
    if (side !== "" && trade.side !== side) return false;
    if (reason !== "" && (trade.exitReason ?? "open") !== reason) return false;
    if (outcome !== "" && (outcome === "profit") !== net > 0) return false;
    return text === "" || textOf(trade, name).includes(text.toLowerCase());
  });
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
          {`${matches.length} of ${trades.length} trades, ${money(net)} net of costs`}
        </p>
      </header>
      <div class="toolbar">
        {select("Side", "side", { long: "Long", short: "Short" })}
        {select("Exit", "reason", REASONS)}
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
            <table>
              <thead>
                <tr>
                  <th scope="col">Entry</th>
                  <th scope="col">Side</th>
                  <th scope="col" class="number">Price</th>
                  <th scope="col">Exit</th>
                  <th scope="col" class="number">Price</th>
                  <th scope="col">By</th>
                  <th scope="col" class="number">Stop</th>
                  <th scope="col" class="number">Net</th>
                </tr>
              </thead>
              <tbody>
                {matches.slice(0, most.value).map((trade) => (
                  <tr key={trade.entryTime}>
                    <td>
                      <button type="button" class="link" onClick={() => show(trade.entryTime)}>
                        {name(trade.entryTime)}
                      </button>
                    </td>
                    <td>{trade.side}</td>
                    <td class="number">{price(trade.entryPrice)}</td>
                    <td>{trade.exitTime === null ? "–" : name(trade.exitTime)}</td>
                    <td class="number">{price(trade.exitPrice)}</td>
                    <td>{REASONS[trade.exitReason ?? "open"]}</td>
                    <td class="number">{price(trade.stop)}</td>
                    <td class={`number ${trade.pnl - trade.cost > 0 ? "positive" : "negative"}`}>
                      {money(trade.pnl - trade.cost)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {matches.length > most.value && (
        <button type="button" class="button" onClick={() => most.value += 200}>
          {`Show more: ${matches.length - most.value} left`}
        </button>
      )}
    </section>
  );
}

function price(value: number | null): string {
  return value === null ? "–" : String(Number(value.toPrecision(7)));
}

function money(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(2)}`;
}

function textOf(trade: Trade, name: (time: number) => string): string {
  const { entryTime, exitTime, entryPrice, exitPrice, side, exitReason } = trade;
  const exit = exitTime === null ? "" : name(exitTime);
  return `${name(entryTime)} ${exit} ${price(entryPrice)} ${price(exitPrice)} ${side} ${exitReason ?? "open"}`;
}
