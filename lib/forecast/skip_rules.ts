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

/** What a rule says of the validation rows, market after market. */
function saidOf(rule: LinearRule, parts: readonly ValidationPart[], cols: number): Float64Array {
  return Float64Array.from(
    parts.flatMap(({ market, decisions }) => Array.from(ruleValues(rule, decisionRows(market, decisions, cols)))),
  );
}

/** A rule shrunk towards saying nothing as far as validation asks for that, and its error there. */
function believed(
  rule: LinearRule,
  said: Float64Array,
  rows: { readonly time: Float64Array; readonly overlap: number; readonly labels: Float64Array },
): { rule: LinearRule; share: number; loss: number } {
  const { time, overlap, labels } = rows;
  const share = fitShrinkage({ time, added: said, rest: labels }, overlap);
  return {
    rule: { ...rule, beta: rule.beta.map((value) => share * value) },
    share,
    loss: meanSquaredError(said.map((value) => share * value), labels),
  };
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
  if (skip === "none") return { rules: null, marketWide: options.marketWide, notes: [] };
  const wholes = options.marketWide ? [false, true] : [false];
  const labels = validationLabels(validation);
  const rows = { ...decisionTimes(validation, options.target.horizon), labels };
  const fitted = yield* fit(skip, pool, wholes, options);
  const found = fitted.map((rule) => believed(rule, saidOf(rule, validation, pool.columns.length), rows));
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
  return { rules: { own: own.rule, all: all.rule }, marketWide, notes };
}

/** Mean over networks of what their linear rules say of the validation rows; zeros without rules. `wide` is the share over all columns. */
export function meanRule(
  rules: SkipRules["rules"],
  validation: readonly ValidationPart[],
  { wide, columns }: { readonly wide: number; readonly columns: number },
): Float64Array {
  if (!rules) return new Float64Array(validationLabels(validation).length);
  const all = saidOf(rules.all, validation, columns);
  return saidOf(rules.own, validation, columns).map((own, i) => wide * all[i] + (1 - wide) * own);
}
