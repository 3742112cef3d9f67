/**
 * The lab's curves against inner steps, with the step of the slider marked, and the same figures as a table: the meta-learned
 * start beside the pretrained one that it began with. For islands.
 * @module
 */
import type { JSX } from "preact";
import type { LabCurve, LabView } from "../server/lab_view.ts";
import { targetValues } from "../server/target_values.ts";
import { figure, percent, targetFigure } from "./format.ts";
import { type ChartSeries, LineChart } from "./LineChart.tsx";
import { ChartCard } from "./ChartCard.tsx";

interface LabCurvesProps {
  readonly view: LabView;
  readonly steps: number;
}

/** Both starts at the slider's number of steps. */
export function LabFigures({ view, steps }: LabCurvesProps): JSX.Element {
  const { learned, pretrained, actual, target } = view;
  const rows: readonly (readonly [string, (curve: LabCurve) => string])[] = [
    ["Forecast", (curve) => targetFigure(target, curve.predictions[steps])],
    ["Over what came", (curve) => actual === null ? "–" : overActual(view, curve.predictions[steps])],
    ["Within the trust region", ({ beyond }) => beyond[steps] ? "no" : "yes"],
    ["Support loss", (curve) => figure(curve.supportLoss[steps])],
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
          {`After ${steps} inner ${steps === 1 ? "step" : "steps"}, nothing held back. What came: ${
            targetFigure(target, actual)
          }.`}
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Figure</span>
            </th>
            <th scope="col" class="number">Meta-learned</th>
            <th scope="col" class="number">Pretrained</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, cell]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td class="number">{cell(learned)}</td>
              <td class="number">{cell(pretrained)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** How far a forecast lies above what came: a share of it for levels, the difference for returns. */
function overActual({ actual, target }: LabView, value: number): string {
  const off = target === "return" ? value - actual! : value / actual! - 1;
  return `${off < 0 ? "−" : "+"}${(100 * Math.abs(off)).toFixed(target === "return" ? 3 : 1)}%`;
}

/** The curves. */
export function LabCurves({ view, steps }: LabCurvesProps): JSX.Element {
  const { learned, pretrained, actual, target, silentLoss } = view;
  const x = learned.predictions.map((_, step) => step);
  const { name, percent: inPercent } = targetValues(target);
  const shown = (value: number): number => inPercent ? 100 * value : value;
  const both = (values: (curve: LabCurve) => readonly (number | null)[]): ChartSeries[] => {
    const one = (label: string, all: readonly (number | null)[], color: number, dashed = false): ChartSeries[] => [
      { label, values: all, color, dashed },
      {
        label: "now",
        values: all.map((value, step) => step === steps ? value : null),
        color,
        points: true,
        echo: true,
      },
    ];
    return [...one("meta-learned", values(learned), 1), ...one("pretrained", values(pretrained), 3, true)];
  };
  const layers: ChartSeries[] = learned.layers[0].map((_, layer) => ({
    label: `layer ${layer + 1}`,
    values: learned.layers.map((all) => all[layer].change),
    color: layer % 6 + 1,
  }));
  return (
    <div class="grid wide">
      <ChartCard title="Forecast" note={`${name.toLowerCase()}${inPercent ? ", %" : ""}; nothing held back`}>
        <LineChart
          label={`Forecast by inner steps, ${targetFigure(target, learned.predictions[steps])} at ${steps}`}
          x={x}
          height={210}
          sync="lab"
          series={[
            ...both(({ predictions }) => predictions.map(shown)),
            ...(actual === null ? [] : [{ label: "what came", values: x.map(() => shown(actual)), color: 2 }]),
          ]}
        />
      </ChartCard>
      {learned.supportLoss.length > 0 && (
        <ChartCard
          title="Support loss"
          note="on the rows it adapts on; below the dashed line something is learned of them"
        >
          <LineChart
            label={`Support loss by inner steps, ${figure(learned.supportLoss[steps])} at ${steps}`}
            x={x}
            height={210}
            sync="lab"
            series={[
              ...both(({ supportLoss }) => supportLoss),
              ...(silentLoss === null
                ? []
                : [{ label: "saying nothing", values: x.map(() => silentLoss), color: 6, dashed: true }]),
            ]}
          />
        </ChartCard>
      )}
      {layers.length > 0 && (
        <ChartCard title="Change in parameters" note="distance from the learned start, by layer, mean over networks">
          <LineChart label="Change in parameters by inner steps" x={x} height={210} sync="lab" series={layers} />
        </ChartCard>
      )}
    </div>
  );
}
