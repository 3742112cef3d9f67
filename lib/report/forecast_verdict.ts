/**
 * What a comparison of forecasts amounts to, in words: whether learning over markets helped and whether adapting helped, kept
 * apart, and said plainly where they did not.
 * @module
 */
import { FORECASTER_ROWS } from "../forecast/comparison_methods.ts";
import type { ForecastComparison } from "../forecast/prepare_comparison.ts";
import type { ForecastScore } from "../forecast/score.ts";
import type { Verdict } from "./verdict.ts";

/** Probability below which a difference is called one. */
const SIGNIFICANT = 0.05;

/** Cheap methods that learn from the market's own bars alone. */
const OWN = ["HAR, own rows", "RiskMetrics", "EWMA", "last value", "zero"];

function percent(mine: number, other: number): string {
  return `${Math.abs(100 * (mine / other - 1)).toFixed(1)}%`;
}

function sure({ against }: Pick<ForecastScore, "against">): string {
  const { statistic = null, pValue = null } = against ?? {};
  return statistic === null || pValue === null
    ? ""
    : ` (Diebold-Mariano ${statistic.toFixed(1)}, p ${pValue < 0.001 ? "< 0.001" : `= ${pValue.toFixed(3)}`})`;
}

/** `3.1% less squared error than X (…)`, or more, with whether that is more than chance. */
function against(mine: ForecastScore, other: ForecastScore): string {
  const word = mine.mse <= other.mse ? "less" : "more";
  return `${percent(mine.mse, other.mse)} ${word} squared error than ${other.name}${sure(other)}`;
}

function isBetter(other: ForecastScore): boolean {
  const { statistic = null, pValue = null } = other.against ?? {};
  return statistic !== null && statistic < 0 && pValue! < SIGNIFICANT;
}

function isWorse(other: ForecastScore): boolean {
  const { statistic = null, pValue = null } = other.against ?? {};
  return statistic !== null && statistic > 0 && pValue! < SIGNIFICANT;
}

function best(scores: readonly ForecastScore[]): ForecastScore | undefined {
  return scores.reduce<ForecastScore | undefined>(
    (least, one) => !least || one.mse < least.mse ? one : least,
    undefined,
  );
}

/**
 * Judges a comparison of forecasts.
 *
 * @param comparison From `compareForecasts`.
 * @returns A win where the forecaster is more accurate, beyond chance, than every method that the market's own bars allow, and
 * not less accurate than any cheap method; significant where it is more accurate than each of those too.
 *
 * @example
 * ```ts
 * import { compareForecasts, judgeForecasts, openEngine, simulateMarket, trainForecaster } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const { candles } = simulateMarket({ bars: 400, symbol: "SIM" });
 * const few = { steps: 5 };
 * const testFrom = candles.time[300];
 * const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, testFrom, pretrain: few, meta: few } as const;
 * const forecaster = await trainForecaster(engine, [candles], options);
 * const comparison = await compareForecasts(engine, forecaster, [candles], { pool: [candles] });
 * assertEquals(judgeForecasts(comparison).sentences.length > 0, true);
 * ```
 */
export function judgeForecasts(comparison: ForecastComparison): Verdict {
  const { scores } = comparison;
  const networks: readonly string[] = Object.values(FORECASTER_ROWS);
  const mine = scores.find(({ name }) => name === FORECASTER_ROWS.adapted)!;
  const unadapted = scores.find(({ name }) => name === FORECASTER_ROWS.unadapted)!;
  const cheap = scores.filter(({ name }) => !networks.includes(name));
  const own = cheap.filter(({ name }) => OWN.includes(name));
  const pooled = cheap.filter(({ name }) => !OWN.includes(name));
  const bestOwn = best(own);
  const bestPooled = best(pooled);
  const beatsOwn = own.every(isBetter);
  const beatsAll = cheap.every(isBetter);
  const loses = cheap.filter(isWorse);
  const first = beatsOwn
    ? `Learning over markets helped: ${against(mine, bestOwn!)}, the best that the market's own bars allow`
    : isBetter(bestOwn!)
    ? `Learning over markets helped against ${bestOwn!.name}, though not against everything: ${against(mine, bestOwn!)}`
    : `Learning over markets did not help beyond chance: ${against(mine, bestOwn!)}`;
  const second = bestPooled
    ? ` and ${against(mine, bestPooled)}, the best cheap method that learns over markets too.`
    : ".";
  const same = mine.mse === unadapted.mse;
  const third = same
    ? "Adapting changed nothing: validation chose to forecast unadapted."
    : isBetter(unadapted)
    ? `Adapting helped: ${against(mine, unadapted)}.`
    : isWorse(unadapted)
    ? `Adapting did harm: ${against(mine, unadapted)}.`
    : `Adapting made no difference beyond chance: ${against(mine, unadapted)}.`;
  const worse = loses.length > 0 ? [`It is worse than ${loses.map(({ name }) => name).join(", ")}.`] : [];
  return { wins: beatsOwn && loses.length === 0, significant: beatsAll, sentences: [first + second, third, ...worse] };
}
