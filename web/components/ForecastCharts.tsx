/**
 * Forecasts over time beside what came, and what they saved month by month. For islands.
 * @module
 */
import type { JSX } from "preact";
import { useMemo } from "preact/hooks";
import type { ForecastView } from "../server/forecast_view.ts";
import type { ForecastWorth } from "../server/forecast_worth.ts";
import { targetValues } from "../server/target_values.ts";
import { ChartCard } from "./ChartCard.tsx";
import { percent } from "./format.ts";
import { LineChart } from "./LineChart.tsx";

/** The pictures. */
export function ForecastCharts(
  { view, worth }: { readonly view: ForecastView; readonly worth: ForecastWorth | null },
): JSX.Element {
  const { target, heldBack } = view;
  const months = worth?.months ?? [];
  const { name, percent: inPercent } = targetValues(target);
  const reference = worth === null || "problem" in worth.verdict ? null : worth.verdict.reference;
  // Drawn once: the charts compare these by identity.
  const shown = useMemo(() => {
    const scale = (values: readonly (number | null)[]) =>
      inPercent ? values.map((value) => value === null ? null : 100 * value) : values;
    const { time, came, value, low, high, unadapted } = view;
    return {
      seconds: time.map((ms) => ms / 1000),
      came: scale(came),
      value: scale(value),
      low: scale(low),
      high: scale(high),
      unadapted: scale(unadapted),
      reference: scale(worth?.reference ?? []),
      heldBack: scale(view.heldBack),
    };
  }, [view, worth]);
  const held = heldBack.filter((value) => value !== null).length;
  const saved = months.filter(({ less }) => less > 0).length;
  return (
    <>
      <ChartCard
        title="Forecasts and what came"
        note={`${name.toLowerCase()}${inPercent ? ", %" : ""}; each at the bar that it was made at`}
      >
        <LineChart
          label={`Forecasts of ${view.symbol} at each bar with their 80% band, beside what came; adapting was held back at ${held}`}
          x={shown.seconds}
          time
          height={340}
          log={target === "logVolatility"}
          series={[
            { label: "what came", values: shown.came, color: 2, faint: true },
            { label: "80% from", values: shown.low, color: 1, faint: true },
            { label: "80% to", values: shown.high, color: 1, faint: true },
            ...(reference === null ? [] : [{ label: reference, values: shown.reference, color: 3 }]),
            { label: "unadapted", values: shown.unadapted, color: 4, dashed: true },
            { label: "forecast", values: shown.value, color: 1 },
            ...(held === 0 ? [] : [{ label: "held back", values: shown.heldBack, color: 5, points: true }]),
          ]}
        />
      </ChartCard>
      {months.length > 1 && reference !== null && (
        <ChartCard title="Saved by month" note={`squared error less than ${reference}'s, %; below 0 there was more`}>
          <LineChart
            label={`Squared error saved by month against ${reference}: above 0 in ${saved} of ${months.length} months, ${
              percent(saved / months.length)
            }`}
            x={months.map(({ time }) =>
              time / 1000
            )}
            time
            series={[
              { label: "saved, %", values: months.map(({ less }) => 100 * less), color: 1, points: true },
              { label: "no difference", values: months.map(() => 0), color: 6, dashed: true },
            ]}
          />
          <p class="small muted">{`Less in ${saved} of ${months.length} months.`}</p>
        </ChartCard>
      )}
    </>
  );
}
