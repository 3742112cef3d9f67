/**
 * The pooled baseline: one network trained on all tasks at once, to be fine-tuned like the meta-learned one.
 * It refuses to see less data than meta-learning does: each of its steps is on support and query rows together.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples, Task } from "../engine/problem.ts";
import type { MetaConfig } from "../meta/config.ts";
import { metaInit, type MetaState } from "../meta/state.ts";
import { metaTrain } from "../meta/train.ts";
import { requireKnownKeys } from "../options.ts";

/** What {@linkcode pretrain} takes. */
export interface PretrainOptions {
  /** Seed of the initial parameters (default 0). */
  readonly seed?: number;
  /** Stops the training. */
  readonly signal?: AbortSignal;
}

function joinSamples(a: Samples, b: Samples): Samples {
  const join = (left: Float32Array, right: Float32Array): Float32Array => {
    const out = new Float32Array(left.length + right.length);
    out.set(left);
    out.set(right, left.length);
    return out;
  };
  const weights = a.weights || b.weights
    ? join(a.weights ?? new Float32Array(a.rows).fill(1), b.weights ?? new Float32Array(b.rows).fill(1))
    : undefined;
  return { rows: a.rows + b.rows, x: join(a.x, b.x), y: join(a.y, b.y), ...(weights && { weights }) };
}

function* pooled(batches: Iterable<readonly Task[]>): Generator<Task[]> {
  for (const tasks of batches) {
    yield tasks.map((task) => ({ ...task, query: joinSamples(task.support, task.query) }));
  }
}

/**
 * Trains a start on the pooled rows of the same tasks, with the same outer optimiser and as many outer steps as there are
 * batches: meta-training with no inner step. The result adapts with the config's own inner loop.
 *
 * @param engine Where to train.
 * @param config The method whose baseline this is; its network, outer optimiser and inner loop are kept.
 * @param batches The batches that the method itself is trained on; must end.
 * @param options Seed and signal.
 * @returns A state to adapt from. A learned loss becomes mse, as the outer loss always is.
 * @throws {DivergedError} A step's loss or gradient is not finite.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { pretrain } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const { params } = await pretrain(engine, maml({ net }), [[{ support: samples, query: samples }]], { seed: 1 });
 * const before = metaInit(maml({ net }), { seed: 1 });
 * assertEquals(params.some((value, i) => value !== before.params[i]), true);
 * ```
 */
export async function pretrain(
  engine: Engine,
  config: MetaConfig,
  batches: Iterable<readonly Task[]>,
  options: PretrainOptions = {},
): Promise<MetaState> {
  requireKnownKeys("Cannot pretrain", "options", options, { seed: true, signal: true });
  const { seed = 0, signal } = options;
  const { net, outer } = config;
  const loss = config.loss?.kind === "huber" ? config.loss : { kind: "mse" as const };
  const joint: MetaConfig = { net, inner: { steps: 0, lr: config.inner.lr }, loss, ...(outer && { outer }) };
  let state = metaInit(joint, { seed });
  const training = metaTrain(engine, state, pooled(batches), { every: 50, ...(signal && { signal }) });
  for await (const progress of training) state = progress.state;
  return metaInit({ ...config, loss }, { params: state.params, trainedOn: state.trainedOn });
}
