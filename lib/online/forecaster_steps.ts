/**
 * A forecaster's step from bar to bar: one more bar joins and judges the forecast that it completes; then every market is forecast
 * from its last bar, by the very functions that forecast a history. It learns nothing.
 * @module
 */
import { type Bar, candlesOf } from "../data/bar.ts";
import { inTurns } from "../event_loop.ts";
import type { Engine } from "../engine/engine.ts";
import { riskSeries } from "../features/risk_features.ts";
import { forecastDecisions, layDecisions, readMarket, readOthers } from "../forecast/forecast.ts";
import { targetScale, targetSeries } from "../forecast/target.ts";
import type { OnlinePrediction } from "./forecast.ts";
import type { OnlineForecaster, OnlineForecasterConfig } from "./forecaster_state.ts";
import type { OnlineMarket, OnlineRow } from "./market.ts";
import { requireBar } from "./require_bar.ts";
import { errorDeviation, forecastIntervals, scored } from "./score.ts";

const NO_FEATURES = new Float64Array(0);

/** What came true of the target over the last `horizon` bars, in the target's unit; NaN where it is not defined. */
function lastLabel(
  { forecaster, horizon }: OnlineForecasterConfig,
  market: OnlineMarket,
  bars: readonly Bar[],
): number {
  const { target, closeOnly } = forecaster;
  const { labels } = targetSeries(target, riskSeries(candlesOf(market, bars), { closeOnly }));
  return labels[bars.length - 1 - horizon];
}

/** The market after one more bar: the forecast whose label it completes is judged. */
export function followBar(config: OnlineForecasterConfig, market: OnlineMarket, bar: Bar): OnlineMarket {
  requireBar(market.symbol, bar, market.bars[market.bars.length - 1]);
  const bars = Object.freeze([...market.bars.slice(-(config.history - 1)), Object.freeze({ ...bar })]);
  let { score } = market;
  const due = market.rows.find((row) => row.bar + config.horizon === market.count);
  if (due?.forecast) score = scored(score, due.forecast, lastLabel(config, market, bars));
  const row: OnlineRow = Object.freeze({
    bar: market.count,
    time: bar.time,
    close: bar.close,
    x: NO_FEATURES,
    label: NaN,
    knownAt: NaN,
  });
  const rows = Object.freeze([...market.rows.filter((one) => one !== due), row]);
  return Object.freeze({ ...market, count: market.count + 1, bars, rows, score });
}

/** Forecasts every market from its last bar; the state returned remembers the forecasts, to be judged. */
export async function forecastMarkets(
  engine: Engine,
  state: OnlineForecaster,
): Promise<{ state: OnlineForecaster; predictions: readonly OnlinePrediction[] }> {
  const { forecaster, ...functions } = state.config;
  const histories = state.markets.map((market) => candlesOf(market, market.bars));
  const others = histories.filter(({ time }) => time.length > 0);
  const sums = await inTurns(readOthers(forecaster, others, functions), undefined);
  const scale = targetScale(forecaster.target);
  const { residual, scaler } = forecaster;
  const predictions: OnlinePrediction[] = [];
  let { withheld } = state;
  const markets: OnlineMarket[] = [];
  for (const [i, market] of state.markets.entries()) {
    const { updated, count, symbol, score } = market;
    const seen = Object.freeze({ ...market, updated: count });
    markets.push(seen);
    if (count === 0) continue;
    const read = await inTurns(readMarket(forecaster, histories[i], { sums, ...functions }), undefined);
    const { time: times } = histories[i];
    const time = times[times.length - 1];
    const decisions = layDecisions(read.table, { from: time });
    if (decisions.length === 0) continue;
    const said = await forecastDecisions(engine, forecaster, { read, decisions });
    const [value, anchor, spread] = [said.value[0], said.anchor[0], said.spread[0]];
    const away = (deviations: number): number =>
      Math.abs(scale.value(scale.relative(value, anchor) + deviations, anchor) - value);
    const unit = errorDeviation(score, spread, away(residual.deviation));
    if (!Number.isFinite(value) || !Number.isFinite(unit)) {
      if (count > updated) withheld++;
      continue;
    }
    const members = NO_FEATURES;
    const { radii, deviation } = forecastIntervals(score, unit);
    const limited = said.limited[0] === 1;
    predictions.push(Object.freeze({ symbol, time, value, spread, deviation, members, limited }));
    const forecast = Object.freeze({ value, spread, unit, radii, scale: away(scaler.labelScale) });
    const rows = Object.freeze(seen.rows.with(-1, Object.freeze({ ...seen.rows[seen.rows.length - 1], forecast })));
    markets[i] = Object.freeze({ ...seen, rows });
  }
  return {
    state: Object.freeze({ ...state, markets: Object.freeze(markets), withheld }),
    predictions: Object.freeze(predictions),
  };
}
