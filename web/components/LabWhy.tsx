/**
 * Why the lab's forecast is what it is: what each feature added, and what each support bar did. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { LabExplanation } from "../server/lab_view.ts";
import { dateUtc, signedPercent, timeUtc } from "./format.ts";
import { SignedBars } from "./SignedBars.tsx";
import { SignedColumns } from "./SignedColumns.tsx";

/** The two pictures. */
export function LabWhy(
  { explanation, daily }: { readonly explanation: LabExplanation; readonly daily: boolean },
): JSX.Element {
  const { features, influence, baseline, prediction } = explanation;
  const name = daily ? dateUtc : timeUtc;
  const strongest = influence.reduce((most, one) => Math.abs(one.value) > Math.abs(most.value) ? one : most);
  const format = (value: number) => signedPercent(value, 4);
  return (
    <div class="grid wide">
      <section class="card stack" aria-label="What each feature added">
        <header>
          <h2>What each feature added</h2>
          <p>integrated gradients</p>
        </header>
        <p class="small muted">
          From {format(baseline)} where every feature is at the support's mean to the forecast of {format(prediction)}.
        </p>
        <SignedBars
          label="Contribution of each feature to the forecast return, largest first"
          items={features.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value))}
          format={format}
        />
      </section>
      <section class="card stack" aria-label="What each support bar did">
        <header>
          <h2>What each support bar did</h2>
          <p>the forecast less what it is without the bar</p>
        </header>
        <p class="small muted">
          {strongest.value === 0
            ? "Without an inner step no support bar does anything."
            : `The bar of ${name(strongest.time)} did most: ${format(strongest.value)}.`}
        </p>
        <SignedColumns
          value="Effect"
          label="Influence of each support bar on the forecast return, oldest first"
          head="Support bar"
          items={influence.map(({ time, value }) => ({ name: name(time), value }))}
          format={format}
        />
      </section>
    </div>
  );
}
