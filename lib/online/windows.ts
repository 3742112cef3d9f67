/**
 * The windows of an online learner at this moment: what it learns how to learn from, and what it forecasts from.
 * Both are scaled by their own training rows alone; a label is in them only once its horizon has passed.
 * @module
 */
import type { Samples } from "../engine/problem.ts";
import { applyScaler } from "../features/scaler.ts";
import { random } from "../net/random.ts";
import { cutTask, fitTaskScaler, type MarketTask, scaledSamples, type TaskScaler } from "../tasks/market_task.ts";
import type { OnlineConfig } from "./config.ts";
import { labelledRows, windowRows } from "./market.ts";
import type { OnlineState } from "./state.ts";

function clipped(samples: Samples, clip: number): Samples {
  if (clip === Infinity) return samples;
  const hold = (value: number): number => Math.min(clip, Math.max(-clip, value));
  return { ...samples, x: samples.x.map(hold), y: samples.y.map(hold) };
}

/**
 * The last full window of a market: training rows, a gap of the horizon, validation rows. Undefined until there are enough labels.
 *
 * @param state An online state.
 * @param market Index of the market.
 *
 * @example
 * ```ts
 * import { barsOf, metaGradient, mlp, observe, onlineConfig, onlineInit, simulateMarket } from "@adaptrade/adaptrade";
 * import { onlineWindow } from "@adaptrade/adaptrade/online";
 * import { assertEquals } from "@std/assert";
 *
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * let state = onlineInit(config, [candles]);
 * assertEquals(onlineWindow(state, 0), undefined);
 * for (const bar of barsOf(candles)) state = observe(state, bar);
 * assertEquals(onlineWindow(state, 0)!.support.rows, 10);
 * ```
 */
export function onlineWindow(state: OnlineState, market: number): MarketTask | undefined {
  const { config } = state;
  const rows = labelledRows(config, state.markets[market]);
  const start = rows.rows - windowRows(config);
  if (start < 0) return undefined;
  const { trainRows: supportRows, validationRows: queryRows, clip } = config;
  const task = cutTask(rows, start, { supportRows, queryRows });
  return { ...task, support: clipped(task.support, clip), query: clipped(task.query, clip) };
}

/** What a forecast is made from. */
export interface ForecastInput {
  /** Index of the market. */
  readonly market: number;
  /** The bar forecast from, ms UTC. */
  readonly time: number;
  /** The last labelled rows, scaled. */
  readonly support: Samples;
  /** Open time of each support bar, ms UTC, `[support.rows]`. */
  readonly supportTime: Float64Array;
  /** Scaled features of the bar, `[inputs]`. */
  readonly x: Float32Array;
  /** Scalers fitted on the support. */
  readonly scaler: TaskScaler;
}

/** The support and features of a market's last bar; undefined until enough labels are known or when that bar has no row. */
export function forecastInput(state: OnlineState, market: number): ForecastInput | undefined {
  const { config } = state;
  const known = labelledRows(config, state.markets[market]);
  const { rows, count } = state.markets[market];
  const last = rows[rows.length - 1];
  if (known.rows < config.trainRows || last?.bar !== count - 1) return undefined;
  const range = { start: known.rows - config.trainRows, end: known.rows };
  const scaler = fitTaskScaler(known, range.start, range.end);
  const hold = (value: number): number => Math.min(config.clip, Math.max(-config.clip, value));
  return {
    market,
    time: last.time,
    support: clipped(scaledSamples(known, scaler, range), config.clip),
    supportTime: known.time.slice(range.start, range.end),
    x: Float32Array.from(applyScaler(scaler.x, last.x), hold),
    scaler,
  };
}

/** The support with each row's weight the number of times that it was drawn, rows draws with replacement (Efron 1979). */
export function bootstrapped(
  config: OnlineConfig,
  support: Samples,
  draw: { readonly market: number; readonly bar: number; readonly member: number },
): Samples {
  const stream = random(config.seed).fork(2 * draw.bar).fork(draw.market).fork(draw.member);
  const weights = new Float32Array(support.rows);
  for (let i = 0; i < support.rows; i++) weights[stream.integer(support.rows)]++;
  return { ...support, weights };
}
