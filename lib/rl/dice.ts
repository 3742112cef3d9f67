/**
 * Policy gradients that may be differentiated again: the infinitely differentiable Monte Carlo estimator, DiCE (Foerster et al. 2018).
 * Plain surrogates, log π · R, are right once: their second derivative lacks the terms through the sampling (Liu et al. 2022).
 * @module
 */
import type { CustomLoss } from "../loss/config.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { refuse } from "../program/errors.ts";
import type { Graph } from "../program/graph_type.ts";
import { showShape, type Value } from "../program/value.ts";

/**
 * e^(x − stop x), 1 in value: its every derivative is that of the density whose logarithm x is, over the density (Foerster et al. 2018,
 * eq. 5, MagicBox).
 *
 * @param g The graph.
 * @param x Log probabilities, of any shape.
 * @returns Ones, of that shape.
 *
 * @example
 * ```ts
 * import { createGraph, grad, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { magicBox } from "@adaptrade/adaptrade/rl";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const x = g.input("x", []);
 * const [first] = grad(g, magicBox(g, g.mul(x, x)), [x]); // ∇x² = 2x
 * const [second] = grad(g, first, [x]); // 2 + (2x)²
 * const found = interpreter(toProgram({ first, second }))({ x: [3] });
 * assertAlmostEquals(found.first[0], 6);
 * assertAlmostEquals(found.second[0], 38);
 * ```
 */
export function magicBox(g: Graph, x: Value): Value {
  return g.exp(g.sub(x, g.stop(x)));
}

/** Episodes as values. */
export interface Episodes {
  /** log π of each action taken, `[episodes, steps]`. */
  readonly logProbs: Value;
  /** Reward of each step, `[episodes, steps]`; a constant to the gradient. */
  readonly rewards: Value;
  /** γ, in (0, 1] (default 1). */
  readonly discount?: number;
  /** Expected return from each step on, of what came before the step alone, `[episodes, steps]` (default none): it lowers noise, no mean. */
  readonly baseline?: Value;
}

/** Sums along the steps, each with those before it: `[episodes, steps]`. */
function cumulative(g: Graph, x: Value): Value {
  const steps = x.shape[1];
  const upper = Float64Array.from({ length: steps ** 2 }, (_, i) => Math.floor(i / steps) <= i % steps ? 1 : 0);
  return g.matmul(x, g.constant(upper, [steps, steps]));
}

/**
 * Mean return of episodes whose every derivative by the policy is an unbiased estimate of that of the expected return:
 * `Σ_t γ^t □(Σ_{s ≤ t} log π_s) r_t + Σ_t γ^t (1 − □(log π_t)) b_t`, □ the {@linkcode magicBox} (Foerster et al. 2018, eq. 6; the
 * baseline as in eq. 8, for the first derivative).
 *
 * @param g The graph.
 * @param episodes Log probabilities and rewards.
 * @returns A scalar; its value is the mean discounted return.
 * @throws {TypeError} Shapes differ.
 *
 * @example
 * ```ts
 * import { createGraph, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { diceReturn } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const [logProbs, rewards] = [g.constant([-0.1, -2], [1, 2]), g.constant([4, 6], [1, 2])];
 * const value = diceReturn(g, { logProbs, rewards, discount: 0.5 });
 * assertEquals([...interpreter(toProgram({ value }))({}).value], [4 + 0.5 * 6]);
 * ```
 */
export function diceReturn(g: Graph, episodes: Episodes): Value {
  const { logProbs, rewards, discount = 1, baseline } = episodes;
  if (showShape(logProbs.shape) !== showShape(rewards.shape) || logProbs.shape.length !== 2) {
    refuse(
      "estimate a return",
      "logProbs and rewards [episodes, steps]",
      `${showShape(logProbs.shape)} and ${showShape(rewards.shape)}`,
    );
  }
  const [count, steps] = logProbs.shape;
  const weights = g.constant(Float64Array.from({ length: steps }, (_, t) => discount ** t));
  const caused = g.mul(magicBox(g, cumulative(g, logProbs)), g.stop(rewards));
  const held = baseline ? g.mul(g.sub(1, magicBox(g, logProbs)), g.stop(baseline)) : g.constant(0);
  return g.mul(1 / count, g.sum(g.mul(weights, g.add(caused, held))));
}

/** What {@linkcode policyLoss} takes. */
export interface PolicyLossOptions {
  /** Steps of an episode, at least 1 (default 1): rows of a set are whole episodes, each oldest first. */
  readonly steps?: number;
  /** γ, in (0, 1] (default 1). */
  readonly discount?: number;
  /** Whether second derivatives are right (default true); false is the plain surrogate, log π · R, for comparison. */
  readonly dice?: boolean;
}

const KEYS: OptionKeys<PolicyLossOptions> = { steps: true, discount: true, dice: true };

/** What an action's reward is raised by in a target: a target of 0 is an action not taken, so that a reward of 0 still tells which was. */
export const TAKEN = 1024;

/**
 * The targets of one step for {@linkcode policyLoss}: {@linkcode TAKEN} + reward for the action taken, 0 for all others.
 *
 * @param actions How many there are.
 * @param action The one taken.
 * @param reward What it earned, above −1024 in size; of float32, to 1e-4.
 * @returns `[actions]`.
 *
 * @example
 * ```ts
 * import { stepTarget } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([...stepTarget(3, 1, 0.5)], [0, 1024.5, 0]);
 * ```
 */
export function stepTarget(actions: number, action: number, reward: number): Float32Array {
  const target = new Float32Array(actions);
  target[action] = TAKEN + reward;
  return target;
}

/**
 * Minus the return of a policy over discrete actions, as a loss: outputs `[rows, actions]` are logits, targets are
 * {@linkcode stepTarget}s of actions that this very policy drew. With it `maml` is MAML-RL (Finn et al. 2017, eq. 4 and algorithm 3):
 * the inner step is REINFORCE, and the outer gradient through it has the Hessian of the expected return for its expectation. A set's
 * loss is the mean over rows: minus the return an episode over its steps.
 *
 * @param options Steps of an episode, discount.
 * @returns A loss for `maml` and the other presets.
 * @throws {RangeError} An option is out of range.
 *
 * @example The gradient of one draw is the score times the reward
 * ```ts
 * import { lossGradient, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { policyLoss, stepTarget } from "@adaptrade/adaptrade/rl";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "naive" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 2 });
 * const draw = { rows: 1, x: new Float32Array(1), y: stepTarget(2, 0, 3) };
 * const { grad } = await lossGradient(engine, net, policyLoss(), new Float32Array(4), draw);
 * assertAlmostEquals(grad[2], -3 * (1 - 0.5)); // by the first logit's bias
 * ```
 */
export function policyLoss(options: PolicyLossOptions = {}): CustomLoss {
  const action = "Cannot build a policy loss";
  requireKnownKeys(action, "options", options, KEYS);
  const { steps = 1, discount = 1, dice = true } = options;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`${action}: expected steps to be a whole number of at least 1, received ${String(steps)}`);
  }
  if (!(discount > 0 && discount <= 1)) {
    throw new RangeError(`${action}: expected discount to be within (0, 1], received ${String(discount)}`);
  }
  return Object.freeze({
    kind: "custom" as const,
    name: dice ? `policy of ${steps} steps` : `plain policy of ${steps} steps`,
    row(g: Graph, predicted: Value, target: Value): Value {
      const [rows] = predicted.shape;
      if (rows % steps !== 0) refuse("judge a policy", `whole episodes of ${steps} rows`, `${rows} rows`);
      const shape = [rows / steps, steps];
      const taken = g.step(target);
      const logits = g.sub(predicted, g.logSumExp(predicted, 1, { keep: true }));
      const logProbs = g.reshape(g.sum(g.mul(taken, logits), 1), shape);
      const rewards = g.reshape(g.sum(g.mul(taken, g.sub(target, TAKEN)), 1), shape);
      const found = dice
        ? diceReturn(g, { logProbs, rewards, discount })
        : plainReturn(g, { logProbs, rewards, discount });
      // The same for each row, so that the mean over rows, with equal weights, is the return a step.
      return g.broadcast(g.mul(-1 / steps, found), [rows]);
    },
  });
}

/** The surrogate that is right once: mean of Σ_t γ^t r_t · Σ_{s ≤ t} log π_s. */
function plainReturn(g: Graph, { logProbs, rewards, discount = 1 }: Episodes): Value {
  const [count, steps] = logProbs.shape;
  const weights = g.constant(Float64Array.from({ length: steps }, (_, t) => discount ** t));
  return g.mul(1 / count, g.sum(g.mul(g.mul(weights, rewards), cumulative(g, logProbs))));
}
