/**
 * λ-returns whose discount and trace are values: what a learner is told to want can be learned (Xu, van Hasselt & Silver 2018).
 * @module
 */
import type { CustomLoss } from "../loss/config.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { refuse } from "../program/errors.ts";
import type { Graph, Operand } from "../program/graph_type.ts";
import { showShape, type Value } from "../program/value.ts";

/** What a λ-return is made of. */
export interface LambdaReturnInputs {
  /** r_{t+1}, what came after step t, `[episodes, steps]`. */
  readonly rewards: Value;
  /** v(s_{t+1}), of the state that step t led to, `[episodes, steps]`; 0 where the episode ended. */
  readonly next: Value;
  /** γ, a scalar. */
  readonly gamma: Operand;
  /** λ, a scalar. */
  readonly lambda: Operand;
}

/**
 * `G_t = r_{t+1} + γ·((1 − λ)·v(s_{t+1}) + λ·G_{t+1})`, with v(s_T) for the G behind the last step (Sutton & Barto 2018, eq. 12.18;
 * Xu et al. 2018, eq. 6): a recurrence from the end, differentiable by all of it.
 *
 * @param g The graph.
 * @param inputs Rewards, values, γ and λ.
 * @returns Returns, `[episodes, steps]`.
 * @throws {TypeError} Shapes differ.
 *
 * @example
 * ```ts
 * import { createGraph, interpreter, toProgram } from "@adaptrade/adaptrade/program";
 * import { lambdaReturn } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * const g = createGraph();
 * const [rewards, next] = [g.constant([1, 2], [1, 2]), g.constant([8, 0], [1, 2])];
 * const of = (lambda: number) => interpreter(toProgram({ G: lambdaReturn(g, { rewards, next, gamma: 0.5, lambda }) }))({}).G;
 * assertEquals([...of(0)], [5, 2]); // one step and a value
 * assertEquals([...of(1)], [2, 2]); // rewards alone
 * ```
 */
export function lambdaReturn(g: Graph, inputs: LambdaReturnInputs): Value {
  const { rewards, next, gamma, lambda } = inputs;
  if (rewards.shape.length !== 2 || showShape(next.shape) !== showShape(rewards.shape)) {
    refuse(
      "take a λ-return",
      "rewards and next [episodes, steps]",
      `${showShape(rewards.shape)} and ${showShape(next.shape)}`,
    );
  }
  const steps = rewards.shape[1];
  const column = (x: Value, t: number): Value => g.slice(x, 1, { start: t, end: t + 1 });
  const returns = new Array<Value>(steps);
  let later = column(next, steps - 1);
  for (let t = steps - 1; t >= 0; t--) {
    const mixed = g.add(g.mul(g.sub(1, lambda), column(next, t)), g.mul(lambda, later));
    later = g.add(column(rewards, t), g.mul(gamma, mixed));
    returns[t] = later;
  }
  return g.concat(returns, 1);
}

/** What {@linkcode returnLoss} takes. */
export interface ReturnLossOptions {
  /** Steps of an episode, at least 1: rows of a set are whole episodes, each oldest first, that end where they end. */
  readonly steps: number;
  /** γ, in (0, 1); where it is learned, what it begins as. */
  readonly gamma: number;
  /** λ, in (0, 1); likewise. */
  readonly lambda: number;
  /** Whether γ and λ are learned, as the loss's φ = (logit γ, logit λ) (default false). */
  readonly learned?: boolean;
}

const KEYS: OptionKeys<ReturnLossOptions> = { steps: true, gamma: true, lambda: true, learned: true };

/**
 * Squared distance of values from λ-returns, which are constants to the value's own gradient: TD(λ) by its forward view. Outputs
 * `[rows, 1]` are v(s_t), targets `[rows, 1]` the rewards that followed.
 *
 * With `learned` it is the inner loss of meta-gradient RL (Xu et al. 2018, eq. 5 to 10): `metaGradient({ loss: returnLoss({ ..., learned:
 * true }), outerLoss: returnLoss({ gamma: γ̄, lambda: λ̄, ... }), learn: { loss: true } })` learns γ and λ by the derivative through
 * the updates: exact over one; over several without what an update changes of the values that later returns rest on, which are
 * constants here (the paper's μ = 1 with that term of ∂f/∂θ left out). The outer loss must have a γ̄ and λ̄ of its own, or γ shrinks the returns until they are easy to tell.
 *
 * @param options Steps, γ and λ.
 * @returns A loss for `metaGradient`, `maml` and one network alone.
 * @throws {RangeError} An option is out of range.
 *
 * @example Values of one step are told by its reward
 * ```ts
 * import { lossGradient, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { returnLoss } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "naive" });
 * const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
 * const episode = { rows: 1, x: Float32Array.of(0), y: Float32Array.of(3) };
 * const loss = returnLoss({ steps: 1, gamma: 0.9, lambda: 0.5 });
 * assertEquals((await lossGradient(engine, net, loss, Float32Array.of(0, 1), episode)).loss, 4);
 * ```
 */
export function returnLoss(options: ReturnLossOptions): CustomLoss {
  const action = "Cannot build a return loss";
  requireKnownKeys(action, "options", options, KEYS);
  const { steps, gamma, lambda, learned = false } = options;
  if (!Number.isInteger(steps) || steps < 1) {
    throw new RangeError(`${action}: expected steps to be a whole number of at least 1, received ${String(steps)}`);
  }
  for (const [name, value] of [["gamma", gamma], ["lambda", lambda]] as const) {
    if (value > 0 && value < 1) continue;
    throw new RangeError(`${action}: expected ${name} to be within (0, 1), received ${String(value)}`);
  }
  const logit = (p: number): number => Math.log(p / (1 - p));
  return Object.freeze({
    kind: "custom" as const,
    name: `return of ${steps} steps`,
    ...(learned ? { phi: [logit(gamma), logit(lambda)] } : {}),
    row(g: Graph, predicted: Value, target: Value, phi: Value): Value {
      const [rows] = predicted.shape;
      if (rows % steps !== 0) refuse("judge values", `whole episodes of ${steps} rows`, `${rows} rows`);
      const shape = [rows / steps, steps];
      const values = g.reshape(predicted, shape);
      const next = steps === 1
        ? g.constant(0, shape)
        : g.pad(g.slice(g.stop(values), 1, { start: 1 }), 1, { after: 1 });
      const [discount, trace] = learned
        ? [0, 1].map((i) => g.sigmoid(g.at(phi, 0, i)))
        : [g.constant(gamma), g.constant(lambda)];
      const returns = lambdaReturn(g, { rewards: g.reshape(target, shape), next, gamma: discount, lambda: trace });
      return g.square(g.sub(g.reshape(returns, [rows]), g.reshape(predicted, [rows])));
    },
  });
}

/**
 * γ and λ that a learned {@linkcode returnLoss} has come to.
 *
 * @param phi The state's `phi`.
 * @returns Both, within (0, 1).
 *
 * @example
 * ```ts
 * import { learnedReturn, returnLoss } from "@adaptrade/adaptrade/rl";
 * import { assertAlmostEquals } from "@std/assert";
 *
 * const { phi } = returnLoss({ steps: 3, gamma: 0.9, lambda: 0.5, learned: true });
 * assertAlmostEquals(learnedReturn(phi!).gamma, 0.9);
 * ```
 */
export function learnedReturn(phi: ArrayLike<number>): { readonly gamma: number; readonly lambda: number } {
  const [gamma, lambda] = Array.from(phi, (value) => 1 / (1 + Math.exp(-value)));
  return { gamma, lambda };
}
