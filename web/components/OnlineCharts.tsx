/**
 * The curves of a paper trader: equity, price and position, forecast with its band, what has been learned, calibration. For
 * islands only.
 * @module
 */
import type { JSX } from "preact";
import type { OnlinePoint } from "../server/online_life.ts";
import type { OnlineReport } from "../server/online_store.ts";
import { CalibrationTable } from "./CalibrationTable.tsx";
import { targetValues } from "../server/target_values.ts";
import { figure, percent, price } from "./format.ts";
import { forecastEnd, forecastFigure, forecastName, NEXT_RETURN, outcomes } from "./online_forecast.ts";
import { LOSS_PARTS, lossWeights } from "./learned_loss.ts";
import { LineChart } from "./LineChart.tsx";
import { ChartCard } from "./ChartCard.tsx";

interface OnlineChartsProps {
  readonly points: readonly OnlinePoint[];
  /** Close of the first bar with a forecast; null before it. */
  readonly since: number | null;
  readonly capital: number;
  readonly report: OnlineReport | null;
  /** Whether it learns how to adapt; a forecaster was trained before. */
  readonly learns: boolean;
}

/** Bars of the forecast's chart: in more, the band could not be told from the line. */
const FORECAST_BARS = 300;
/** The charts. */
export function OnlineCharts({ points, since, capital, report, learns }: OnlineChartsProps): JSX.Element {
  const forecasts = report?.forecasts ?? NEXT_RETURN;
  const x = points.map(({ time }) => time / 1000);
  const last = points.at(-1)!;
  const first = points.findIndex(({ value }) => value !== null);
  const held = points.map(({ close }, index) =>
    since === null || first < 0 || index < first ? null : capital * close / since
  );
  const recent = points.slice(-FORECAST_BARS);
  const recentX = recent.map(({ time }) => time / 1000);
  const { target } = forecasts;
  const inPercent = (values: readonly (number | null)[]) =>
    target === "logVolume" ? values : values.map((value) => value === null ? null : 100 * value);
  const { of } = targetValues(target);
  const band = (side: -1 | 1) => inPercent(recent.map((point) => forecastEnd(forecasts, point, side)));
  const came = inPercent(outcomes(forecasts, recent.map(({ close }) => close)));
  return (
    <div class="grid wide">
      <ChartCard title="Equity" note="net of costs, against holding since the first forecast">
        <LineChart
          label={`Equity by time, now ${last.equity.toFixed(2)}`}
          x={x}
          time
          money
          sync="online"
          series={[
            { label: "trader", values: points.map(({ equity }) => equity), color: 1 },
            { label: "buy and hold", values: held, color: 2, dashed: true },
          ]}
        />
      </ChartCard>
      <ChartCard title="Drawdown" note="% below the highest equity so far">
        <LineChart
          label={`Drawdown by time, now ${percent(1 - last.equity / Math.max(capital, last.peak))} below the peak`}
          x={x}
          time
          sync="online"
          series={[{
            label: "drawdown",
            values: points.map(({ equity, peak }) => 100 * (equity / Math.max(capital, peak) - 1)),
            color: 6,
          }]}
        />
      </ChartCard>
      <ChartCard title="Price" note={`close of every bar, and where it bought and sold; last ${recent.length} bars`}>
        <LineChart
          label={`Closing price by time, now ${price(last.close)}`}
          x={recentX}
          time
          money
          sync="recent"
          series={[
            { label: "close", values: recent.map(({ close }) => close), color: 3 },
            { label: "bought", values: recent.map(({ bought }) => bought), color: 2, points: true },
            { label: "sold", values: recent.map(({ sold }) => sold), color: 6, points: true },
          ]}
        />
      </ChartCard>
      <ChartCard
        title="Forecast"
        note={`${forecastName(forecasts)}, %, within its adaptive 80% interval, and what came${
          target === "return" ? "" : " of its closes"
        }; last ${recent.length} bars`}
      >
        <LineChart
          label={`Forecast of the ${forecastName(forecasts)}, now ${forecastFigure(forecasts, last.value)}`}
          x={recentX}
          time
          log={target !== "return"}
          sync="recent"
          series={[
            {
              label: "forecast",
              values: inPercent(recent.map(({ value }) => value === null ? null : of(value))),
              color: 1,
            },
            { label: "upper", values: band(1), color: 6, dashed: true },
            { label: "lower", values: band(-1), color: 6, dashed: true },
            { label: "came", values: came, color: 3, faint: true },
          ]}
        />
      </ChartCard>
      <ChartCard title="Position" note={`in % of equity at each close; last ${recent.length} bars`}>
        <LineChart
          label={`Position by time, now ${percent(last.held)} of equity`}
          x={recentX}
          time
          sync="recent"
          series={[{ label: "position", values: recent.map(({ held }) => held * 100), color: 5, stepped: true }]}
        />
      </ChartCard>
      {learns && <Learned points={points} x={x} />}
      {report !== null && (
        <ChartCard title="Calibration" note={`of ${report.judged} forecasts whose truth is known`}>
          <CalibrationTable calibration={report.calibration} />
        </ChartCard>
      )}
    </div>
  );
}

/** What a fresh network has learned of how to adapt. */
function Learned(
  { points, x }: { readonly points: readonly OnlinePoint[]; readonly x: readonly number[] },
): JSX.Element {
  const last = points.at(-1)!;
  const weights = points.map(({ phi }) => lossWeights(phi));
  return (
    <>
      <ChartCard title="Learned rates" note="mean inner learning rate of each layer">
        <LineChart
          label={`Learned inner rates by time, now ${last.rates.map((rate) => figure(rate)).join(", ")}`}
          x={x}
          time
          log="wide"
          sync="online"
          series={last.rates.map((_, layer) => ({
            label: `layer ${layer + 1}`,
            values: points.map(({ rates }) => rates[layer] ?? null),
          }))}
        />
      </ChartCard>
      <ChartCard
        title="Learned loss"
        note="weights of a wrong direction and of the squared error; tilt: too low against too high, −1 to 1"
      >
        <LineChart
          label={`Weights of the learned loss by time, now ${
            lossWeights(last.phi).map((value, part) => `${LOSS_PARTS[part]} ${figure(value)}`).join(", ")
          }`}
          x={x}
          time
          sync="online"
          series={LOSS_PARTS.map((label, part) => ({
            label,
            values: weights.map((values) => values[part]),
            color: part + 4,
          }))}
        />
      </ChartCard>
      <ChartCard title="Weight decay" note="ω, learned likewise">
        <LineChart
          label={`Learned weight decay by time, now ${figure(last.weightDecay)}`}
          x={x}
          time
          log="wide"
          sync="online"
          series={[{ label: "ω", values: points.map(({ weightDecay }) => weightDecay), color: 2 }]}
        />
      </ChartCard>
    </>
  );
}
