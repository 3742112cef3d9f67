/**
 * Runs the networks of a forecaster over decisions of one market: each unadapted, and adapted where there is something to
 * adapt on. It chooses nothing: steps, trust and shrinkage are its callers'.
 * @module
 */
import type { AdaptPair, Engine } from "../engine/engine.ts";
import { adaptedOutputs, predict } from "../meta/predict.ts";
import { pointForecasts } from "../loss/losses.ts";
import type { MetaState } from "../meta/state.ts";
import {
  type DecisionAt,
  decisionRow,
  type LinearRule,
  ruleValue,
  saysNothing,
  type ScaledMarket,
  type Support,
  type SupportPlan,
} from "./decisions.ts";
import { evenRows, fillerOf } from "./even_sets.ts";

/** Decisions in one device round trip. */
const CHUNK = 512;

/** Rows of decisions on one market. */
export interface DecisionRows {
  /** Scaled rows, `[decisions, cols]`. */
  readonly x: Float32Array;
  /** Anchors, `[decisions]`; NaN where a decision cannot be forecast. */
  readonly anchors: Float64Array;
}

/** What one network said, in deviations of the pool's labels, the linear rule's part included. */
export interface MemberOutputs {
  /** Unadapted, `[decisions]`. */
  readonly unadapted: Float64Array;
  /** Adapted; unadapted where there was too little, or nothing, to adapt on; NaN where adapting diverged. `[decisions]` */
  readonly adapted: Float64Array;
  /** Labelled rows known at each decision, `[decisions]`. */
  readonly rows: Int32Array;
  /** 1 where the support said nothing: the market stood still, labels are equal, or columns do not vary. `[decisions]` */
  readonly nothing: Uint8Array;
}

/** Rows of decisions, `cols` columns each. */
export function decisionRows(market: ScaledMarket, decisions: readonly DecisionAt[], cols: number): DecisionRows {
  const x = new Float32Array(decisions.length * cols);
  const anchors = new Float64Array(decisions.length);
  decisions.forEach((at, i) => anchors[i] = decisionRow(market, at, { values: x, offset: i * cols, cols }));
  return { x, anchors };
}

/** What a linear rule says of each row; zeros without one. */
export function ruleValues(rule: LinearRule | null, { x, anchors }: DecisionRows): Float64Array {
  const cols = x.length / Math.max(1, anchors.length);
  return Float64Array.from(anchors, (_, i) => rule ? ruleValue(rule, x, i * cols) : 0);
}

/** What adapts, and what answers where nothing does: the same start, but for a method that reads supports in one pass. */
export interface RunNetwork {
  /** What adapts. */
  readonly adapts: MetaState;
  /** What answers unadapted. */
  readonly start: MetaState;
}

/** What a network's outputs for one row forecast: the first, but for a loss that means a distribution. */
export function forecastOf({ config: { method } }: MetaState, outputs: Float32Array): number {
  return method ? pointForecasts(method.loss, outputs, outputs.length)[0] : outputs[0];
}

/**
 * Runs one network over decisions.
 *
 * @param engine Where to run it.
 * @param network The network.
 * @param run Rows of the decisions, the support of each, how it was laid out, inner steps, and labelled rows below which it does
 * not adapt.
 */
export async function runMember(
  engine: Engine,
  { adapts, start }: RunNetwork,
  run: {
    readonly rows: DecisionRows;
    readonly supportAt: (decision: number) => Support;
    readonly plan: SupportPlan;
    readonly steps: number;
    readonly least: number;
    readonly signal?: AbortSignal | undefined;
  },
): Promise<MemberOutputs> {
  const { rows, supportAt, plan, steps, least, signal } = run;
  const count = rows.anchors.length;
  const outputs = count > 0 ? await predict(engine, start, rows.x) : new Float32Array(0);
  const rule = ruleValues(plan.skip, rows);
  const unadapted = Float64Array.from(outputs, (output, i) => output + rule[i]);
  const adapted = unadapted.slice();
  const known = new Int32Array(count);
  const nothing = new Uint8Array(count);
  if (steps === 0) return { unadapted, adapted, rows: known, nothing };
  const fill = fillerOf(adapts);
  for (let from = 0; from < count; from += CHUNK) {
    signal?.throwIfAborted();
    const pairs: AdaptPair[] = [];
    const places: number[] = [];
    for (let i = from; i < Math.min(count, from + CHUNK); i++) {
      const support = supportAt(i);
      known[i] = support.rows;
      if (support.places < least || Number.isNaN(rows.anchors[i])) continue;
      if (support.rows < least || saysNothing(support)) {
        nothing[i] = 1;
        continue;
      }
      pairs.push({
        support: fill(support, evenRows(support.rows, plan.rows)),
        x: rows.x.subarray(i * plan.cols, (i + 1) * plan.cols),
      });
      places.push(i);
    }
    const found = await adaptedOutputs(engine, adapts, pairs, adapts.config.method ? {} : { steps });
    found.forEach((outputs, j) => {
      const said = forecastOf(adapts, outputs) + rule[places[j]];
      adapted[places[j]] = Number.isFinite(said) ? said : NaN;
    });
  }
  return { unadapted, adapted, rows: known, nothing };
}

/** Mean over members of their outputs, adaptation believed within a limit, and the deviation between them. */
export interface EnsembleOutputs {
  /** Mean of the unadapted, `[decisions]`. */
  readonly unadapted: Float64Array;
  /** Mean of the adapted within the trust region, `[decisions]`. */
  readonly adapted: Float64Array;
  /** Sample deviation between members' adapted outputs; 0 of one member. `[decisions]` */
  readonly spread: Float64Array;
  /** 1 where a member's adaptation was not believed, or its support said nothing. `[decisions]` */
  readonly limited: Uint8Array;
}

/**
 * Averages members: where adapting diverged, or moves a member by more than `limit`, its unadapted output stands.
 *
 * @param outputs One entry a member.
 * @param weights Which members count at each decision, `[members][decisions]`; all, where absent.
 */
export function averageMembers(
  outputs: readonly MemberOutputs[],
  limit: number,
  weights?: readonly Uint8Array[],
): EnsembleOutputs {
  const [{ unadapted: { length: count } }] = outputs;
  const unadapted = new Float64Array(count);
  const adapted = new Float64Array(count);
  const spread = new Float64Array(count);
  const limited = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    const used = outputs.filter((_, m) => !weights || weights[m][i] === 1);
    const values = used.map((member) => {
      const believed = Math.abs(member.adapted[i] - member.unadapted[i]) <= limit;
      if (!believed || member.nothing[i] === 1) limited[i] = 1;
      return believed ? member.adapted[i] : member.unadapted[i];
    });
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    adapted[i] = mean;
    unadapted[i] = used.reduce((sum, member) => sum + member.unadapted[i], 0) / used.length;
    if (values.length > 1) {
      spread[i] = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
    }
  }
  return { unadapted, adapted, spread, limited };
}
