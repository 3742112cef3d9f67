/**
 * Why the lab's forecast is what it is: what each column added, and what each support row did. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { LabExplanation } from "../server/lab_view.ts";
import { columnWords } from "./column_words.ts";
import { barName, signedPercent, targetFigure } from "./format.ts";
import { SignedBars } from "./SignedBars.tsx";
import { SignedColumns } from "./SignedColumns.tsx";

/** Columns shown: the others together do less. */
const MOST_COLUMNS = 15;

/** The two pictures. */
export function LabWhy(
  { explanation, interval }: { readonly explanation: LabExplanation; readonly interval: string },
): JSX.Element {
  const { features, influence, baseline, prediction, target } = explanation;
  const name = barName(interval);
  const strongest = influence.reduce(
    (most, one) => Math.abs(one.value) > Math.abs(most.value) ? one : most,
    influence[0] ?? { time: 0, value: 0 },
  );
  const isReturn = target === "return";
  // Logs add up as parts of a forecast do; a log of 0.01 is one per cent of the level.
  const format = (value: number) => isReturn ? signedPercent(value, 4) : signedPercent(Math.expm1(value), 2);
  const whole = (value: number) => targetFigure(target, isReturn ? value : Math.exp(value));
  return (
    <div class="grid wide">
      <section class="card stack" aria-label="What each column added">
        <header>
          <h2>What each column added</h2>
          <p>integrated gradients</p>
        </header>
        <p class="small muted">
          From {whole(baseline)} where every column is at the training markets' mean to {whole(prediction)}
          {isReturn ? "." : "; each share is of the level."}
        </p>
        <SignedBars
          label="Contribution of each column to the forecast, largest first"
          items={features.toSorted((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, MOST_COLUMNS)
            .map(({ name, value }) => ({ name: columnWords(name), value }))}
          format={format}
        />
      </section>
      <section class="card stack" aria-label="What each support row did">
        <header>
          <h2>What each support row did</h2>
          <p>the forecast less what it is without the row</p>
        </header>
        <p class="small muted">
          {strongest.value === 0
            ? "Without an inner step, or without rows enough, no support row does anything."
            : `The row of ${name(strongest.time)} did most: ${format(strongest.value)}.`}
        </p>
        <SignedColumns
          value="Effect"
          label="Influence of each support row on the forecast, oldest first"
          head="Support row"
          items={influence.map(({ time, value }) => ({ name: name(time), value }))}
          format={format}
        />
      </section>
    </div>
  );
}
