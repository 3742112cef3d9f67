/**
 * A trading account as values: what targets earn through the project's own account, differentiable at every bar. Twin of
 * `lib/trading/ledger.ts` for market orders at the close, brought back to their target at every bar and paying one rate: the same money
 * to rounding. Stops, margin, funding and limit orders are the ledger's alone.
 * @module
 */
import { refuse } from "../program/errors.ts";
import type { Graph } from "../program/graph_type.ts";
import { showShape, type Value } from "../program/value.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What an account pays, and how its kinks are rounded. */
export interface CourseRules {
  /** Cost per unit traded, as a fraction, at least 0: the account's `takerFee`. */
  readonly costRate: number;
  /**
   * ε of `√(d² + ε²) − ε` in place of |d| for what a trade d pays, as a fraction of the equity, at least 0 (default 0: the account's
   * own |d|, whose slope at no trade is 0). Above it the cost of a small trade is less than the account's, by at most ε · costRate.
   */
  readonly smooth?: number;
}

const RULE_KEYS: OptionKeys<CourseRules> = { costRate: true, smooth: true };

/** What an account came to. */
export interface AccountCourse {
  /** Log of each bar's equity over the one before, `[bars]`: from one decision to the next, costs included. */
  readonly growth: Value;
  /** Weights after each bar, before the next decision, `[bars]` of `[assets]`. */
  readonly weights: readonly Value[];
}

/** Least ratio of an equity to the one before: below it the account is ruined, and its growth as good as nothing. */
const LEAST_RATIO = 1e-9;

/** Weights beyond this share of the equity borrow, and then nothing is cut to the cash at hand; twin of `affordable`. */
const BORROWS = 1 + 1e-9;

/** An account of equity 1 at a decision: cash and what each asset held is worth, `[assets]`. */
interface Held {
  readonly cash: Value;
  readonly worth: Value;
}

/** Goes from what is held to targets, as fractions of an equity of 1: sales and covers first, then shorts, then what cash pays for. */
function trade(g: Graph, held: Held, run: { readonly target: Value } & Required<CourseRules>): Held {
  const { target, costRate, smooth } = run;
  const size = (d: Value): Value => smooth === 0 ? g.abs(d) : g.sub(g.sqrt(g.add(g.square(d), smooth ** 2)), smooth);
  const pay = (cash: Value, d: Value): Value => g.sub(cash, g.sum(g.add(d, g.mul(costRate, size(d)))));
  const agrees = g.step(g.mul(target, held.worth));
  const kept = g.mul(agrees, g.mul(g.sign(target), g.minimum(g.abs(target), g.abs(held.worth))));
  const left = pay(held.cash, g.sub(kept, held.worth));
  const more = g.sub(target, kept);
  // Where nothing is wanted the gradient goes to the shorts alone, once.
  const shorts = g.minimum(0, more);
  const afterShorts = pay(left, shorts);
  const buys = g.maximum(more, 0);
  const price = g.mul(1 + costRate, g.sum(buys));
  const longs = g.add(g.sum(g.maximum(kept, 0)), g.sum(buys));
  const isShort = g.mul(g.step(price), g.mul(g.step(g.sub(BORROWS, longs)), g.step(g.sub(price, afterShorts))));
  const share = g.select(isShort, g.div(g.maximum(afterShorts, 0), g.select(isShort, price, 1)), 1);
  const bought = g.mul(share, buys);
  return { cash: pay(afterShorts, bought), worth: g.add(g.add(kept, shorts), bought) };
}

/**
 * Runs an account over bars. At each bar's close targets are wanted, filled there, and held to the next close.
 *
 * @param g The graph.
 * @param run Returns of each bar after its decision, `[bars, assets]`, as fractions; and the targets at each, `[assets]` as fractions
 * of the equity, from the bar and the weights then held.
 * @param rules Costs.
 * @returns Growth and weights. Where an account is ruined its growth is log 1e-9, and goes on from there.
 * @throws {TypeError} A shape does not fit.
 *
 * @example
 * ```ts
 * import { createGraph, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { accountCourse } from "@adaptrade/adaptrade/rl";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const returns = g.constant([0.1, -0.1], [2, 1]);
 * const { growth } = accountCourse(g, { returns, decide: () => g.constant(0.5, [1]) }, { costRate: 0 });
 * const [first, second] = interpreter(toProgram({ growth }))({}).growth;
 * assertAlmostEquals(first, Math.log(1.05));
 * assertAlmostEquals(second, Math.log(0.95));
 * ```
 */
export function accountCourse(
  g: Graph,
  run: { readonly returns: Value; readonly decide: (bar: number, weights: Value) => Value },
  rules: CourseRules,
): AccountCourse {
  requireKnownKeys("Cannot run an account", "rules", rules, RULE_KEYS);
  const { returns, decide } = run;
  if (returns.shape.length !== 2) refuse("run an account", "returns [bars, assets]", showShape(returns.shape));
  const [bars, assets] = returns.shape;
  const { costRate, smooth = 0 } = rules;
  let weights = g.constant(0, [assets]);
  let cash = g.constant(1);
  const growth: Value[] = [];
  const held: Value[] = [];
  for (let bar = 0; bar < bars; bar++) {
    const target = decide(bar, weights);
    if (target.shape.length !== 1 || target.shape[0] !== assets) {
      refuse("run an account", `targets [${assets}]`, showShape(target.shape));
    }
    const after = trade(g, { cash, worth: weights }, { target, costRate, smooth });
    const worth = g.mul(after.worth, g.add(1, g.at(returns, 0, bar)));
    const ratio = g.maximum(g.add(after.cash, g.sum(worth)), LEAST_RATIO);
    growth.push(g.reshape(g.log(ratio), [1]));
    weights = g.div(worth, ratio);
    cash = g.sub(1, g.sum(weights));
    held.push(weights);
  }
  return { growth: g.concat(growth, 0), weights: held };
}
