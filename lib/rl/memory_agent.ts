/**
 * RL² (Duan et al. 2016): an agent whose learning is its memory. A recurrent policy reads what it did and what that brought, over a
 * whole stretch of tries at one problem, and is trained by the policy gradient over many problems. Problems are bandits: they have no
 * state that is seen.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/problem.ts";
import type { CustomLoss } from "../loss/config.ts";
import { drawParts } from "../model/init.ts";
import { cellParts, type CellState, cellStep, lstm } from "../model/lstm.ts";
import { buildModel, type Model, type Parameters } from "../model/model.ts";
import { byTime, requireSizes } from "../model/sequence.ts";
import { type Random, random } from "../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import type { Graph } from "../program/graph_type.ts";
import type { Value } from "../program/value.ts";
import { stepTarget, TAKEN } from "./dice.ts";

/** Sizes of a memory agent. */
export interface MemorySizes {
  /** Actions, at least 2. */
  readonly actions: number;
  /** Tries at one problem, at least 1. */
  readonly steps: number;
  /** Width of the memory, at least 1. */
  readonly hidden: number;
}

const SIZES: OptionKeys<MemorySizes> = { actions: true, steps: true, hidden: true };

/** What the agent reads at each try: its last action one-hot, what that brought, and 1 where there was none. */
function featuresOf(actions: number): number {
  return actions + 2;
}

/**
 * A recurrent policy: an LSTM reads `[steps][last action one-hot | last reward | first]` and answers with a logit an action at every
 * step, `[steps][actions]`. Its parameters are those of `lstm` of one step's outputs, in that order.
 *
 * @param sizes Actions, steps and width.
 * @returns A frozen model.
 * @throws {RangeError} A size is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * import { memoryPolicy } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * const { inputs, outputs } = memoryPolicy({ actions: 5, steps: 10, hidden: 32 });
 * assertEquals([inputs, outputs], [10 * 7, 10 * 5]);
 * ```
 */
export function memoryPolicy(sizes: MemorySizes): Model {
  requireKnownKeys("Cannot build a memory policy", "sizes", sizes, SIZES);
  const { actions, steps, hidden } = sizes;
  requireSizes("a memory policy", { actions, steps, hidden });
  const features = featuresOf(actions);
  const params = { ...cellParts(features, hidden), wo: [hidden, actions], bo: [actions] };
  return buildModel({
    kind: "memory policy",
    inputs: steps * features,
    outputs: steps * actions,
    params,
    layers: [["wx", "wh", "b"], ["wo", "bo"]],
    init: (stream) =>
      drawParts(params, stream, {
        b: Float32Array.from({ length: 4 * hidden }, (_, i) => i >= hidden && i < 2 * hidden ? 1 : 0),
        wo: new Float32Array(hidden * actions),
      }),
    apply(g: Graph, p: Parameters, x: Value): Value {
      const rows = x.shape[0];
      const bars = g.reshape(byTime(g, { time: steps, features, outputs: actions }, x), [steps * rows, features]);
      const z = g.add(g.matmul(bars, p.wx), p.b);
      const outputs: Value[] = [];
      let state: CellState | undefined;
      for (let t = 0; t < steps; t++) {
        state = cellStep(g, p.wh, { z: g.slice(z, 0, { start: t * rows, end: (t + 1) * rows }), state });
        outputs.push(state.hidden);
      }
      const answers = g.add(g.matmul(g.concat(outputs, 0), p.wo), p.bo);
      return g.reshape(g.transpose(g.reshape(answers, [steps, rows, actions]), [1, 0, 2]), [rows, steps * actions]);
    },
  });
}

/**
 * The policy gradient's loss of {@linkcode memoryPolicy}: minus the mean over episodes of `Σ_t A_t log π(a_t) + entropy · H(π_t)`,
 * targets from {@linkcode playedTask}.
 *
 * @param sizes Actions and steps.
 * @param options Weight of the entropy, at least 0 (default 0.01): it keeps a young policy trying.
 * @returns A loss.
 *
 * @example
 * ```ts
 * import { memoryLoss } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(memoryLoss({ actions: 5, steps: 10 }).kind, "custom");
 * ```
 */
export function memoryLoss(
  sizes: Pick<MemorySizes, "actions" | "steps">,
  options: { readonly entropy?: number } = {},
): CustomLoss {
  requireKnownKeys("Cannot build a memory loss", "options", options, { entropy: true });
  const { actions, steps } = sizes;
  const { entropy = 0.01 } = options;
  return Object.freeze({
    kind: "custom" as const,
    name: "policy gradient",
    row(g: Graph, predicted: Value, target: Value): Value {
      const shape = [predicted.shape[0], steps, actions];
      const [logits, targets] = [g.reshape(predicted, shape), g.reshape(target, shape)];
      const logProbs = g.sub(logits, g.logSumExp(logits, 2, { keep: true }));
      const advantages = g.mul(g.step(targets), g.sub(targets, TAKEN));
      const disorder = g.neg(g.mul(g.exp(logProbs), logProbs));
      return g.neg(g.sum(g.add(g.mul(advantages, logProbs), g.mul(entropy, disorder)), [1, 2]));
    },
  });
}

/** A bandit: what an action brings, drawn from the stream. */
export type Bandit = (action: number, stream: Random) => number;

/** What {@linkcode playEpisodes} takes. */
export interface PlayOptions extends MemorySizes {
  /** Problems to play, at least 1. */
  readonly episodes: number;
  /** Seed of problems, actions and rewards. */
  readonly seed: number;
  /** Draws a problem. */
  draw(stream: Random): Bandit;
  /** Whether the likeliest action is taken (default false: it is drawn). */
  readonly greedy?: boolean;
}

const PLAY_KEYS: OptionKeys<PlayOptions> = { ...SIZES, episodes: true, seed: true, draw: true, greedy: true };

/** Episodes that were played. */
export interface Played {
  /** What the agent read, `[episodes, steps · (actions + 2)]`. */
  readonly x: Float32Array;
  /** What it did, `[episodes, steps]`. */
  readonly actions: Int32Array;
  /** What that brought, `[episodes, steps]`. */
  readonly rewards: Float64Array;
  /** Mean over episodes of the sum of rewards. */
  readonly mean: number;
}

/** An action from logits. */
function chosen(logits: Float32Array, stream: Random | null): number {
  const most = Math.max(...logits);
  if (stream === null) return logits.indexOf(most);
  const weights = logits.map((logit) => Math.exp(logit - most));
  let left = stream.uniform() * weights.reduce((sum, weight) => sum + weight, 0);
  for (let a = 0; a < weights.length - 1; a++) {
    left -= weights[a];
    if (left < 0) return a;
  }
  return weights.length - 1;
}

/**
 * Plays problems, all of them side by side: at each try the policy reads all tries before.
 *
 * @param engine Where the policy runs.
 * @param params Of {@linkcode memoryPolicy}.
 * @param options Sizes, problems and seed.
 * @returns What was read, done and brought; the same for a seed.
 *
 * @example A policy that knows nothing gets what chance gives
 * ```ts
 * import { openEngine } from "@adaptrade/adaptrade";
 * import { memoryPolicy, playEpisodes } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const sizes = { actions: 2, steps: 3, hidden: 4 };
 * const params = new Float32Array(memoryPolicy(sizes).parameterCount);
 * const { mean } = await playEpisodes(engine, params, { ...sizes, episodes: 10, seed: 1, draw: () => () => 0.5 });
 * assertEquals(mean, 1.5);
 * ```
 */
export async function playEpisodes(engine: Engine, params: Float32Array, options: PlayOptions): Promise<Played> {
  requireKnownKeys("Cannot play episodes", "options", options, PLAY_KEYS);
  const { actions, steps, hidden, episodes, seed, draw, greedy = false } = options;
  const features = featuresOf(actions);
  const stream = random(seed);
  const bandits = Array.from({ length: episodes }, () => draw(stream));
  const width = steps * features;
  const x = new Float32Array(episodes * width);
  const [taken, rewards] = [new Int32Array(episodes * steps), new Float64Array(episodes * steps)];
  for (let e = 0; e < episodes; e++) x[e * width + actions + 1] = 1;
  for (let t = 0; t < steps; t++) {
    const read = new Float32Array(episodes * (t + 1) * features);
    for (let e = 0; e < episodes; e++) {
      read.set(x.subarray(e * width, e * width + (t + 1) * features), e * (t + 1) * features);
    }
    const now = lstm({ time: t + 1, features, hidden, outputs: actions });
    const logits = await engine.forward(now, params, read);
    for (let e = 0; e < episodes; e++) {
      const action = chosen(logits.subarray(e * actions, (e + 1) * actions), greedy ? null : stream);
      const reward = bandits[e](action, stream);
      taken[e * steps + t] = action;
      rewards[e * steps + t] = reward;
      if (t + 1 < steps) {
        x[e * width + (t + 1) * features + action] = 1;
        x[e * width + (t + 1) * features + actions] = reward;
      }
    }
  }
  return { x, actions: taken, rewards, mean: rewards.reduce((sum, reward) => sum + reward, 0) / episodes };
}

/**
 * Rewards to come from each try on, less their mean over the episodes that had earned as much before it: a baseline that knows what
 * the agent knows. `[episodes, steps]`
 */
function advantagesOf(rewards: Float64Array, steps: number): Float64Array {
  const ahead = rewards.slice();
  const earned = new Float64Array(rewards.length);
  for (let i = rewards.length - 1; i >= 0; i--) if ((i + 1) % steps !== 0) ahead[i] += ahead[i + 1];
  for (let i = 0; i < rewards.length; i++) earned[i] = i % steps === 0 ? 0 : earned[i - 1] + rewards[i - 1];
  const groups = new Map<string, { sum: number; count: number }>();
  const keyOf = (i: number): string => `${i % steps} ${earned[i]}`;
  ahead.forEach((value, i) => {
    const group = groups.get(keyOf(i)) ?? { sum: 0, count: 0 };
    groups.set(keyOf(i), { sum: group.sum + value, count: group.count + 1 });
  });
  return ahead.map((value, i) => {
    const { sum, count } = groups.get(keyOf(i))!;
    // Without itself: a mean that holds an episode's own return would be biased towards it.
    return count > 1 ? value - (sum - value) / (count - 1) : 0;
  });
}

/**
 * Episodes as a task for `metaStep`: targets are the actions taken with their advantages, for {@linkcode memoryLoss}.
 *
 * @param played From {@linkcode playEpisodes}, by the parameters that are to be moved.
 * @param sizes Actions and steps.
 * @returns A task whose query is every episode; nothing is adapted to.
 *
 * @example
 * ```ts
 * import { maml, metaInit, metaStep, openEngine } from "@adaptrade/adaptrade";
 * import { memoryLoss, memoryPolicy, playedTask, playEpisodes } from "@adaptrade/adaptrade/rl";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const sizes = { actions: 2, steps: 3, hidden: 4 };
 * const state = metaInit(maml({ net: memoryPolicy(sizes), loss: memoryLoss(sizes), inner: { steps: 0 } }));
 * const draw = () => (action: number) => action; // the second always pays
 * const played = await playEpisodes(engine, state.params, { ...sizes, episodes: 20, seed: 1, draw });
 * assertEquals((await metaStep(engine, state, [playedTask(played, sizes)])).state.step, 1);
 * ```
 */
export function playedTask(played: Played, sizes: Pick<MemorySizes, "actions" | "steps">): Task {
  const { actions, steps } = sizes;
  const advantages = advantagesOf(played.rewards, steps);
  const y = new Float32Array(played.actions.length * actions);
  played.actions.forEach((action, i) => y.set(stepTarget(actions, action, advantages[i]), i * actions));
  const rows = played.actions.length / steps;
  const query = { rows, x: played.x, y };
  const [inputs, outputs] = [played.x.length / rows, steps * actions];
  return { support: { rows: 1, x: played.x.slice(0, inputs), y: y.slice(0, outputs) }, query };
}
