/**
 * A card around one chart: its title, and a note on what is drawn.
 * @module
 */
import type { ComponentChildren, JSX } from "preact";

/** What {@linkcode ChartCard} shows. */
export interface ChartCardProps {
  /** What the chart shows. */
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  /** The chart. */
  readonly children: ComponentChildren;
}

/** The card. */
export function ChartCard({ title, note, children }: ChartCardProps): JSX.Element {
  return (
    <section class="card" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <p>{note}</p>
      </header>
      {children}
    </section>
  );
}
