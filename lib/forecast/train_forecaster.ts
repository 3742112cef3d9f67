/**
 * Trains a forecaster over many markets: scales and linear rule of the pool, an ensemble of networks learned through their
 * adaptation, and what is chosen on validation: inner steps, trust region, shrinkage. Nothing reads a label of the test.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { inTurns } from "../event_loop.ts";
import type { Engine } from "../engine/engine.ts";
import { bisectLeft } from "../features/bisect.ts";
import { averageMembers, type MemberOutputs } from "./ensemble.ts";
import {
  BAND_LEVELS,
  deepFreeze,
  type Forecaster,
  type ForecastMember,
  learnedSteps,
  unadaptedState,
} from "./forecaster.ts";
import { openPool, type PoolOptions } from "./pool.ts";
import { fitShrinkage } from "./shrinkage.ts";
import { chooseSkips } from "./skip_rules.ts";
import { trainMember } from "./train_member.ts";
import { type ResolvedTraining, resolveTraining, type TrainForecasterOptions } from "./train_options.ts";
import {
  decisionTimes,
  layValidation,
  meanSquaredError,
  readValidation,
  runValidation,
  validationLabels,
  type ValidationPart,
} from "./validation.ts";

/** Independent labels in a support below which a note says so. */
const FEW_LABELS = 10;

interface Chosen {
  readonly steps: number;
  readonly limit: number;
  readonly shrinkage: number;
  readonly residual: Forecaster["residual"];
  readonly validation: Forecaster["validation"];
}

/** The value below which a share of ascending numbers lie, between neighbours by linear interpolation. */
function quantile(ascending: Float64Array, share: number): number {
  const at = share * (ascending.length - 1);
  const low = Math.floor(at);
  const high = Math.min(ascending.length - 1, low + 1);
  return ascending[low] + (at - low) * (ascending[high] - ascending[low]);
}

/** Root of mean squared returns over the variance expected of them: forecasts of log volatility, scaled by the pool. */
function closeScale(parts: readonly ValidationPart[], forecasts: Float64Array, deviation: number): number {
  let [sum, count, at] = [0, 0, 0];
  for (const { market: { table, scaler, scale }, decisions, anchors } of parts) {
    const { close } = table.candles;
    const { horizon } = table.target;
    decisions.forEach(({ bar }, i) => {
      const value = scale.value(scaler.labelMean + scaler.labelScale * forecasts[at++], anchors[i]);
      sum += Math.log(close[bar + horizon] / close[bar]) ** 2 / (horizon * Math.exp(2 * (value + deviation ** 2)));
      count++;
    });
  }
  return Math.sqrt(sum / count);
}

/** Chooses inner steps, trust region and shrinkage on the validation decisions. */
function choose(
  plan: ResolvedTraining,
  run: {
    readonly outputs: readonly MemberOutputs[];
    /** Inner steps that they were run with. */
    readonly steps: number;
    readonly rules: Float64Array;
    readonly parts: readonly ValidationPart[];
    readonly labelScale: number;
  },
): Chosen {
  const { outputs, steps, rules, parts, labelScale } = run;
  const labels = validationLabels(parts);
  const moves = outputs.flatMap(({ adapted, unadapted }) =>
    Array.from(adapted, (value, i) => Math.abs(value - unadapted[i])).filter((move) => move > 0)
  );
  const limit = plan.trust === 1 || moves.length === 0
    ? Infinity
    : quantile(Float64Array.from(moves).sort(), plan.trust);
  const { unadapted, adapted } = averageMembers(outputs, limit);
  const losses = { unadapted: meanSquaredError(unadapted, labels), adapted: meanSquaredError(adapted, labels) };
  const adapting = losses.adapted < losses.unadapted;
  const best = adapting ? adapted : unadapted;
  const { time, overlap } = decisionTimes(parts, plan.target.horizon);
  const added = best.map((value, i) => value - rules[i]);
  const shrinkage = fitShrinkage({ time, added, rest: labels.map((label, i) => label - rules[i]) }, overlap);
  const forecasts = best.map((value, i) => rules[i] + shrinkage * (value - rules[i]));
  const errors = labels.map((label, i) => (label - forecasts[i]) * labelScale).sort();
  const deviation = Math.sqrt(errors.reduce((sum, e) => sum + e * e, 0) / errors.length);
  return {
    steps: adapting ? steps : 0,
    limit,
    shrinkage,
    residual: {
      deviation,
      quantiles: BAND_LEVELS.map((level) => quantile(errors, level)),
      closeScale: plan.target.kind === "logVolatility" ? closeScale(parts, forecasts, deviation) : 1,
    },
    validation: {
      rows: labels.length,
      anchor: meanSquaredError(new Float64Array(labels.length), labels),
      ...losses,
      chosen: meanSquaredError(forecasts, labels),
    },
  };
}

/** Throws unless a network trained before is the one that would be trained now. */
function requireMember(
  member: ForecastMember,
  wanted: { readonly cols: number; readonly marketWide: boolean; readonly m: number },
): void {
  const { net: { inputs } } = member.state.config;
  if (inputs === wanted.cols && member.marketWide === wanted.marketWide) return;
  throw new TypeError(
    `Cannot train a forecaster: trained[${wanted.m}] must read ${wanted.cols} columns, got ${inputs}: it is of another training`,
  );
}

/** Which members read the other markets: all, none, or every other one, the first included. */
function marketWideMembers({ seeds, marketWide }: Pick<ResolvedTraining, "seeds" | "marketWide">): boolean[] {
  return Array.from({ length: seeds }, (_, m) => marketWide === "all" || (marketWide === "half" && m % 2 === 0));
}

function notesOf(plan: ResolvedTraining, chosen: Chosen): string[] {
  const { support, target: { horizon } } = plan;
  const independent = Math.floor(support.rows * Math.min(support.spacing, horizon) / horizon);
  return [
    ...(independent < FEW_LABELS
      ? [
        `A support holds ${independent} independent labels (${support.rows} rows ${support.spacing} bars apart, horizon ` +
        `${horizon}): below ${FEW_LABELS} adapting learns noise`,
      ]
      : []),
    ...(chosen.shrinkage === 0 ? ["Validation found nothing to forecast: the shrinkage is 0"] : []),
    ...(chosen.steps === 0 ? ["Adapting did not pay on validation: forecasts are unadapted"] : []),
  ];
}

/**
 * Trains a forecaster over many markets. Features and labels are scaled by the training pool; each of `seeds` networks is
 * trained on rows pooled over markets, then through its adaptation (exact second-order MAML with a learned rate a layer,
 * Finn et al. 2017 and Antoniou et al. 2019) on tasks whose histories are cut at random, so that a market listed this
 * morning is one more task. Inner steps (0 among them), the trust region and the shrinkage are chosen on validation. A method that
 * reads supports in one pass (`meta.method`) learns in place of the second training; the first one's network answers where there is
 * too little to read.
 *
 * @param engine Where to train.
 * @param markets Bars of the markets to learn over, one bar length, oldest first.
 * @param options Target, times, and the recipe; every default is what measured best on development data.
 * @returns A frozen forecaster, plain data.
 * @throws {DataError} There is no market, one is there twice, bar lengths differ, or there are too few labelled rows.
 * @throws {DivergedError} A step's loss or gradient is not finite.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { forecast, openEngine, sampleMarkets, trainForecaster } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * const markets = await sampleMarkets({ symbols: ["DAX", "FTSE"] });
 * const [cac] = await sampleMarkets({ symbols: ["CAC"] });
 * await using engine = await openEngine({ backend: "cpu" });
 * const forecaster = await trainForecaster(engine, markets, {
 *   target: { kind: "logVolatility", horizon: 5 },
 *   testFrom: Date.UTC(1998, 0),
 *   seeds: 1,
 *   pretrain: { steps: 20 },
 *   meta: { steps: 10 },
 * });
 * const { value } = await forecast(engine, forecaster, cac, { from: Date.UTC(1998, 7) });
 * assert(value.every((logVolatility) => Math.exp(logVolatility) < 0.1)); // a day, as a fraction
 * ```
 */
export async function trainForecaster(
  engine: Engine,
  markets: readonly Candles[],
  options: TrainForecasterOptions,
): Promise<Forecaster> {
  const plan = resolveTraining(markets, options);
  const { signal, onProgress, onMember, features = "risk", extra } = options;
  signal?.throwIfAborted();
  const used = markets.map((market) => cutAt(market, plan.testFrom));
  const late = used.filter(({ time }) => time.length === 0).map(({ symbol }) => symbol);
  if (late.length > 0) {
    throw new DataError(
      `Cannot train a forecaster over ${late.join(", ")}: no bar lies before ${moment(plan.testFrom)}, where the ` +
        "test starts; let it start later, or leave such markets out",
    );
  }
  const poolOptions: PoolOptions = {
    target: plan.target,
    features,
    to: plan.validationFrom,
    cutShare: plan.cutShare,
    marketWide: plan.marketWide !== "none",
    ...(extra && { extra }),
    ...(options.closeOnly !== undefined && { closeOnly: options.closeOnly }),
  };
  const pool = await inTurns(openPool(used, poolOptions), signal);
  const { horizon } = plan.target;
  const validation = layValidation(pool.markets, { from: plan.validationFrom, to: plan.testFrom }, horizon);
  const labels = validationLabels(validation);
  if (labels.length < 20) {
    const names = used.map(({ symbol, time }) => `${symbol} (${time.length} bars)`).join(", ");
    throw new DataError(
      `Cannot train a forecaster over ${names}: too short, needs 20 labelled rows to validate on between ` +
        `${moment(plan.validationFrom)} and ${moment(plan.testFrom)}, got ${labels.length}`,
    );
  }
  const { rules: skip, ...skipped } = await inTurns(
    chooseSkips(plan.skip, pool, { options: poolOptions, validation }),
    signal,
  );
  const members: ForecastMember[] = [];
  const outputs: MemberOutputs[] = [];
  const reading = marketWideMembers(skipped.marketWide ? plan : { ...plan, marketWide: "none" });
  for (const [m, marketWide] of reading.entries()) {
    const cols = marketWide ? pool.columns.length : pool.own;
    const rule = skip && (marketWide ? skip.all : skip.own);
    const before = options.trained?.[m];
    if (before) requireMember(before, { cols, marketWide, m });
    const member = before ?? await trainMember(engine, plan, {
      markets: pool.markets,
      cols,
      skip: rule,
      validation,
      marketWide,
      seed: 1000 * plan.seed + m,
      signal,
      onProgress: onProgress && ((phase, at) => onProgress({ phase, member: m + 1, members: plan.seeds, ...at })),
    });
    members.push(member);
    if (!before) await onMember?.(member, m);
    outputs.push(
      await runValidation(engine, { adapts: member.state, start: unadaptedState(member) }, {
        parts: readValidation(validation, {
          horizon,
          rows: plan.support.rows,
          spacing: plan.support.spacing,
          cols,
          skip: rule,
        }),
        steps: plan.meta.innerSteps,
        least: plan.support.least,
        signal,
      }),
    );
  }
  const wide = reading.filter(Boolean).length / reading.length;
  const rules = skipped.said.own.map((own, i) => wide * skipped.said.all[i] + (1 - wide) * own);
  const steps = learnedSteps(members[0].state);
  const chosen = choose(plan, { outputs, steps, rules, parts: validation, labelScale: pool.scaler.labelScale });
  return deepFreeze({
    target: plan.target,
    interval: plan.interval,
    closeOnly: pool.closeOnly,
    features: features === "risk" ? "risk" : features.name || "custom",
    columns: pool.columns,
    own: pool.own,
    scaler: pool.scaler,
    support: plan.support,
    members,
    skip,
    steps: chosen.steps,
    shrinkage: chosen.shrinkage,
    trust: { share: plan.trust, limit: chosen.limit },
    residual: chosen.residual,
    validation: chosen.validation,
    trainedOn: {
      markets: used.map(({ symbol }) => symbol).sort(),
      validationFrom: plan.validationFrom,
      trainedUntil: Math.max(...used.map(({ time }) => time[time.length - 1])),
    },
    notes: [...notesOf(plan, chosen), ...skipped.notes],
  });
}

function moment(time: number): string {
  return Number.isFinite(time) ? new Date(time).toISOString() : "the end";
}

/** Bars of a market before a time: what training may know of it. */
function cutAt(candles: Candles, time: number): Candles {
  const end = bisectLeft(candles.time, time);
  if (end === candles.time.length) return candles;
  const cut = (values: Float64Array): Float64Array => values.subarray(0, end);
  const { open, high, low, close, volume } = candles;
  return {
    ...candles,
    time: cut(candles.time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}
