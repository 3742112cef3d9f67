/**
 * The linear rules that networks add to, one over a market's own columns and one over all: fitted on the training rows, and believed
 * as far as validation bears them out. What training never saw (others that ended, a regime) a rule carries on to without doubt, and
 * no shrinkage of a network on top of it takes that back.
 * @module
 */
import type { Steps } from "../event_loop.ts";
import type { LinearRule } from "./decisions.ts";
import { decisionRows, ruleValues } from "./ensemble.ts";
import { fitRulesByHistory, harColumns, meanOfRules, type Pool, type PoolOptions } from "./pool.ts";
import { fitShrinkage } from "./shrinkage.ts";
import type { ResolvedTraining } from "./train_options.ts";
import { decisionTimes, meanSquaredError, validationLabels, type ValidationPart } from "./validation.ts";

/** The rules, and what validation made of those that were asked for. */
export interface SkipRules {
  /** Over own columns, and over all; null where none was asked for. */
  readonly rules: { readonly own: LinearRule; readonly all: LinearRule } | null;
  /** What they say of the validation decisions, market after market; zeros without rules. */
  readonly said: { readonly own: Float64Array; readonly all: Float64Array };
  /** Whether the other markets may be read: not where the rule over them errs more on validation than the one over own columns. */
  readonly marketWide: boolean;
  /** What was not as asked for, in words. */
  readonly notes: readonly string[];
}

/** By how much it must err more: what two rules differ by on a few validation decisions is chance. */
const MARGIN = 1.01;

/** Fits the rules that a training asks for over each of some sets of columns: own ones, or all. */
function* fit(
  skip: ResolvedTraining["skip"],
  pool: Pool,
  wholes: readonly boolean[],
  options: PoolOptions,
): Steps<LinearRule[]> {
  const range = (count: number): number[] => Array.from({ length: count }, (_, j) => j);
  const few = wholes.map((all) => harColumns(pool, all));
  const many = wholes.map((all) => range(all ? pool.columns.length : pool.own));
  const sets = [...(skip === "linear" ? [] : few), ...(skip === "har" ? [] : many)];
  const fitted = yield* fitRulesByHistory(pool, sets, options);
  return skip === "mean" ? wholes.map((_, i) => meanOfRules(fitted[i], fitted[wholes.length + i])) : fitted;
}

/** A rule shrunk towards saying nothing as far as validation asks for that, what it says there, and its error. */
interface Believed {
  readonly rule: LinearRule;
  readonly share: number;
  readonly said: Float64Array;
  readonly loss: number;
}

/**
 * Fits the rules that a training asks for, and shrinks each as networks are shrunk.
 *
 * @param skip Which.
 * @param pool What they are fitted on.
 * @param run The pool's options, and the decisions to judge by.
 */
export function* chooseSkips(
  skip: ResolvedTraining["skip"],
  pool: Pool,
  run: { readonly options: PoolOptions; readonly validation: readonly ValidationPart[] },
): Steps<SkipRules> {
  const { options, validation } = run;
  const labels = validationLabels(validation);
  if (skip === "none") {
    const nothing = new Float64Array(labels.length);
    return { rules: null, said: { own: nothing, all: nothing }, marketWide: options.marketWide, notes: [] };
  }
  const wholes = options.marketWide ? [false, true] : [false];
  const { time, overlap } = decisionTimes(validation, options.target.horizon);
  const rows = validation.map(({ market, decisions }) => decisionRows(market, decisions, pool.columns.length));
  const believed = (rule: LinearRule): Believed => {
    const added = Float64Array.from(rows.flatMap((part) => Array.from(ruleValues(rule, part))));
    const share = fitShrinkage({ time, added, rest: labels }, overlap);
    const said = added.map((value) => share * value);
    const beta = rule.beta.map((value) => share * value);
    return { rule: { ...rule, beta }, share, said, loss: meanSquaredError(said, labels) };
  };
  const found = (yield* fit(skip, pool, wholes, options)).map(believed);
  const [own, all = own] = found;
  const marketWide = options.marketWide && all.loss <= MARGIN * own.loss;
  const notes = found.flatMap(({ share }, i) =>
    share === 1 || (wholes[i] && !marketWide)
      ? []
      : [`Validation bears out ${share.toFixed(2)} of the linear rule over ${wholes[i] ? "all" : "own"} columns`]
  );
  if (options.marketWide && !marketWide) {
    notes.push(
      "No network reads the other markets: on validation a linear rule over their columns too errs more than one over own " +
        `columns (${all.loss.toFixed(4)} against ${own.loss.toFixed(4)})`,
    );
  }
  return { rules: { own: own.rule, all: all.rule }, said: { own: own.said, all: all.said }, marketWide, notes };
}
