/**
 * Who forecasts in which regime, chosen on validation decisions, and what the test says of it.
 * @module
 */
import type { RegimeSeries } from "@adaptrade/adaptrade/features";
import { type RegimeChoice, selectByRegime, switchingPositions } from "@adaptrade/adaptrade/trading";
import { type RegimeStudy, squaredErrors } from "./study.ts";

/** Chooses for each regime the method with the least squared error on the decisions whose outcome was known before the test. */
export function chooseByRegime(
  study: RegimeStudy,
  labels: readonly RegimeSeries[],
  options: { readonly testFrom: number; readonly minBars: number },
): RegimeChoice {
  const { testFrom, minBars } = options;
  const { markets, market, time, horizon, said } = study;
  const before = markets.map((_, m) => [...time.keys()].filter((i) => market[i] === m && time[i] < testFrom));
  const candidates = Object.entries(said).map(([name, values]) => {
    const errors = squaredErrors(values, study);
    // What is chosen by is called a return there: the higher, the better.
    const runs = before.flatMap((rows, m) => {
      const known = rows.slice(0, -horizon);
      const decisionTime = Float64Array.from(rows.slice(0, known.length + 1), (i) => time[i]);
      const netReturns = Float64Array.from(known, (i) => -errors[i]);
      return known.length === 0 ? [] : [{ market: markets[m], decisionTime, netReturns }];
    });
    return { name, runs };
  });
  return selectByRegime(candidates, labels, { testFrom, minBars, score: "mean" });
}

/** What the method says that was chosen for the regime known at each decision, `[rows]`. */
export function switchedForecasts(
  study: RegimeStudy,
  labels: readonly RegimeSeries[],
  choice: RegimeChoice,
): Float64Array {
  const { market, time, said } = study;
  const out = new Float64Array(time.length);
  labels.forEach((own, m) => {
    const rows = [...time.keys()].filter((i) => market[i] === m);
    const of = (values: Float64Array): Float64Array => Float64Array.from(rows, (i) => values[i]);
    const positions = Object.fromEntries(Object.entries(said).map(([name, values]) => [name, of(values)]));
    const switched = switchingPositions(choice, { positions, decisionTime: of(time), labels: own });
    rows.forEach((i, at) => out[i] = switched.positions[at]);
  });
  return out;
}
