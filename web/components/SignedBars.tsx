/**
 * Named values on both sides of zero, as a list of bars with their figures beside them. Drawn with plain elements.
 * @module
 */
import type { JSX } from "preact";

/** What the list shows. */
export interface SignedBarsProps {
  /** What the values are, for those who do not see the bars. */
  readonly label: string;
  /** Names and values. */
  readonly items: readonly { readonly name: string; readonly value: number }[];
  /** A value in words. */
  readonly format: (value: number) => string;
}

/** The list. */
export function SignedBars({ label, items, format }: SignedBarsProps): JSX.Element {
  const largest = Math.max(...items.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return (
    <ul class="signed-bars" aria-label={label}>
      {items.map(({ name, value }) => {
        const width = 50 * Math.abs(value) / largest;
        return (
          <li key={name}>
            <span class="signed-bars-name">{name}</span>
            <span class="signed-bars-track" aria-hidden="true">
              <span
                class={value < 0 ? "signed-bar down" : "signed-bar up"}
                style={{ width: `${width}%`, left: `${value < 0 ? 50 - width : 50}%` }}
              />
            </span>
            <span class="number">{format(value)}</span>
          </li>
        );
      })}
    </ul>
  );
}
