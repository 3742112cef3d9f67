/**
 * How good forecasts were: squared error, QLIKE, R² against zero, and value at risk. It judges; it forecasts nothing.
 * @module
 */
import type { DieboldMariano } from "../statistics/diebold_mariano.ts";

/** Tail levels of value at risk. */
export const RISK_LEVELS: readonly number[] = Object.freeze([0.01, 0.05]);

/** Forecasts of one method on all places, with what came. */
export interface Scored {
  /** Open time of each decision, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /** Forecasts in the target's unit, `[rows]`. */
  readonly value: Float64Array;
  /** What came, `[rows]`. */
  readonly label: Float64Array;
  /** The zero forecast in the target's unit, `[rows]`. */
  readonly zero: Float64Array;
  /** Return over the horizon, a fraction, `[rows]`. */
  readonly returns: Float64Array;
}

/** Value at risk of the return over the horizon. */
export interface ValueAtRisk {
  /** Tail level. */
  readonly level: number;
  /** Mean tick loss (Koenker & Bassett 1978), a fraction. */
  readonly tickLoss: number;
  /** Share of returns below it; the level, were it exact. */
  readonly coverage: number;
}

/** What a method scored. */
export interface ForecastScore {
  /** The method. */
  readonly name: string;
  /** Decisions. */
  readonly rows: number;
  /** Mean squared error, in squared units of the target. */
  readonly mse: number;
  /** Mean QLIKE of the variance, RV/σ² − ln(RV/σ²) − 1 (Patton 2011), with one lognormal correction; null where none is forecast. */
  readonly qlike: number | null;
  /** 1 − Σ error² / Σ (error of zero)². */
  readonly r2: number;
  /** Value at risk by its volatility; empty where none is forecast. */
  readonly valueAtRisk: readonly ValueAtRisk[];
  /** Diebold-Mariano of the forecaster's squared errors against this method's: below 0 where the forecaster is better; null for itself. */
  readonly against: DieboldMariano | null;
  /** The same by QLIKE. */
  readonly againstQlike: DieboldMariano | null;
}

/** Squared errors, `[rows]`. */
export function squaredErrors({ value, label }: Scored): Float64Array {
  return value.map((v, i) => (v - label[i]) ** 2);
}

/**
 * QLIKE of forecasts of log volatility, by decision: RV/σ² − ln(RV/σ²) − 1 (Patton 2011, "Volatility forecast comparison using
 * imperfect volatility proxies"), with E[RV] = exp(2m + 2s²) of a lognormal.
 *
 * @param forecasts What was said and what came, log volatilities, `[rows]` each.
 * @param deviation Deviation s of the method's errors, from rows before those that are judged.
 * @returns `[rows]`, at least 0.
 *
 * @example
 * ```ts
 * import { qlikeLosses } from "@adaptrade/adaptrade/forecast";
 * import { assertEquals } from "@std/assert";
 *
 * const [exact, low] = qlikeLosses({ value: Float64Array.of(-4, -5), label: Float64Array.of(-4, -4) }, 0);
 * assertEquals([exact, low], [0, Math.exp(2) - 3]);
 * ```
 */
export function qlikeLosses(
  { value, label }: { readonly value: Float64Array; readonly label: Float64Array },
  deviation: number,
): Float64Array {
  return value.map((v, i) => {
    const ratio = 2 * (label[i] - v - deviation ** 2);
    return Math.exp(ratio) - ratio - 1;
  });
}

/** Quantiles of the return over the volatility forecast, at {@linkcode RISK_LEVELS}: what value at risk is scaled by. */
export function standardQuantiles({ value, returns }: Scored): number[] {
  const standard = returns.map((r, i) => r / Math.exp(value[i])).filter(Number.isFinite).sort();
  return RISK_LEVELS.map((level) => standard[Math.floor(level * standard.length)] ?? NaN);
}

/** Value at risk by a volatility forecast and quantiles taken before. */
export function valueAtRisk({ value, returns }: Scored, quantiles: readonly number[]): ValueAtRisk[] {
  return RISK_LEVELS.map((level, q) => {
    let [loss, below, rows] = [0, 0, 0];
    returns.forEach((r, i) => {
      const edge = quantiles[q] * Math.exp(value[i]);
      if (!Number.isFinite(r) || !Number.isFinite(edge)) return;
      loss += (r < edge ? level - 1 : level) * (r - edge);
      below += r < edge ? 1 : 0;
      rows++;
    });
    return { level, tickLoss: loss / rows, coverage: below / rows };
  });
}
