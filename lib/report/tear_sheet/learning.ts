/**
 * What the learner learned: how its forecast error falls as it adapts, and the learning rates it adapts with.
 * @module
 */
import { type LayerRate, learningRates } from "../../meta/learning_rates.ts";
import type { MetaState } from "../../meta/state.ts";
import type { ComparedStrategy } from "../../backtest/comparison.ts";
import { renderChart } from "./line_chart.ts";
import { renderRanges } from "./range_chart.ts";
import { absent, dataTable, escapeHtml, number, swatch } from "./text.ts";
import { type Track, trackColor } from "./track.ts";

/** What is read of a strategy's adaptation. */
interface AdaptedStrategy extends Pick<ComparedStrategy, "curve"> {
  readonly result: Pick<Track, "strategy" | "color">;
}

/** Renders the forecast error of every strategy that forecasts against its steps of adaptation. */
export function adaptationPart(strategies: readonly AdaptedStrategy[]): string {
  const curves = strategies.flatMap(({ result, curve }) =>
    curve ? [{ name: result.strategy, curve, color: trackColor(result) }] : []
  );
  if (curves.length === 0) return absent("No forecast error by steps of adaptation was recorded here.");
  const chart = renderChart(
    curves.map(({ name, curve, color }) => ({ name, x: curve.steps, y: curve.losses, color })),
    {
      title: "Forecast error on new bars by steps of adaptation (lower is better)",
      xKind: "steps",
      xLabel: "gradient steps on the support set",
    },
  );
  const head = curves[0].curve.steps.map((steps) => `${steps} step${steps === 1 ? "" : "s"}`);
  const rows = curves.map(({ name, curve, color }) => [
    { html: `${swatch(color)}${escapeHtml(name)}` },
    ...curve.losses.map((loss) => number(loss, 4)),
  ]);
  return chart +
    dataTable("Mean squared forecast error, in units of the support's label deviation", ["After", ...head], rows);
}

function rateName({ layer, step }: LayerRate, hasSteps: boolean): string {
  return hasSteps ? `layer ${layer + 1}, step ${step + 1}` : `layer ${layer + 1}`;
}

/** Renders the inner learning rates of a state by layer, and by step where they differ. */
export function ratesPart(state: MetaState): string {
  const rates = learningRates(state);
  const hasSteps = rates.some(({ step }) => step > 0);
  const figure = (value: number): string => value === 0 ? "0" : value.toPrecision(3);
  const { learn, inner } = state.config;
  const initial = `The configured rate is ${figure(inner.lr)}; rates are ${
    learn?.lr ? "learned" : "not learned with these settings"
  }.`;
  return renderRanges(
    rates.map((rate) => ({ ...rate, name: rateName(rate, hasSteps) })),
    "Inner learning rates: mean, and smallest to largest within the layer",
  ) + absent(initial) + dataTable(
    "Inner learning rates",
    ["Layer", "Mean", "Smallest", "Largest"],
    rates.map((rate) => [rateName(rate, hasSteps), figure(rate.mean), figure(rate.min), figure(rate.max)]),
  );
}
