/**
 * What a backtest was asked to test, as a card, beside when and on what. For islands and the server.
 * @module
 */
import type { JSX } from "preact";
import type { BacktestView } from "../server/backtest_view.ts";
import { requestWords } from "./backtest_words.ts";
import { Facts } from "./Facts.tsx";
import { dateUtc } from "./format.ts";

/** The card. */
export function BacktestSettings({ view }: { readonly view: BacktestView }): JSX.Element {
  const { request, from, to, bars, capital, trials, runName, target } = view;
  const words = [
    ["Run", runName],
    ...requestWords(request, target),
    ["Tested", `${dateUtc(from)} to ${dateUtc(to)}, ${bars} bars`],
    ...(capital > 0 ? [["Capital", capital.toLocaleString("en")]] : []),
    ...(trials > 0 ? [["Trials counted", `${trials}, every strategy and every earlier backtest of this market`]] : []),
  ];
  return (
    <section class="card" aria-label="What was tested">
      <header>
        <h2>What was tested</h2>
        <a class="button small" href={`/backtest?run=${request.run}&like=${view.id}`}>Test again with these settings</a>
      </header>
      <Facts look="settings" of={words} />
    </section>
  );
}
