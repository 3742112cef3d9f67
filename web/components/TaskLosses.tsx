/**
 * The losses of a batch's tasks as bars, one a task, against their mean. Drawn as SVG: it has no axis to zoom.
 * @module
 */
import type { JSX } from "preact";
import { figure } from "./format.ts";

const WIDTH = 480;
const HEIGHT = 200;

/** The bars. */
export function TaskLosses({ losses }: { readonly losses: readonly number[] }): JSX.Element {
  const most = Math.max(...losses, Number.MIN_VALUE);
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const width = WIDTH / losses.length;
  const height = (loss: number) => loss / most * (HEIGHT - 4);
  return (
    <figure class="bars">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Losses of ${losses.length} tasks, from ${figure(Math.min(...losses))} to ${figure(most)}, mean ${
          figure(mean)
        }`}
      >
        {losses.map((loss, index) => (
          <rect
            key={index}
            x={index * width + 1}
            width={Math.max(1, width - 2)}
            y={HEIGHT - height(loss)}
            height={height(loss)}
          />
        ))}
        <line x1="0" x2={WIDTH} y1={HEIGHT - height(mean)} y2={HEIGHT - height(mean)} />
      </svg>
      <figcaption class="hint">
        From {figure(Math.min(...losses))} to {figure(most)}; the line is the mean, {figure(mean)}
      </figcaption>
    </figure>
  );
}
