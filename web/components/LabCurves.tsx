/**
 * The lab's curves against inner steps, with the step of the slider marked, and the same figures as a table: the learned start
 * beside the one that training began from. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { LabCurve, LabView } from "../server/lab_view.ts";
import { figure, percent, signedPercent } from "./format.ts";
import { type ChartSeries, LineChart } from "./LineChart.tsx";
import { ChartCard } from "./ChartCard.tsx";

interface LabCurvesProps {
  readonly view: LabView;
  readonly steps: number;
}

/** Both starts at the slider's number of steps. */
export function LabFigures({ view, steps }: LabCurvesProps): JSX.Element {
  const { learned, scratch, actual } = view;
  const error = (curve: LabCurve) => actual === null ? null : curve.predictions[steps] - actual;
  const rows: readonly (readonly [string, (curve: LabCurve) => string])[] = [
    ["Forecast return", (curve) => signedPercent(curve.predictions[steps])],
    ["Error of the forecast", (curve) => signedPercent(error(curve))],
    ["Support loss", (curve) => figure(curve.supportLoss[steps])],
    ["Query loss", (curve) => figure(curve.queryLoss[steps])],
    ...learned.layers[0].map((_, layer) =>
      [`Change of layer ${layer + 1}`, ({ layers }: LabCurve) => {
        const { change, relative } = layers[steps][layer];
        return relative === null ? figure(change) : `${figure(change)} (${percent(relative)})`;
      }] as const
    ),
  ];
  return (
    <div class="table-scroll lab-figures" role="group" tabIndex={0} aria-label="Both starts">
      <table>
        <caption>
          {`After ${steps} inner ${steps === 1 ? "step" : "steps"}. The return turned out to be ${
            signedPercent(actual)
          }.`}
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Figure</span>
            </th>
            <th scope="col" class="number">{scratch === null ? "Untrained start" : "Meta-learned"}</th>
            {scratch !== null && <th scope="col" class="number">From scratch</th>}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, cell]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{cell(learned)}</td>
              {scratch !== null && <td class="number">{cell(scratch)}</td>}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The curves. */
export function LabCurves({ view, steps }: LabCurvesProps): JSX.Element {
  const { learned, scratch, actual } = view;
  const x = learned.predictions.map((_, step) => step);
  const both = (values: (curve: LabCurve) => readonly (number | null)[]): ChartSeries[] => {
    const one = (label: string, all: readonly (number | null)[], color: number, dashed = false): ChartSeries[] => [
      { label, values: all, color, dashed },
      { label: "now", values: all.map((value, step) => step === steps ? value : null), color, points: true },
    ];
    const name = scratch === null ? "untrained" : "meta-learned";
    return [
      ...one(name, values(learned), 1),
      ...(scratch === null ? [] : one("from scratch", values(scratch), 3, true)),
    ];
  };
  const inPercent = (values: readonly number[]) => values.map((value) => 100 * value);
  const layers: ChartSeries[] = learned.layers[0].map((_, layer) => ({
    label: `layer ${layer + 1}`,
    values: learned.layers.map((all) => all[layer].change),
    color: layer % 6 + 1,
  }));
  return (
    <div class="grid wide">
      <ChartCard title="Forecast" note="return over the horizon, %">
        <LineChart
          label={`Forecast return by inner steps, ${signedPercent(learned.predictions[steps])} at ${steps}`}
          x={x}
          height={210}
          sync="lab"
          series={[
            ...both(({ predictions }) => inPercent(predictions)),
            ...(actual === null ? [] : [{ label: "came true", values: x.map(() => 100 * actual), color: 2 }]),
          ]}
        />
      </ChartCard>
      <ChartCard title="Support loss" note="on the bars it adapts on">
        <LineChart
          label={`Support loss by inner steps, ${figure(learned.supportLoss[steps])} at ${steps}`}
          x={x}
          height={210}
          sync="lab"
          series={both(({ supportLoss }) => supportLoss)}
        />
      </ChartCard>
      {learned.queryLoss[0] !== null && (
        <ChartCard
          title="Query loss"
          note={`on the ${view.queryRows} bars from the chosen one on, which it has not seen`}
        >
          <LineChart
            label={`Query loss by inner steps, ${figure(learned.queryLoss[steps])} at ${steps}`}
            x={x}
            height={210}
            sync="lab"
            series={both(({ queryLoss }) => queryLoss)}
          />
        </ChartCard>
      )}
      <ChartCard
        title="Change in parameters"
        note={`distance from the ${scratch === null ? "untrained" : "learned"} start, by layer`}
      >
        <LineChart label="Change in parameters by inner steps" x={x} height={210} sync="lab" series={layers} />
      </ChartCard>
    </div>
  );
}
