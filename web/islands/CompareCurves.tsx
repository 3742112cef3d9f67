/**
 * The training curves of several runs over each other: validation or training loss, one colour a run.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { type ChartSeries, LineChart } from "../components/LineChart.tsx";

interface CompareCurvesProps {
  readonly runs: readonly {
    readonly name: string;
    /** Validation loss of saying nothing; null before it is known. */
    readonly anchor: number | null;
    readonly curve: readonly {
      readonly step: number;
      readonly train: number | null;
      readonly silent: number | null;
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
    return { label: `${index + 1} ${name}`, values: x.map((step) => values.get(step) ?? null), color: index % 6 + 1 };
  });
  const references = kind.value === "validation"
    ? anchorLines(runs.map(({ anchor }) => anchor), x.length)
    : silentLines(runs, x);
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
          series={[...series, ...references]}
          height={300}
        />
      )}
    </section>
  );
}

/** What each training's own loss would be had its networks said nothing, dashed, in the run's colour. */
function silentLines(runs: CompareCurvesProps["runs"], x: readonly number[]): readonly ChartSeries[] {
  return runs.flatMap(({ curve }, index) => {
    const values = new Map(curve.map(({ step, silent }) => [step, silent]));
    if (curve.every(({ silent }) => silent === null)) return [];
    return [{
      label: `${index + 1} saying nothing`,
      values: x.map((step) => values.get(step) ?? null),
      color: index % 6 + 1,
      dashed: true,
    }];
  });
}

/** Losses of saying nothing, dashed: one line for all runs where it is the same, else each run's in its colour. */
function anchorLines(anchors: readonly (number | null)[], points: number): readonly ChartSeries[] {
  const flat = (anchor: number) => Array.from({ length: points }, () => anchor);
  const [first, ...others] = new Set(anchors.filter((anchor) => anchor !== null));
  if (first === undefined) return [];
  if (others.length === 0) return [{ label: "saying nothing", values: flat(first), color: 6, dashed: true }];
  return anchors.flatMap((anchor, index) =>
    anchor === null
      ? []
      : [{ label: `${index + 1} saying nothing`, values: flat(anchor), color: index % 6 + 1, dashed: true }]
  );
}
