/**
 * How a study's figures spread over its markets: quantiles as a table, and every figure from the worst market to the best as a curve.
 * For islands.
 * @module
 */
import type { JSX } from "preact";
import type { SpreadView, StudyFigures } from "../server/studies.ts";
import { ChartCard } from "./ChartCard.tsx";
import { figure, signedPercent, twoDigits } from "./format.ts";
import { LineChart } from "./LineChart.tsx";

const LEVELS = ["5%", "25%", "Median", "75%", "95%"];

type Row = readonly [name: string, spread: SpreadView | null, print: (value: number) => string];

/** Tables and curves. */
export function StudySpreads({ figures }: { readonly figures: StudyFigures }): JSX.Element {
  const { skill, adaptation, sharpe, beyondHolding } = figures;
  const rows: readonly Row[] = [
    ["Skill", skill, (value) => signedPercent(value, 1)],
    ["Error, of unadapted", adaptation, (value) => value.toFixed(3)],
    ["Net Sharpe ratio", sharpe, twoDigits],
    ["Beyond holding", beyondHolding, twoDigits],
  ];
  return (
    <>
      <section class="card stack" aria-label="Over markets">
        <header>
          <h2>Over markets</h2>
          <p>mean, and the figure that so many markets stay below</p>
        </header>
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Over markets, scrollable">
          <table>
            <thead>
              <tr>
                <th scope="col">Figure</th>
                {["Markets", "Mean", ...LEVELS].map((head) => <th key={head} scope="col" class="number">{head}</th>)}
              </tr>
            </thead>
            <tbody>
              {rows.map(([name, spread, print]) =>
                spread && (
                  <tr key={name}>
                    <th scope="row">{name}</th>
                    <td class="number">{spread.markets}</td>
                    {[spread.mean, ...spread.quantiles].map((value, i) => (
                      <td key={i} class="number">{print(value)}</td>
                    ))}
                  </tr>
                )
              )}
            </tbody>
          </table>
        </div>
      </section>
      <div class="grid wide">
        <ChartCard
          title="Skill"
          note="% of the error of saying nothing that is saved, from the worst market to the best"
        >
          <SpreadChart name="skill" spread={skill} scale={100} zero="saying nothing" color={1} />
        </ChartCard>
        {beyondHolding !== null && (
          <ChartCard title="Beyond holding" note="net Sharpe ratio a year less that of holding, worst to best">
            <SpreadChart name="beyond holding" spread={beyondHolding} scale={1} zero="holding" color={2} />
          </ChartCard>
        )}
      </div>
    </>
  );
}

interface SpreadChartProps {
  readonly name: string;
  readonly spread: SpreadView;
  /** What its values are multiplied by to be shown. */
  readonly scale: number;
  /** What 0 is. */
  readonly zero: string;
  readonly color: number;
}

function SpreadChart(
  { name, spread: { curve, quantiles, markets }, scale, zero, color }: SpreadChartProps,
): JSX.Element {
  return (
    <LineChart
      label={`${name} of ${markets} markets, from the worst to the best; the median is ${figure(scale * quantiles[2])}`}
      x={curve.map((_, share) => share)}
      xName="% of markets"
      series={[
        { label: name, values: curve.map((value) => scale * value), color },
        { label: zero, values: curve.map(() => 0), color: 6, dashed: true },
      ]}
    />
  );
}
