/**
 * A market's price over its whole span, on a linear or logarithmic scale.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { price } from "../components/format.ts";
import { LineChart } from "../components/LineChart.tsx";

interface DataPreviewProps {
  readonly symbol: string;
  /** Seconds UTC. */
  readonly time: readonly number[];
  readonly close: readonly number[];
}

/** The chart. */
export default function DataPreview({ symbol, time, close }: DataPreviewProps): JSX.Element {
  const log = useSignal(false);
  const canLog = close.every((value) => value > 0);
  return (
    <>
      <LineChart
        label={`Closing price of ${symbol}, last ${price(close.at(-1))}`}
        x={time}
        time
        money
        log={log.value && canLog}
        height={320}
        series={[{ label: "close", values: close }]}
      />
      <label class="check">
        <input
          type="checkbox"
          checked={log.value}
          disabled={!canLog}
          onChange={(event) => log.value = event.currentTarget.checked}
        />
        <span>{canLog ? "Logarithmic scale" : "Logarithmic scale: needs prices above 0"}</span>
      </label>
    </>
  );
}
