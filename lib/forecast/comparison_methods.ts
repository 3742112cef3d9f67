/**
 * What a forecaster is compared with, as one list: cheap methods fitted on the pool before validation, and its own networks
 * pretrained, fine-tuned and unadapted. Settings are chosen on validation. It reads no test.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import { inTurns, type Steps } from "../event_loop.ts";
import { metaInit } from "../meta/state.ts";
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
import { averageMembers } from "./ensemble.ts";
import { averageRule, runMembers } from "./forecast.ts";
import type { Forecaster } from "./forecaster.ts";
import { relativeLabel } from "./market_table.ts";
import { fitRules, harColumns } from "./pool.ts";
import { type Scored, squaredErrors, standardQuantiles } from "./score.ts";

/** Names of the forecaster's own rows in a comparison. */
export const FORECASTER_ROWS = Object.freeze({
  adapted: "meta-learned",
  unadapted: "meta-learned, unadapted",
  pretrained: "pretrained, unadapted",
  tuned: "pretrained + fine-tuned",
});

/** A method with what validation chose for it. */
export interface Candidate {
  /** Its name, as tables print it. */
  readonly name: string;
  /** What the label relative to its anchor will be, `[decisions]`. */
  said(place: Place, signal: AbortSignal | undefined): Promise<Float64Array>;
}

/** A method, and how its errors spread on validation. */
export interface FittedMethod extends Candidate {
  /** Deviation of its errors, in the target's unit. */
  readonly deviation: number;
  /** Quantiles of returns over its volatility, one a risk level. */
  readonly quantiles: readonly number[];
}

/** Everything that is compared. */
export interface FittedMethods {
  /** Cheap methods, then networks, the forecaster last. */
  readonly methods: readonly FittedMethod[];
  /** At how many decisions adapting was held back, and the largest move that it made, in the target's unit. */
  limited(place: Place, signal: AbortSignal | undefined): Promise<{ readonly limited: number; readonly move: number }>;
}

/** What methods are fitted and chosen on. */
export interface MethodsRun {
  /** The training markets. */
  readonly pool: readonly ScaledMarket[];
  /** Their decisions between fitting and test. */
  readonly validation: readonly Place[];
  /** Bars of history that each decision may know; all, where undefined. */
  readonly history: number | undefined;
  /** Rows of its own that a market's own regression is fitted on. */
  readonly ownRows: number;
  /** Stops it. */
  readonly signal: AbortSignal | undefined;
}

const PENALTIES = [3, 10, 30, 100, 300, 1000];
const TUNING_RATES = [0.0003, 0.001, 0.003];

/** What a method says of all places, as values beside what came; rows without a label or an anchor are left out. */
export async function collect(
  places: readonly Place[],
  method: Candidate,
  signal: AbortSignal | undefined,
): Promise<Scored> {
  const [time, value, label, zero, returns]: number[][] = [[], [], [], [], []];
  for (const place of places) {
    const relative = await method.said(place, signal);
    const { table, scale } = place.market;
    const { close } = table.candles;
    place.decisions.forEach(({ bar }, i) => {
      const anchor = place.rows.anchors[i];
      if (Number.isNaN(relativeLabel(table, scale, bar, anchor))) return;
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

/** The mean; NaN of nothing. */
export function meanOf(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Of methods alike but for one setting, the one with the least squared error on validation, with how its errors spread there. */
async function fitOne(
  choices: readonly Candidate[],
  { validation, signal }: Pick<MethodsRun, "validation" | "signal">,
): Promise<FittedMethod> {
  let best: { candidate: Candidate; before: Scored; errors: number } | undefined;
  for (const candidate of choices) {
    signal?.throwIfAborted();
    const before = await collect(validation, candidate, signal);
    const errors = meanOf(squaredErrors(before));
    if (!best || errors < best.errors) best = { candidate, before, errors };
  }
  const { candidate, before, errors } = best!;
  return { ...candidate, deviation: Math.sqrt(errors), quantiles: standardQuantiles(before) };
}

function asCandidate(method: ForecastMethod): Candidate {
  return {
    name: method.name,
    async said(place, signal) {
      const said = method.say(place);
      return said instanceof Float64Array ? said : await inTurns(said, signal);
    },
  };
}

/** The forecaster's networks as methods: as it forecasts, unadapted, and its pretrained start with and without tuning. */
function networkMethods(
  engine: Engine,
  forecaster: Forecaster,
): { tuned: Candidate[]; rest: Candidate[]; limited: FittedMethods["limited"] } {
  const { scaler, shrinkage, steps, trust } = forecaster;
  const finish = (said: number, rule: number): number =>
    scaler.labelMean + scaler.labelScale * (rule + shrinkage * (said - rule));
  const run = async (
    given: Forecaster,
    place: Place,
    how: { which: "state" | "pretrained"; steps: number; limit: number; signal: AbortSignal | undefined },
  ) => {
    const { market, decisions, rows } = place;
    const { outputs, weights } = await runMembers(engine, given, { market, decisions, rows, ...how });
    const mean = averageMembers(outputs, how.limit, weights);
    return { ...mean, rule: averageRule(given, { rows, weights }) };
  };
  // One run gives both what the forecaster says and what it would have said unadapted: kept by place.
  const kept = new WeakMap<Place, ReturnType<typeof run>>();
  const own = (place: Place, signal: AbortSignal | undefined): ReturnType<typeof run> => {
    const found = kept.get(place) ?? run(forecaster, place, { which: "state", steps, limit: trust.limit, signal });
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
      said: async (place, signal) => {
        const inner = given.members[0].pretrained.config.inner.steps;
        const how = { which: "pretrained", steps: inner, limit: Infinity, signal } as const;
        const { adapted, rule } = await run(given, place, how);
        return adapted.map((said, i) => finish(said, rule[i]));
      },
    };
  };
  return {
    tuned: TUNING_RATES.map(tunedAt),
    rest: [
      {
        name: FORECASTER_ROWS.pretrained,
        said: async (place, signal) => {
          const how = { which: "pretrained", steps: 0, limit: Infinity, signal } as const;
          const { unadapted, rule } = await run(forecaster, place, how);
          return unadapted.map((said, i) => finish(said, rule[i]));
        },
      },
      {
        name: FORECASTER_ROWS.unadapted,
        said: async (place, signal) => {
          const { unadapted, rule } = await own(place, signal);
          return unadapted.map((said, i) => finish(said, rule[i]));
        },
      },
      {
        name: FORECASTER_ROWS.adapted,
        said: async (place, signal) => {
          const { adapted, rule } = await own(place, signal);
          return adapted.map((said, i) => finish(said, rule[i]));
        },
      },
    ],
    limited: async (place, signal) => {
      const { limited, adapted, unadapted, rule } = await own(place, signal);
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
  { pool, validation, history, ownRows }: Omit<MethodsRun, "signal">,
): Steps<ForecastMethod[][]> {
  const { target, own, columns, scaler, trainedOn, support } = forecaster;
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
 * Fits everything that a forecaster is compared with: all that takes long and depends on the pool alone.
 *
 * @param engine Where to adapt.
 * @param forecaster The forecaster.
 * @param run What to fit and choose on.
 */
export async function fitMethods(engine: Engine, forecaster: Forecaster, run: MethodsRun): Promise<FittedMethods> {
  const { tuned, rest, limited } = networkMethods(engine, forecaster);
  const methods: FittedMethod[] = [];
  for (const choices of await inTurns(cheapMethods(forecaster, run), run.signal)) {
    methods.push(await fitOne(choices.map(asCandidate), run));
  }
  for (const choices of [tuned, ...rest.map((one) => [one])]) methods.push(await fitOne(choices, run));
  return { methods, limited };
}
