/**
 * What every method must hold, whatever it computes: `metaStep` and `metaTrain` are one path for all.
 */
import { assert, assertEquals, assertLess, assertRejects } from "@std/assert";
import type { Engine } from "../../lib/engine/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { decodeState, encodeState } from "../../lib/meta/checkpoint.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import type { MetaState } from "../../lib/meta/state.ts";
import { metaStep, metaTrain } from "../../lib/meta/train.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { relativeError } from "../goldens.ts";

/** A method under test. */
export interface MethodCase {
  /** Its name in the tests' titles. */
  readonly name: string;
  /** A state of it, before its first step. */
  readonly state: MetaState;
  /** At least three tasks, of which the first has two rows or more in each set. */
  readonly tasks: readonly Task[];
}

/** The same set with other numbers in its last row, which has weight 0. */
function withUnseenRow({ rows, x, y }: Samples, offset: number): Samples {
  const [inputs, targets] = [x.length / rows, y.length / rows];
  return {
    rows,
    x: x.map((value, i) => i >= (rows - 1) * inputs ? value + offset : value),
    // What is one-hot stays so: the last row takes the class of the first.
    y: y.map((value, i) => i >= (rows - 1) * targets && offset !== 0 ? y[i - (rows - 1) * targets] : value),
    weights: Float32Array.from({ length: rows }, (_, i) => i < rows - 1 ? 1 : 0),
  };
}

async function trained(engine: Engine, state: MetaState, batches: readonly (readonly Task[])[]): Promise<MetaState> {
  for await (const progress of metaTrain(engine, state, batches, { every: batches.length })) state = progress.state;
  return state;
}

/** One test an invariant. */
export function methodSuite(
  { name, state, tasks }: MethodCase,
  open: () => Promise<Engine>,
): void {
  const test = (claim: string, run: (engine: Engine) => Promise<void>): void =>
    Deno.test(`${name}: ${claim}`, async () => {
      await using engine = await open();
      await run(engine);
    });

  test("an outer step gives the same bits twice, learns, and changes none of its inputs", async (engine) => {
    const before = structuredClone({ tasks, values: state.values });
    const one = await metaStep(engine, state, tasks);
    assertEquals(await metaStep(engine, state, tasks), one);
    assertEquals(structuredClone({ tasks, values: state.values }), before);
    assert(Number.isFinite(one.loss) && one.gradNorm > 0);
    assert(
      Object.keys(state.values).some((part) => one.state.values[part].some((v, i) => v !== state.values[part][i])),
    );
  });

  test("the order of tasks changes nothing but rounding", async (engine) => {
    const [one, other] = await Promise.all(
      [tasks, tasks.toReversed()].map((batch) => metaGradientOf(engine, state, batch)),
    );
    assertEquals(other.taskLosses.toReversed(), one.taskLosses);
    for (const [part, gradient] of Object.entries(one.by)) {
      if (gradient.every((value) => value === 0)) assertEquals(other.by[part], gradient);
      else assertLess(relativeError(other.by[part], [...gradient]), 1e-5, part);
    }
  });

  test("a row of weight 0 is not there", async (engine) => {
    const [{ support, query }] = tasks;
    const step = async (task: Task) => (await metaStep(engine, state, [task])).state.values;
    const unseen = (set: Samples): Samples[] => [withUnseenRow(set, 0), withUnseenRow(set, 1.5)];
    const [a, b] = await Promise.all(unseen(query).map((one) => step({ support, query: one })));
    assertEquals(a, b);
    const [c, d] = await Promise.all(unseen(support).map((one) => step({ support: one, query })));
    assertEquals(c, d);
  });

  test("a training resumed from a checkpoint is bit for bit the one that was never interrupted", async (engine) => {
    const batches = [tasks, tasks.slice(1), tasks.toReversed(), tasks.slice(0, 2)];
    const whole = await trained(engine, state, batches);
    const { state: half } = await decodeState(await encodeState(await trained(engine, state, batches.slice(0, 2))));
    const resumed = await trained(engine, half, batches.slice(2));
    assertEquals([resumed.values, resumed.moments, resumed.step], [whole.values, whole.moments, whole.step]);
  });

  test("an abort ends a training with the state that it had reached", async (engine) => {
    const controller = new AbortController();
    const after = await metaStep(engine, state, tasks);
    let last = state;
    await assertRejects(
      async () => {
        for await (const progress of metaTrain(engine, state, [tasks, tasks, tasks], { signal: controller.signal })) {
          last = progress.state;
          controller.abort(new RangeError("enough"));
        }
      },
      RangeError,
      "enough",
    );
    assertEquals(last.values, after.state.values);
  });

  test("predictions of many tasks are those of each", async (engine) => {
    const pairs = tasks.map(({ support, query }) => ({ support, x: query.x }));
    const together = await adaptPredict(engine, state, pairs);
    const apart = await Promise.all(pairs.map((pair) => adaptPredict(engine, state, [pair])));
    assertEquals(together, apart.flat());
  });
}
