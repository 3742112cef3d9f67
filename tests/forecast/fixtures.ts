/** Small simulated pools and a forecaster trained in a second or two, shared by the tests of forecasts. */
import type { TrainForecasterOptions } from "../../lib/forecast/mod.ts";
import { type Candles, openEngine, simulateMarket, trainForecaster } from "../../mod.ts";
import type { Engine, Forecaster } from "../../mod.ts";

/** Markets whose volatility moves: GARCH with different seeds, or a constant one. */
export function simulatedPool(
  count: number,
  options: { bars?: number; seed?: number; constant?: boolean } = {},
): Candles[] {
  const { bars = 1500, seed = 1, constant = false } = options;
  return Array.from({ length: count }, (_, i) =>
    simulateMarket({
      bars,
      seed: 100 * seed + i,
      symbol: `SIM${i}`,
      ...(!constant && { garch: { alpha: 0.12, beta: 0.85 } }),
    }).candles);
}

/** Bars `from` to `to` of a market, as arrays of their own. */
export function sliceBars(candles: Candles, from: number, to = Infinity): Candles {
  const cut = (values: Float64Array): Float64Array => values.slice(from, Math.min(to, values.length));
  const { time, open, high, low, close, volume } = candles;
  return {
    ...candles,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}

/** Settings under which a training ends in about a second. */
export const QUICK = { seeds: 2, hidden: [8], pretrain: { steps: 150 }, meta: { steps: 60 }, tasks: 8 } as const;

/** Trains quickly on the CPU. */
export function quickForecaster(
  engine: Engine,
  markets: readonly Candles[],
  options: Partial<TrainForecasterOptions> = {},
): Promise<Forecaster> {
  return trainForecaster(engine, markets, { target: { kind: "logVolatility", horizon: 1 }, ...QUICK, ...options });
}

let shared: Promise<{ engine: Engine; pool: Candles[]; forecaster: Forecaster }> | undefined;

/** One forecaster for all tests that only read it: four GARCH markets, tested from bar 1,200 on. */
export function sharedForecaster(): Promise<{ engine: Engine; pool: Candles[]; forecaster: Forecaster }> {
  shared ??= (async () => {
    const engine = await openEngine({ backend: "cpu", threads: 1 });
    const pool = simulatedPool(4);
    const forecaster = await quickForecaster(engine, pool, { testFrom: pool[0].time[1200] });
    return { engine, pool, forecaster };
  })();
  return shared;
}
