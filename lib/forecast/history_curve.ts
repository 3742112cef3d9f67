/**
 * The curve that few-shot learning is for: the error of every method by how many bars of history a market has.
 * The same decisions stand in every column. It forecasts nothing itself.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { compareForecasts, type CompareForecastsOptions } from "./compare_forecasts.ts";
import type { Forecaster } from "./forecaster.ts";
import type { ForecastComparison } from "./prepare_comparison.ts";

/** What {@linkcode historyCurve} takes. */
export interface HistoryCurveOptions extends Omit<CompareForecastsOptions, "history" | "ownRows" | "keep"> {
  /** Bars of history of each column, ascending, at least 2 each; all that there are is added as the last (default 5, 20, 60, 250). */
  readonly lengths?: readonly number[];
}

const KEYS: OptionKeys<HistoryCurveOptions> = {
  pool: true,
  from: true,
  to: true,
  every: true,
  lengths: true,
  features: true,
  extra: true,
  signal: true,
};

/** Errors by history. */
export interface HistoryCurve {
  /** Bars of history of each column; null, last, for all. */
  readonly lengths: readonly (number | null)[];
  /** Decisions, the same in each column. */
  readonly rows: number;
  /** One entry a method: its mean squared errors, one a column. */
  readonly methods: readonly { readonly name: string; readonly mse: readonly number[] }[];
  /** The whole comparison of each column. */
  readonly comparisons: readonly ForecastComparison[];
}

/**
 * Compares a forecaster with its baselines as if the markets had been listed 5, 20, 60, 250 bars before each decision: every
 * feature, label and regression on a market's own rows is cut to them.
 *
 * @param engine Where to adapt.
 * @param forecaster From `trainForecaster`, on `risk` features: others cannot be cut.
 * @param markets Markets to forecast, that training never saw.
 * @param options The pool, the range and the lengths.
 * @throws {DataError} No decision has the longest history before it and a label.
 * @throws {RangeError} A length is out of range, or the features cannot be cut.
 *
 * @example
 * ```ts ignore
 * const { lengths, methods } = await historyCurve(engine, forecaster, [unseen], { pool: markets, from: testFrom });
 * for (const { name, mse } of methods) console.log(name, ...mse.map((error, i) => `${lengths[i] ?? "all"}: ${error}`));
 * ```
 */
export async function historyCurve(
  engine: Engine,
  forecaster: Forecaster,
  markets: readonly Candles[],
  options: HistoryCurveOptions,
): Promise<HistoryCurve> {
  requireKnownKeys("Cannot draw a history curve", "options", options, KEYS);
  const { lengths = [5, 20, 60, 250], ...rest } = options;
  if (lengths.some((length, i) => !Number.isInteger(length) || length < 2 || length <= (lengths[i - 1] ?? 0))) {
    throw new RangeError(
      `Cannot draw a history curve: lengths must be ascending integers of at least 2, got ${lengths.join(", ")}`,
    );
  }
  if (forecaster.features !== "risk") {
    throw new RangeError(
      `Cannot draw a history curve: features "${forecaster.features}" cannot be cut to a history, "risk" can`,
    );
  }
  const longest = lengths[lengths.length - 1] ?? 0;
  // A decision counts in every column: it needs the longest history before it.
  const begin = Math.max(
    options.from ?? forecaster.trainedOn.trainedUntil,
    ...markets.map(({ time, symbol }) => {
      if (time.length <= longest) {
        throw new DataError(
          `Cannot draw a history curve of ${symbol}: needs more than ${longest} bars, got ${time.length}`,
        );
      }
      return time[longest - 1];
    }),
  );
  const comparisons: ForecastComparison[] = [];
  for (const length of [...lengths, null]) {
    comparisons.push(
      await compareForecasts(engine, forecaster, markets, {
        ...rest,
        from: begin,
        ownRows: Infinity,
        ...(length !== null && { history: length }),
      }),
    );
  }
  const [{ rows, scores }] = comparisons;
  return {
    lengths: [...lengths, null],
    rows,
    methods: scores.map(({ name }, m) => ({ name, mse: comparisons.map((column) => column.scores[m].mse) })),
    comparisons,
  };
}
