/**
 * The forecasts of an online learner at this moment: adapt to each market's last labels, alone or as a bootstrapped ensemble, and
 * predict from its last bar. It learns nothing; it notes each forecast on its row, to be judged when the label is known.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { adaptedForecasts } from "../meta/predict.ts";
import type { OnlineMarket } from "./market.ts";
import { errorDeviation, forecastIntervals, type PendingForecast } from "./score.ts";
import { onlineLearner, type OnlineState, startOf } from "./state.ts";
import { lowerRates } from "./timescales.ts";
import { bootstrapped, type ForecastInput, forecastInput } from "./windows.ts";

/** A forecast of one market's next return, or of what else a forecaster forecasts, in its unit. */
export interface OnlinePrediction {
  /** Market name. */
  readonly symbol: string;
  /** Open time of the bar at whose close it is made, ms UTC. */
  readonly time: number;
  /** Forecast return over the horizon, as a fraction (the ensemble's mean, if there is one). */
  readonly value: number;
  /** Sample deviation of the ensemble's forecasts, as a fraction; null without an ensemble. */
  readonly spread: number | null;
  /**
   * Standard deviation of a normal error whose 80% interval were the adaptive one, as a fraction: what sizes and bands go by. Infinity
   * where so many labels fell outside that the interval covers everything.
   */
  readonly deviation: number;
  /** Each bootstrapped model's forecast, as fractions, diverged ones left out; empty without an ensemble. */
  readonly members: Float64Array;
  /** Whether a forecaster held its adaptation back; absent without one. */
  readonly limited?: boolean;
}

/**
 * Forecasts every market that can be forecast; the state returned remembers the forecasts. Where an inner loop has diverged the
 * forecast is withheld, and the rates are lowered, once for a bar (`due` tells which markets have a new one).
 */
export async function forecastAll(
  engine: Engine,
  state: OnlineState,
  due: readonly boolean[],
): Promise<{ state: OnlineState; predictions: readonly OnlinePrediction[] }> {
  const inputs = state.markets.flatMap((_, market) => forecastInput(state, market) ?? []);
  const outputs = await modelOutputs(engine, state, inputs);
  const predictions: OnlinePrediction[] = [];
  let diverged = 0;
  const markets = [...state.markets];
  inputs.forEach((input, i) => {
    const market = markets[input.market];
    const sane = outputs[i].filter((output) => Math.abs(output) <= state.config.clip && Number.isFinite(output));
    const made = 2 * sane.length > outputs[i].length ? prediction(market, input, sane) : undefined;
    if (!made) {
      if (due[input.market]) diverged++;
      return;
    }
    predictions.push(made.prediction);
    const { forecast } = made;
    const rows = market.rows.with(-1, Object.freeze({ ...market.rows[market.rows.length - 1], forecast }));
    markets[input.market] = Object.freeze({ ...market, rows: Object.freeze(rows) });
  });
  const next: OnlineState = Object.freeze({
    ...state,
    markets: Object.freeze(markets),
    rates: diverged > 0 ? lowerRates(state.config, state.rates) : state.rates,
    withheld: state.withheld + diverged,
  });
  return { state: next, predictions: Object.freeze(predictions) };
}

/** Each input's outputs: the plain model alone, or every bootstrapped one. One engine call a start. */
async function modelOutputs(
  engine: Engine,
  state: OnlineState,
  inputs: readonly ForecastInput[],
): Promise<number[][]> {
  const { config } = state;
  const count = Math.max(1, config.members);
  const outputs: number[][] = inputs.map(() => []);
  for (const start of new Set(inputs.map(({ market }) => startOf(state, market)))) {
    const own = inputs.flatMap((input, i) => startOf(state, input.market) === start ? [{ input, i }] : []);
    const pairs = own.flatMap(({ input: { support, x, market } }) =>
      Array.from({ length: count }, (_, member) => {
        const draw = { market, bar: state.markets[market].count, member };
        return { support: config.members > 0 ? bootstrapped(config, support, draw) : support, x };
      })
    );
    const learner = onlineLearner(state, state.markets[start].symbol);
    const found = await adaptedForecasts(engine, learner, pairs);
    own.forEach(({ i }, at) => outputs[i] = found.slice(at * count, (at + 1) * count).map(([value]) => value));
  }
  return outputs;
}

function prediction(
  market: OnlineMarket,
  { time, scaler: { y: { mean, scale } } }: ForecastInput,
  outputs: readonly number[],
): { readonly prediction: OnlinePrediction; readonly forecast: PendingForecast } | undefined {
  const returns = Float64Array.from(outputs, (output) => output * scale[0] + mean[0]);
  const value = returns.reduce((sum, one) => sum + one, 0) / returns.length;
  const squares = returns.reduce((sum, one) => sum + (one - value) ** 2, 0);
  const spread = returns.length > 1 ? Math.sqrt(squares / (returns.length - 1)) : null;
  const unit = errorDeviation(market.score, spread ?? 0, scale[0]);
  if (!Number.isFinite(value) || !Number.isFinite(unit)) return undefined;
  const { radii, deviation } = forecastIntervals(market.score, unit);
  const members = returns.length > 1 ? returns : new Float64Array(0);
  return {
    prediction: Object.freeze({ symbol: market.symbol, time, value, spread, deviation, members }),
    forecast: Object.freeze({ value, spread: spread ?? 0, unit, radii, scale: scale[0] }),
  };
}
