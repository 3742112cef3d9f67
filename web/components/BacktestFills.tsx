/**
 * What was bought and sold in a backtest, in units, and what was wrong with its data; both closed until they are asked for. For
 * islands.
 * @module
 */
import type { JSX } from "preact";
import type { BacktestView } from "../server/backtest_view.ts";
import { EXIT_WORDS } from "./exit_words.ts";
import { barCell, price, signedPercent } from "./format.ts";
import { FINDING_NAMES } from "./QualityTimeline.tsx";

/** The fills. */
export function BacktestFills({ view }: { readonly view: BacktestView }): JSX.Element {
  const { fills, fillCount, chart } = view;
  const name = barCell(chart.interval);
  return (
    <section class="card stack" aria-label="Fills">
      <header>
        <h2>Fills</h2>
        <p>{fillCount > fills.length ? `the first ${fills.length} of ${fillCount}` : `${fillCount} in all`}</p>
      </header>
      <details>
        <summary>What was bought and sold, in units</summary>
        <div class="table-scroll tall" role="group" tabIndex={0} aria-label="Table of fills">
          <table>
            <thead>
              <tr>
                <th scope="col">Bar, UTC</th>
                <th scope="col">By</th>
                <th scope="col" class="number">Price</th>
                <th scope="col" class="number">Units</th>
                <th scope="col" class="number">Cost</th>
                <th scope="col" class="number">Position before</th>
                <th scope="col" class="number">After</th>
              </tr>
            </thead>
            <tbody>
              {fills.map(({ time, quantity, from, to, fee, reason, ...fill }, i) => (
                <tr key={i}>
                  <td class="nowrap">{name(time)}</td>
                  <td>{EXIT_WORDS[reason]}</td>
                  <td class="number">{price(fill.price)}</td>
                  <td class="number">{`${quantity < 0 ? "−" : "+"}${price(Math.abs(quantity))}`}</td>
                  <td class="number">{fee.toFixed(2)}</td>
                  <td class="number">{signedPercent(from, 0)}</td>
                  <td class="number">{signedPercent(to, 0)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </section>
  );
}

/** What looks wrong in the bars used; nothing where nothing does. */
export function BacktestFindings({ view }: { readonly view: BacktestView }): JSX.Element {
  const { findings, findingCount, chart } = view;
  const name = barCell(chart.interval);
  if (findingCount === 0) return <p class="small muted">Nothing looks wrong in the bars used.</p>;
  return (
    <details>
      <summary>{`${findingCount} ${findingCount === 1 ? "finding" : "findings"} in the bars used`}</summary>
      <div class="table-scroll tall" role="group" tabIndex={0} aria-label="Findings in the bars used">
        <table>
          <thead>
            <tr>
              <th scope="col">Bar, UTC</th>
              <th scope="col">What</th>
              <th scope="col">In words</th>
            </tr>
          </thead>
          <tbody>
            {findings.map(({ time, kind, message }, i) => (
              <tr key={i}>
                <td class="nowrap">{name(time)}</td>
                <td>{FINDING_NAMES[kind]}</td>
                <td>{message}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  );
}
