/**
 * A curve the size of a word. Without axes, so it shows a shape and never a figure.
 * @module
 */
import type { JSX } from "preact";

const WIDTH = 128;
const HEIGHT = 32;

/** The curve; nothing for fewer than two values. */
export function Sparkline(
  { values, label }: { readonly values: readonly number[]; readonly label: string },
): JSX.Element | null {
  if (values.length < 2) return null;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const x = (index: number) => (2 + index / (values.length - 1) * (WIDTH - 4)).toFixed(1);
  const y = (value: number) => (HEIGHT - 3 - (value - low) / (high - low || 1) * (HEIGHT - 6)).toFixed(1);
  return (
    <svg class="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      <polyline points={values.map((value, index) => `${x(index)},${y(value)}`).join(" ")} />
    </svg>
  );
}
