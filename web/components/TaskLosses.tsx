/**
 * The losses of a batch's tasks as bars, one a task, against their mean and against saying nothing; the figures stand behind them in
 * a table. Drawn as SVG: it has no axis to zoom.
 * @module
 */
import type { JSX } from "preact";
import { ChartTable } from "./ChartTable.tsx";
import { figure } from "./format.ts";

const WIDTH = 480;
const HEIGHT = 200;

interface TaskLossesProps {
  readonly losses: readonly number[];
  /** Mean loss of saying nothing over the last steps; null where it is not known. */
  readonly silent: number | null;
}

/** The bars. */
export function TaskLosses({ losses, silent }: TaskLossesProps): JSX.Element {
  const most = Math.max(...losses, silent ?? 0, Number.MIN_VALUE);
  const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  const width = WIDTH / losses.length;
  const height = (loss: number) => loss / most * (HEIGHT - 4);
  return (
    <figure class="bars">
      <svg
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={`Losses of ${losses.length} tasks, from ${figure(Math.min(...losses))} to ${
          figure(Math.max(...losses))
        }, mean ${figure(mean)}`}
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
        {silent !== null && (
          <line class="dashed" x1="0" x2={WIDTH} y1={HEIGHT - height(silent)} y2={HEIGHT - height(silent)} />
        )}
      </svg>
      <figcaption class="hint">
        {`From ${figure(Math.min(...losses))} to ${figure(Math.max(...losses))}; the line is the mean, ${figure(mean)}${
          silent === null ? "" : `, the dashed one saying nothing, ${figure(silent)} over the last steps`
        }`}
      </figcaption>
      <ChartTable
        label="Losses of the last batch"
        head="Task"
        count={losses.length}
        nameAt={(task) => String(task + 1)}
        series={[{ label: "loss", values: losses }]}
        words={figure}
      />
    </figure>
  );
}
