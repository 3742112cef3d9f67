/**
 * The closed trades of a paper trader, newest first. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import type { OnlineStanding } from "../server/online_standing.ts";
import { EXIT_WORDS } from "./exit_words.ts";
import { dateUtc, price, signedMoney, timeUtc } from "./format.ts";

/** Rows shown at first, and more with each click. */
const PAGE = 10;

/** The table. */
export function OnlineTrades(
  { standing: { trades, closed, fills }, daily }: {
    readonly standing: OnlineStanding;
    /** Whether bars are days, so that times are dates. */
    readonly daily: boolean;
  },
): JSX.Element {
  const name = daily ? dateUtc : timeUtc;
  const most = useSignal(PAGE);
  return (
    <section class="card stack" aria-label="Trades">
      <header>
        <h2>Trades</h2>
        <p>{closed > trades.length ? `the last ${trades.length} of ${closed} closed` : `${closed} closed`}</p>
      </header>
      {trades.length === 0
        ? (
          <p class="muted">
            {fills === 0
              ? "No trade is closed yet."
              : `No trade is closed yet: ${fills} ${
                fills === 1 ? "fill has" : "fills have"
              } opened and sized the one that is held.`}
          </p>
        )
        : (
          <div class="table-scroll" role="group" tabIndex={0} aria-label="Table of trades">
            <table>
              <thead>
                <tr>
                  <th scope="col">Entry, UTC</th>
                  <th scope="col">Side</th>
                  <th scope="col" class="number">Price</th>
                  <th scope="col">Exit, UTC</th>
                  <th scope="col" class="number">Price</th>
                  <th scope="col">By</th>
                  <th scope="col" class="number">Net</th>
                </tr>
              </thead>
              <tbody>
                {trades.slice(0, most.value).map((trade) => (
                  <tr key={trade.id}>
                    <td class="nowrap">{name(trade.entryTime)}</td>
                    <td>{trade.side}</td>
                    <td class="number">{price(trade.entryPrice)}</td>
                    <td class="nowrap">{name(trade.exitTime)}</td>
                    <td class="number">{price(trade.exitPrice)}</td>
                    <td>{EXIT_WORDS[trade.exitReason]}</td>
                    <td class={`number ${trade.net > 0 ? "positive" : "negative"}`}>
                      {signedMoney(trade.net)}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      {trades.length > most.value && (
        <button type="button" class="button" onClick={() => most.value += 100}>
          {`Show more: ${trades.length - most.value} left`}
        </button>
      )}
    </section>
  );
}
