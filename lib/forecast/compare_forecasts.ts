/**
 * A forecaster beside everything that it must beat, on the same decisions: cheap methods fitted on the same pool, its own
 * pretrained start, its unadapted start. Everything is fitted before validation and chosen on it; the test is read once.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Forecaster } from "./forecaster.ts";
import {
  COMPARE_KEYS,
  type CompareMarketsOptions,
  fitOnPool,
  type ForecastComparison,
  judgePlaces,
  layPlaces,
  openReader,
  PREPARE_KEYS,
  type PrepareComparisonOptions,
} from "./prepare_comparison.ts";

/** What {@linkcode compareForecasts} takes. */
export interface CompareForecastsOptions extends PrepareComparisonOptions, CompareMarketsOptions {
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const KEYS: OptionKeys<CompareForecastsOptions> = { ...PREPARE_KEYS, ...COMPARE_KEYS };

/**
 * Compares a forecaster with its baselines on markets that it never saw: HAR on the market's own rows, HAR and linear rules
 * pooled over the training markets, the best of them drawn towards the market's own rows by ridge, exponentially weighted
 * levels, the last value, zero, and its own networks pretrained, fine-tuned and unadapted.
 *
 * @param engine Where to adapt.
 * @param forecaster From `trainForecaster`.
 * @param markets Markets to forecast, at least one.
 * @param options The training pool, the range, and the history that each decision may know.
 * @returns Scores of every method on the same decisions.
 * @throws {DataError} No decision within the range has a label, or a bar length differs.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts ignore
 * const { scores } = await compareForecasts(engine, forecaster, [unseen], { pool: markets, from: testFrom });
 * for (const { name, mse, against } of scores) console.log(name, mse, against?.statistic);
 * ```
 */
export async function compareForecasts(
  engine: Engine,
  forecaster: Forecaster,
  markets: readonly Candles[],
  options: CompareForecastsOptions,
): Promise<ForecastComparison> {
  requireKnownKeys("Cannot compare forecasts", "options", options, KEYS);
  const { from = forecaster.trainedOn.trainedUntil, history } = options;
  const read = await openReader(forecaster, options);
  // Read before the methods are fitted, which takes long: what cannot be read is refused at once.
  const places = await layPlaces(read, markets, { ...options, from });
  const fitted = await fitOnPool(engine, forecaster, { read, options });
  return await judgePlaces(forecaster, fitted, { ...options, places, history });
}
