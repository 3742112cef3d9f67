/**
 * Values on both sides of zero, oldest first, as columns; the table behind them for those who want the figures.
 * @module
 */
import type { JSX } from "preact";
import { hoverTitle } from "./hover_title.ts";

/** What the columns show. */
export interface SignedColumnsProps {
  /** What they say, for those who do not see them. */
  readonly label: string;
  /** What a name is, such as `Bar`. */
  readonly head: string;
  /** What a value is, such as `Effect`. */
  readonly value: string;
  /** Names and values. */
  readonly items: readonly { readonly name: string; readonly value: number }[];
  /** A value in words. */
  readonly format: (value: number) => string;
}

/** The columns. */
export function SignedColumns({ label, head, value: what, items, format }: SignedColumnsProps): JSX.Element {
  const largest = Math.max(...items.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  const width = 100 / items.length;
  return (
    <div class="stack">
      <svg class="signed-columns" viewBox="0 0 100 100" preserveAspectRatio="none" role="img" aria-label={label}>
        {items.map(({ name, value }, i) => {
          const height = 48 * Math.abs(value) / largest;
          return (
            <rect
              key={name}
              class={value < 0 ? "down" : "up"}
              x={i * width + width * 0.12}
              width={width * 0.76}
              y={value < 0 ? 50 : 50 - height}
              height={height}
              {...hoverTitle(`${name}: ${format(value)}`)}
            />
          );
        })}
        <line x1="0" x2="100" y1="50" y2="50" />
      </svg>
      <div class="row between muted small">
        <span>{items[0]?.name}</span>
        <span>{items.at(-1)?.name}</span>
      </div>
      <details>
        <summary>Figures</summary>
        <div class="table-scroll tall" role="group" tabIndex={0} aria-label={label}>
          <table>
            <thead>
              <tr>
                <th scope="col">{head}</th>
                <th scope="col" class="number">{what}</th>
              </tr>
            </thead>
            <tbody>
              {items.map(({ name, value }) => (
                <tr key={name}>
                  <th scope="row">{name}</th>
                  <td class="number">{format(value)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </div>
  );
}
