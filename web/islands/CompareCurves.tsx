/**
 * The training curves of several runs over each other: validation or training loss, one colour a run.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { LineChart } from "../components/LineChart.tsx";

interface CompareCurvesProps {
  readonly runs: readonly {
    readonly name: string;
    readonly curve: readonly {
      readonly step: number;
      readonly train: number | null;
      readonly validation: number | null;
    }[];
  }[];
}

/** The curves. */
export default function CompareCurves({ runs }: CompareCurvesProps): JSX.Element {
  const kind = useSignal<"validation" | "train">("validation");
  const x = [...new Set(runs.flatMap(({ curve }) => curve.map(({ step }) => step)))].sort((a, b) => a - b);
  const series = runs.map(({ name, curve }, index) => {
    const values = new Map(curve.map((point) => [point.step, point[kind.value]]));
    return { label: `${index + 1} ${name}`, values: x.map((step) => values.get(step) ?? null) };
  });
  return (
    <section class="card" aria-label="Training curves">
      <header>
        <h2>Training curves</h2>
        <label class="row small">
          <span>Loss on</span>
          <select
            class="narrow"
            value={kind.value}
            onChange={(event) => kind.value = event.currentTarget.value as "validation" | "train"}
          >
            <option value="validation">validation tasks</option>
            <option value="train">training batches</option>
          </select>
        </label>
      </header>
      {x.length === 0 ? <p class="muted">None of these runs has made a point yet.</p> : (
        <LineChart
          label={`${kind.value} loss of ${runs.length} runs by outer step`}
          x={x}
          series={series}
          height={300}
        />
      )}
    </section>
  );
}
