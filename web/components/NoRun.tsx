/**
 * What a page that needs a trained run says where there is none.
 * @module
 */
import type { JSX } from "preact";

/** The notice; `label` names the section that would stand there. */
export function NoRun({ label }: { readonly label: string }): JSX.Element {
  return (
    <section class="empty" aria-label={label}>
      <h2>No run yet</h2>
      <p>
        Forecasts and backtests need what a run has learned. The first takes seconds to a minute on the sample markets.
      </p>
      <a class="button primary" href="/" aria-current={false}>Start a run</a>
    </section>
  );
}
