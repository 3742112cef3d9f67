/**
 * The cheap ways to forecast that a forecaster must beat, as values in one list: each says, of every decision, what the label
 * relative to its anchor will be. They are fitted on the training pool's labels alone; what is chosen is chosen on
 * validation. They know no network.
 * @module
 */
import type { Steps } from "../event_loop.ts";
import { LEVEL_DECAY } from "../features/risk_features.ts";
import { type DecisionAt, decisionRow, type LinearRule, ruleValue, type ScaledMarket } from "./decisions.ts";
import type { DecisionRows } from "./ensemble.ts";
import { historyStart, relativeLabel } from "./market_table.ts";
import { addRow, type Coefficients, linearValue, openSums, regress, type RegressionSums } from "./least_squares.ts";
import { scaleLabel } from "./pool_scaler.ts";

/** Decisions on one market. */
export interface Place {
  /** The market. */
  readonly market: ScaledMarket;
  /** When, and with which history. */
  readonly decisions: readonly DecisionAt[];
  /** Rows over all columns, and anchors. */
  readonly rows: DecisionRows;
}

/** A way to forecast: what the label relative to its anchor will be, `[decisions]`. */
export interface ForecastMethod {
  /** Its name, as tables print it. */
  readonly name: string;
  /** Says it of every decision of a place; in steps where that takes long. */
  say(place: Place): Float64Array | Steps<Float64Array>;
}

/** Labelled rows below which a market's own mean stands in for a regression on them. */
const LEAST_ROWS = 10;

/** 0 relative to the anchor: the last level for volatility and volume, no move for returns. */
export const ZERO: ForecastMethod = { name: "zero", say: ({ decisions }) => new Float64Array(decisions.length) };

/** The anchor with the pool's mean: an exponentially weighted level (RiskMetrics 1996), its bias taken out. */
export function levelMethod(name: string): ForecastMethod {
  return {
    name,
    say: ({ market, decisions }) => new Float64Array(decisions.length).fill(market.scaler.labelMean),
  };
}

/**
 * The mean label over the training markets, whatever the anchor says: what no forecast of a constant can beat.
 *
 * @param places Where the mean is taken: the training pool's decisions.
 */
export function pooledMean(places: readonly Place[]): ForecastMethod {
  const labels = places.flatMap(({ market: { table }, decisions }) => decisions.map(({ bar }) => table.labels[bar]));
  const known = labels.filter((label) => !Number.isNaN(label));
  const mean = known.reduce((sum, label) => sum + label, 0) / known.length;
  return {
    name: "pooled mean",
    say: ({ market: { scale }, rows }) => rows.anchors.map((anchor) => scale.relative(mean, anchor)),
  };
}

/** The last label known at the decision. */
export const LAST_VALUE: ForecastMethod = {
  name: "last value",
  say({ market, decisions, rows }) {
    const { table, scale, scaler } = market;
    const { horizon } = table.target;
    return rows.anchors.map((anchor, i) => {
      const { bar, start } = decisions[i];
      const last = bar - horizon >= start ? relativeLabel(table, scale, bar - horizon, anchor) : NaN;
      return Number.isNaN(last) ? scaler.labelMean : last;
    });
  },
};

/** ln σ of squared close-to-close returns, exponentially weighted over a history. */
function closeLevel({ table }: ScaledMarket, { start, bar }: DecisionAt): number {
  const { logReturn } = table.series.bars;
  let [level, weights, weight] = [0, 0, 1];
  const first = Math.max(start + 1, bar - table.layout.lookback + 1);
  for (let i = bar; i >= first; i--) {
    level += weight * logReturn[i] ** 2;
    weights += weight;
    weight *= LEVEL_DECAY;
  }
  return level > 0 ? 0.5 * Math.log(level / weights) : NaN;
}

/**
 * RiskMetrics' forecast of log volatility: exponentially weighted squared returns, with the bias that it had on the pool.
 *
 * @param places Where the bias is taken: the training pool's decisions.
 */
export function riskMetrics(places: readonly Place[]): ForecastMethod {
  let [sum, count] = [0, 0];
  const relative = ({ market }: Place, at: DecisionAt, anchor: number): number => closeLevel(market, at) - anchor;
  for (const place of places) {
    place.decisions.forEach((at, i) => {
      const bias = place.market.table.labels[at.bar] - place.rows.anchors[i] -
        relative(place, at, place.rows.anchors[i]);
      if (!Number.isFinite(bias)) return;
      sum += bias;
      count++;
    });
  }
  const bias = count > 0 ? sum / count : 0;
  return {
    name: "RiskMetrics",
    say: (place) =>
      place.rows.anchors.map((anchor, i) => {
        const said = relative(place, place.decisions[i], anchor) + bias;
        return Number.isFinite(said) ? said : place.market.scaler.labelMean;
      }),
  };
}

/** A linear rule fitted on the pool. */
export function pooledRule(name: string, rule: LinearRule): ForecastMethod {
  return {
    name,
    say: ({ market: { scaler, cols }, decisions, rows }) =>
      Float64Array.from(
        decisions,
        (_, i) => scaler.labelMean + scaler.labelScale * ruleValue(rule, rows.x, i * cols),
      ),
  };
}

/** Rows of some columns, with labels in deviations, that a market knows at a decision; one row a bar, newest first. */
function* ownRows(
  market: ScaledMarket,
  at: DecisionAt,
  options: { readonly columns: readonly number[]; readonly rows: number; readonly spacing: number },
): Generator<{ x: Float64Array; label: number }> {
  const { cols, table, scaler, scale } = market;
  const full = new Float32Array(cols);
  const x = new Float64Array(options.columns.length);
  let left = options.rows;
  for (let bar = at.bar - table.target.horizon; bar >= at.start && left > 0; bar -= options.spacing) {
    const anchor = decisionRow(market, { start: at.start, bar }, { values: full, offset: 0, cols });
    const label = relativeLabel(table, scale, bar, anchor);
    if (Number.isNaN(label)) continue;
    options.columns.forEach((column, j) => x[j] = full[column]);
    left--;
    yield { x, label: scaleLabel(scaler, label) };
  }
}

function sumsOf(
  market: ScaledMarket,
  at: DecisionAt,
  options: { readonly columns: readonly number[]; readonly rows: number; readonly spacing: number },
): RegressionSums {
  const sums = openSums(options.columns.length);
  for (const { x, label } of ownRows(market, at, options)) addRow(sums, x, 0, label);
  return sums;
}

/** Sums at each decision of a place; those of whole histories and all rows are carried from one decision to the next. */
function* sumsAlong(
  place: Place,
  options: { readonly columns: readonly number[]; readonly rows: number; readonly spacing: number },
): Generator<RegressionSums> {
  const { market, decisions } = place;
  const whole = options.rows === Infinity &&
    decisions.every(({ start, bar }) => start === historyStart(market.table, bar));
  if (!whole) {
    for (const at of decisions) yield sumsOf(market, at, options);
    return;
  }
  const { horizon } = market.table.target;
  let sums = openSums(options.columns.length);
  let [begun, next] = [0, 0];
  for (const { bar, start } of decisions) {
    if (start !== begun) {
      [begun, next] = [start, start];
      sums = openSums(options.columns.length);
    }
    for (; next <= bar - horizon; next++) {
      const at = { start, bar: next + horizon };
      for (const { x, label } of ownRows(market, at, { ...options, rows: 1, spacing: Infinity })) {
        // The row may be older than the one asked for where that has no label: it was added before.
        if (Number.isNaN(market.table.labels[next]) || Number.isNaN(market.table.anchors[next])) continue;
        addRow(sums, x, 0, label);
      }
    }
    yield sums;
  }
}

/** A regression on what the market itself has shown: least squares on its last rows, its own mean where they are few. */
export function ownRegression(
  name: string,
  options: { readonly columns: readonly number[]; readonly rows: number; readonly spacing: number },
): ForecastMethod {
  return {
    name,
    *say(place) {
      const { market: { scaler, cols }, rows } = place;
      const said = new Float64Array(place.decisions.length);
      const x = new Float64Array(options.columns.length);
      let i = 0;
      for (const sums of sumsAlong(place, options)) {
        options.columns.forEach((column, j) => x[j] = rows.x[i * cols + column]);
        const mean = sums.rows > 0 ? sums.moment[0] / sums.rows : 0;
        const scaled = sums.rows >= LEAST_ROWS ? linearValue(regress(sums), x, 0) : mean;
        said[i++] = scaler.labelMean + scaler.labelScale * scaled;
        yield;
      }
      return said;
    },
  };
}

/** Places of at most this many decisions keep their sums while penalties are tried. */
const KEPT_DECISIONS = 2000;

/**
 * A pooled rule drawn towards the market's own rows: ridge regression whose prior is the rule, one method a penalty. What they
 * share, the sums over own rows, is taken once for the places that penalties are tried on.
 */
export function ridgesToOwn(
  name: string,
  prior: LinearRule,
  options: { readonly penalties: readonly number[]; readonly rows: number; readonly spacing: number },
): ForecastMethod[] {
  const { columns } = prior;
  const shape = { rows: options.rows, spacing: options.spacing, columns };
  const kept = new WeakMap<Place, (RegressionSums | undefined)[]>();
  const sumsAt = (place: Place, i: number): RegressionSums => {
    const { market, decisions } = place;
    if (decisions.length > KEPT_DECISIONS) return sumsOf(market, decisions[i], shape);
    const all = kept.get(place) ?? [];
    kept.set(place, all);
    return all[i] ??= sumsOf(market, decisions[i], shape);
  };
  return options.penalties.map((penalty) => ({
    name,
    *say(place) {
      const { market: { scaler, cols }, decisions, rows } = place;
      const said = new Float64Array(decisions.length);
      const x = new Float64Array(columns.length);
      for (let i = 0; i < said.length; i++) {
        const sums = sumsAt(place, i);
        const beta: Coefficients = sums.rows === 0 ? prior.beta : regress(sums, { penalty, prior: prior.beta });
        columns.forEach((column, j) => x[j] = rows.x[i * cols + column]);
        said[i] = scaler.labelMean + scaler.labelScale * linearValue(beta, x, 0);
        yield;
      }
      return said;
    },
  }));
}
