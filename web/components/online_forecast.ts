/**
 * What a paper trader's forecasts are of, and how they read: returns as signed per cent, volatilities as per cent a bar. The same on
 * both sides; draws nothing.
 * @module
 */
import type { TargetKind } from "../server/run_config.ts";
import { targetValues } from "../server/target_values.ts";
import { targetFigure } from "./format.ts";

/** What is forecast. */
export interface OnlineForecasting {
  /** The kind of its values. */
  readonly target: TargetKind;
  /** Bars that a forecast looks ahead. */
  readonly horizon: number;
  /** Of a forecaster, whether it reads closes alone; absent in reports of before that was told. */
  readonly closeOnly?: boolean;
}

/** A fresh network's, and what reports of before there were forecasters mean. */
export const NEXT_RETURN: OnlineForecasting = { target: "return", horizon: 1 };

/** Half-width of the adaptive 80% interval in a forecast's `deviation`, which is defined by it. */
const BAND = 1.2815515655446004;

/** "next bar's return", "volatility a bar over the next 5 bars". */
export function forecastName({ target, horizon }: OnlineForecasting): string {
  const { name } = targetValues(target);
  if (horizon === 1) {
    return target === "return" ? "next bar's return" : `next bar's ${name.split(" ")[0].toLowerCase()}`;
  }
  return `${name.toLowerCase()} over the next ${horizon} bars`;
}

/** A forecast as people read it: "+0.123%", "1.234%". */
export function forecastFigure({ target }: OnlineForecasting, value: number | null | undefined): string {
  return targetFigure(target, value === null || value === undefined ? value : targetValues(target).of(value));
}

/** The end of the 80% interval below (-1) or above (1) a forecast, as people read it; null where there is none. */
export function forecastEnd(
  { target }: OnlineForecasting,
  { value, deviation }: { readonly value: number | null; readonly deviation: number | null },
  side: -1 | 1,
): number | null {
  return value === null || deviation === null ? null : targetValues(target).of(value + side * BAND * deviation);
}

/** How sure a forecast is: "± 0.123% expected error" of a return, "80%: 1.022% to 3.504%" of a volatility. */
export function forecastMargin(
  forecasting: OnlineForecasting,
  forecast: { readonly value: number | null; readonly deviation: number | null },
): string {
  const { target } = forecasting;
  if (forecast.value === null) return "";
  if (forecast.deviation === null) return "its error is not known yet";
  if (target === "return") return `± ${targetFigure(target, forecast.deviation).slice(1)} expected error`;
  const [low, high] = ([-1, 1] as const).map((side) => targetFigure(target, forecastEnd(forecasting, forecast, side)));
  return `80%: ${low} to ${high}`;
}

/**
 * What came of a forecast at each bar, as people read it, from closes: the return over the horizon, or the root mean square of its
 * bars' returns. Null of a volume, which closes do not tell, and where it has not come yet.
 */
export function outcomes({ target, horizon }: OnlineForecasting, closes: readonly number[]): (number | null)[] {
  const moves = closes.map((close, index) => index === 0 ? 0 : Math.log(close / closes[index - 1]));
  return closes.map((close, index) => {
    if (index + horizon >= closes.length) return null;
    if (target === "return") return closes[index + horizon] / close - 1;
    if (target === "logVolume") return null;
    const squares = moves.slice(index + 1, index + 1 + horizon).map((move) => move * move);
    return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / horizon);
  });
}
