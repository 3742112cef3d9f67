/**
 * A forecaster beside everything that it must beat, on the same decisions: cheap methods fitted on the same pool, its own
 * pretrained start, its unadapted start. Everything is fitted before validation and chosen on it; the test is read once.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import type { Engine } from "../engine/engine.ts";
import { inTurns, type Steps } from "../event_loop.ts";
import type { FeatureFunction } from "../features/feature_matrix.ts";
import { metaInit } from "../meta/state.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { comparePooledLosses } from "../statistics/pooled_losses.ts";
import {
  type ForecastMethod,
  LAST_VALUE,
  levelMethod,
  ownRegression,
  type Place,
  pooledMean,
  pooledRule,
  ridgesToOwn,
  riskMetrics,
  ZERO,
} from "./baselines.ts";
import type { ScaledMarket } from "./decisions.ts";
import { averageMembers, decisionRows } from "./ensemble.ts";
import { averageRule, layDecisions, readMarket, readOthers, runMembers } from "./forecast.ts";
import type { Forecaster } from "./forecaster.ts";
import { relativeLabel } from "./market_table.ts";
import { fitRules, harColumns } from "./pool.ts";
import {
  type ForecastScore,
  qlikeLosses,
  type Scored,
  squaredErrors,
  standardQuantiles,
  valueAtRisk,
} from "./score.ts";
import { layValidation } from "./validation.ts";

/** What {@linkcode compareForecasts} takes. */
export interface CompareForecastsOptions {
  /** The markets that the forecaster was trained on, with their later bars: what cheap methods are fitted on and means are taken over. */
  readonly pool: readonly Candles[];
  /** First decision at or after this bar's open time, ms UTC (default: when training had seen its last label). */
  readonly from?: number;
  /** Decisions before this open time, ms UTC (default: to the end). */
  readonly to?: number;
  /** Bars between decisions (default 1). */
  readonly every?: number;
  /** Bars of history that each decision may know (default all). */
  readonly history?: number;
  /** Rows of its own that a market's own regression is fitted on (default the forecaster's support; Infinity: all known). */
  readonly ownRows?: number;
  /** The forecaster's features, where they are a function of one's own. */
  readonly features?: FeatureFunction;
  /** The forecaster's appended columns. */
  readonly extra?: FeatureFunction;
  /** Keep what each method said at every decision (default false): ten or more numbers a decision. */
  readonly keep?: boolean;
  /** Stops it. */
  readonly signal?: AbortSignal;
}

const KEYS: OptionKeys<CompareForecastsOptions> = {
  pool: true,
  from: true,
  to: true,
  every: true,
  history: true,
  ownRows: true,
  features: true,
  extra: true,
  keep: true,
  signal: true,
};

/** What every method said at the decisions whose label is known, market after market, each in order of time. */
export interface ComparedDecisions {
  /** Index of the market in the comparison's `markets`, `[rows]`. */
  readonly market: Int32Array;
  /** Open time of the bar at whose close each decision is made, ms UTC, `[rows]`. */
  readonly time: Float64Array;
  /** What came, in the target's unit, `[rows]`. */
  readonly label: Float64Array;
  /** What each method said, in the target's unit, in the order of the scores, `[methods][rows]`. */
  readonly values: readonly Float64Array[];
}

/** Names of the forecaster's own rows in a comparison. */
export const FORECASTER_ROWS = Object.freeze({
  adapted: "meta-learned",
  unadapted: "meta-learned, unadapted",
  pretrained: "pretrained, unadapted",
  tuned: "pretrained + fine-tuned",
});

/** A forecaster beside its baselines. */
export interface ForecastComparison {
  /** Markets that were forecast. */
  readonly markets: readonly string[];
  /** Bars ahead. */
  readonly horizon: number;
  /** Unit of the target. */
  readonly unit: string;
  /** First and last decision, ms UTC. */
  readonly from: number;
  /** Last decision, ms UTC. */
  readonly to: number;
  /** Decisions whose label is known, over all markets. */
  readonly rows: number;
  /** Bars of history that each decision knew; null for all. */
  readonly history: number | null;
  /** Scores: cheap methods, then networks, the forecaster last. */
  readonly scores: readonly ForecastScore[];
  /** Decisions at which adapting was held back. */
  readonly limited: number;
  /** Largest |adapted − unadapted| over all decisions, in the target's unit. */
  readonly largestMove: number;
  /** Every decision, where `keep` asked for them; else null. */
  readonly decisions: ComparedDecisions | null;
}

/** Validation decisions where histories are cut, which takes a row of features for each row of each support. */
const CUT_DECISIONS = 500;
const PENALTIES = [3, 10, 30, 100, 300, 1000];
const TUNING_RATES = [0.0003, 0.001, 0.003];

/** A method with what validation chose for it, on the test. */
interface Candidate {
  readonly name: string;
  readonly said: (place: Place) => Promise<Float64Array>;
}

/** What a method says of all places, as values beside what came; rows without a label or an anchor are left out. */
async function collect(places: readonly Place[], said: Candidate["said"]): Promise<Scored> {
  const [time, value, label, zero, returns]: number[][] = [[], [], [], [], []];
  for (const place of places) {
    const relative = await said(place);
    const { table, scale } = place.market;
    const { close } = table.candles;
    place.decisions.forEach(({ bar }, i) => {
      const anchor = place.rows.anchors[i];
      if (Number.isNaN(relativeLabel(table, scale, { bar, anchor }))) return;
      time.push(table.candles.time[bar]);
      value.push(scale.value(relative[i], anchor));
      label.push(table.labels[bar]);
      zero.push(scale.value(0, anchor));
      returns.push((close[bar + table.target.horizon] ?? NaN) / close[bar] - 1);
    });
  }
  const [a, b, c, d, e] = [time, value, label, zero, returns].map((list) => Float64Array.from(list));
  return { time: a, value: b, label: c, zero: d, returns: e };
}

function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of methods alike but for one setting, the one with the least squared error on validation. */
async function chooseOne(
  validation: readonly Place[],
  methods: readonly (ForecastMethod | Candidate)[],
  signal: AbortSignal | undefined,
): Promise<Candidate> {
  let best: { candidate: Candidate; loss: number } | undefined;
  for (const method of methods) {
    const candidate = asCandidate(method, signal);
    const loss = methods.length > 1 ? meanOf(squaredErrors(await collect(validation, candidate.said))) : 0;
    if (!best || loss < best.loss) best = { candidate, loss };
  }
  return best!.candidate;
}

function asCandidate(method: ForecastMethod | Candidate, signal: AbortSignal | undefined): Candidate {
  if ("said" in method) return method;
  return {
    name: method.name,
    async said(place) {
      const said = method.say(place);
      return said instanceof Float64Array ? said : await inTurns(said, signal);
    },
  };
}

/** The forecaster's networks as methods: as it forecasts, unadapted, and its pretrained start with and without tuning. */
function networkMethods(
  engine: Engine,
  forecaster: Forecaster,
  signal: AbortSignal | undefined,
): { tuned: Candidate[]; rest: Candidate[]; limited: (place: Place) => Promise<{ limited: number; move: number }> } {
  const { scaler, shrinkage, steps, trust } = forecaster;
  const finish = (said: number, rule: number): number =>
    scaler.labelMean + scaler.labelScale * (rule + shrinkage * (said - rule));
  const run = async (
    given: Forecaster,
    place: Place,
    how: { which: "state" | "pretrained"; steps: number; limit: number },
  ) => {
    const { market, decisions, rows } = place;
    const { outputs, weights } = await runMembers(engine, given, { market, decisions, rows, signal, ...how });
    const mean = averageMembers(outputs, how.limit, weights);
    return { ...mean, rule: averageRule(given, { rows, weights }) };
  };
  // One run gives both what the forecaster says and what it would have said unadapted: kept by place.
  const kept = new WeakMap<Place, ReturnType<typeof run>>();
  const own = (place: Place): ReturnType<typeof run> => {
    const found = kept.get(place) ?? run(forecaster, place, { which: "state", steps, limit: trust.limit });
    kept.set(place, found);
    return found;
  };
  const tunedAt = (lr: number): Candidate => {
    const given: Forecaster = {
      ...forecaster,
      members: forecaster.members.map((member) => {
        const { config, params } = member.pretrained;
        return { ...member, pretrained: metaInit({ ...config, inner: { ...config.inner, lr } }, { params }) };
      }),
    };
    return {
      name: FORECASTER_ROWS.tuned,
      said: async (place) => {
        const inner = given.members[0].pretrained.config.inner.steps;
        const { adapted, rule } = await run(given, place, { which: "pretrained", steps: inner, limit: Infinity });
        return adapted.map((said, i) => finish(said, rule[i]));
      },
    };
  };
  return {
    tuned: TUNING_RATES.map(tunedAt),
    rest: [
      {
        name: FORECASTER_ROWS.pretrained,
        said: async (place) => {
          const { unadapted, rule } = await run(forecaster, place, { which: "pretrained", steps: 0, limit: Infinity });
          return unadapted.map((said, i) => finish(said, rule[i]));
        },
      },
      {
        name: FORECASTER_ROWS.unadapted,
        said: async (place) => {
          const { unadapted, rule } = await own(place);
          return unadapted.map((said, i) => finish(said, rule[i]));
        },
      },
      {
        name: FORECASTER_ROWS.adapted,
        said: async (place) => {
          const { adapted, rule } = await own(place);
          return adapted.map((said, i) => finish(said, rule[i]));
        },
      },
    ],
    limited: async (place) => {
      const { limited, adapted, unadapted, rule } = await own(place);
      const { scale } = place.market;
      const value = (said: number, i: number): number => scale.value(finish(said, rule[i]), place.rows.anchors[i]);
      const moves = adapted.map((said, i) => Math.abs(value(said, i) - value(unadapted[i], i)));
      return {
        limited: limited.reduce((sum, flag) => sum + flag, 0),
        move: moves.reduce((most, move) => Math.max(most, move || 0), 0),
      };
    },
  };
}

/** The cheap methods, fitted on the pool's training time; a list of more than one is chosen from on validation. */
function* cheapMethods(
  forecaster: Forecaster,
  pool: readonly ScaledMarket[],
  run: { readonly validation: readonly Place[]; readonly history: number | undefined; readonly ownRows: number },
): Steps<ForecastMethod[][]> {
  const { target, own, columns, scaler, trainedOn, support } = forecaster;
  const { history, ownRows, validation } = run;
  const [{ table }] = pool;
  const range = (count: number): number[] => Array.from({ length: count }, (_, j) => j);
  const wide = columns.length > own;
  const methods: ForecastMethod[][] = [[ZERO]];
  const isVolatility = target.kind === "logVolatility";
  if (target.kind !== "return") {
    if (isVolatility && !forecaster.closeOnly) methods.push([riskMetrics(validation)]);
    methods.push([levelMethod("EWMA")], [LAST_VALUE], [pooledMean(validation)]);
  }
  const shape = { spacing: 1, rows: ownRows };
  if (table.risk) methods.push([ownRegression("HAR, own rows", { ...shape, columns: table.layout.har })]);
  const rules: [string, readonly number[]][] = [];
  if (table.risk) rules.push(["HAR, pooled", table.layout.har]);
  if (table.risk && wide) rules.push(["HAR, pooled + market-wide", harColumns({ markets: pool, own }, true)]);
  rules.push(["linear, pooled", range(own)]);
  if (wide) rules.push(["linear, pooled + market-wide", range(columns.length)]);
  const fitted = yield* fitRules({ markets: pool, scaler }, rules.map(([, chosen]) => chosen), {
    target,
    to: trainedOn.validationFrom,
    cutShare: 0,
    ...(history !== undefined && { history }),
  });
  fitted.forEach((rule, i) => methods.push([pooledRule(rules[i][0], rule)]));
  const all = fitted[fitted.length - 1];
  const name = `linear, pooled${wide ? " + market-wide" : ""}, ridge to own rows`;
  const ridge = { rows: support.rows, spacing: 1 };
  methods.push(ridgesToOwn(name, all, { ...ridge, penalties: PENALTIES }));
  return methods;
}

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
  const { pool, from = forecaster.trainedOn.trainedUntil, to = Infinity, every = 1, history, keep, signal } = options;
  const { ownRows = forecaster.support.rows } = options;
  const { target } = forecaster;
  const sums = await inTurns(readOthers(forecaster, pool, options), signal);
  const read = async (candles: Candles): Promise<ScaledMarket> =>
    (await inTurns(readMarket(forecaster, candles, { ...options, sums }), signal)).market;
  const trained: ScaledMarket[] = [];
  for (const candles of pool) trained.push(await read(candles));
  const { validationFrom, trainedUntil } = forecaster.trainedOn;
  const histories = {
    history: history ?? Infinity,
    ...(history !== undefined && { decisions: CUT_DECISIONS }),
  };
  const validation = layValidation(trained, { from: validationFrom, to: trainedUntil, ...histories }, target.horizon)
    .map(({ market, decisions }): Place => ({
      market,
      decisions,
      rows: decisionRows(market, decisions, market.cols),
    }));
  const places: Place[] = [];
  const range = { from, to, every, ...(history !== undefined && { history }) };
  for (const candles of markets) {
    const market = await read(candles);
    const decisions = layDecisions(market.table, range);
    places.push({ market, decisions, rows: decisionRows(market, decisions, market.cols) });
  }
  const networks = networkMethods(engine, forecaster, signal);
  const candidates: Candidate[] = [];
  for (const choices of await inTurns(cheapMethods(forecaster, trained, { validation, history, ownRows }), signal)) {
    signal?.throwIfAborted();
    candidates.push(await chooseOne(validation, choices, signal));
  }
  candidates.push(await chooseOne(validation, networks.tuned, signal), ...networks.rest);
  const names = markets.map(({ symbol }) => symbol);
  const scored: { name: string; test: Scored; deviation: number; quantiles: number[] }[] = [];
  for (const { name, said } of candidates) {
    signal?.throwIfAborted();
    const before = await collect(validation, said);
    scored.push({
      name,
      test: await collect(places, said),
      deviation: Math.sqrt(meanOf(squaredErrors(before))),
      quantiles: standardQuantiles(before),
    });
  }
  const own = scored[scored.length - 1];
  const rows = own.test.label.length;
  if (rows === 0) throw new DataError(`Cannot compare forecasts of ${names.join(", ")}: no decision has a label yet`);
  const overlap = Math.ceil(target.horizon / every);
  const isVolatility = target.kind === "logVolatility";
  let [limited, largestMove] = [0, 0];
  for (const place of places) {
    const found = await networks.limited(place);
    limited += found.limited;
    largestMove = Math.max(largestMove, found.move);
  }
  return {
    markets: names,
    horizon: target.horizon,
    unit: places[0].market.scale.unit,
    from: own.test.time.reduce((least, t) => Math.min(least, t), Infinity),
    to: own.test.time.reduce((most, t) => Math.max(most, t), -Infinity),
    rows,
    history: history ?? null,
    scores: scored.map(({ name, test, deviation, quantiles }): ForecastScore => {
      const errors = squaredErrors(test);
      const zero = squaredErrors({ ...test, value: test.zero });
      const qlike = isVolatility ? qlikeLosses(test, deviation) : null;
      const compare = (mine: Float64Array, other: Float64Array) =>
        name === own.name ? null : comparePooledLosses(test.time, mine, other, { overlap });
      return {
        name,
        rows,
        mse: meanOf(errors),
        qlike: qlike && meanOf(qlike),
        r2: 1 - meanOf(errors) / meanOf(zero),
        valueAtRisk: isVolatility ? valueAtRisk(test, quantiles) : [],
        against: compare(squaredErrors(own.test), errors),
        againstQlike: qlike && compare(qlikeLosses(own.test, own.deviation), qlike),
      };
    }),
    limited,
    largestMove,
    decisions: keep ? { ...decisionsOf(places, own.test), values: scored.map(({ test }) => test.value) } : null,
  };
}

/** Which market and when each row of what was collected is, and what came. */
function decisionsOf(
  places: readonly Place[],
  { time, label }: Scored,
): Pick<ComparedDecisions, "market" | "time" | "label"> {
  const market = places.flatMap(({ market: { table, scale }, decisions, rows }, place) =>
    decisions.flatMap(({ bar }, i) =>
      Number.isNaN(relativeLabel(table, scale, { bar, anchor: rows.anchors[i] })) ? [] : [place]
    )
  );
  return { market: Int32Array.from(market), time, label };
}
