/**
 * One suite for every engine: its derivatives against the goldens, per returned array.
 */
import { assertLess } from "@std/assert";
import type { Engine } from "../../lib/engine/engine.ts";
import { type Golden, readGoldens, relativeError } from "../goldens.ts";

/** Registers a test per golden case; `ignore` says which not to run. `open` is called once per case. */
export function goldenSuite(
  name: string,
  open: () => Promise<Engine>,
  { tolerance, ignore = () => false }: {
    readonly tolerance: number;
    readonly ignore?: (name: string) => boolean;
  },
): void {
  const goldens = readGoldens();
  if (goldens.length === 0) {
    Deno.test({ name: `${name} matches the goldens (skipped: no shared data)`, ignore: true, fn: () => {} });
  }
  for (const golden of goldens) {
    Deno.test({
      name: `${name} matches golden ${golden.name}`,
      ignore: ignore(golden.name),
      fn: async () => {
        await using engine = await open();
        for (const [array, error] of Object.entries(await goldenErrors(engine, golden))) {
          assertLess(error, tolerance, `${golden.name}: ${array} is off by ${error}`);
        }
      },
    });
  }
}

/** Relative error of every array an engine returns for a golden case. */
export async function goldenErrors(engine: Engine, golden: Golden): Promise<Record<string, number>> {
  const { inner, gradient, learner, tasks, expected } = golden;
  const errors: Record<string, number> = {};
  const check = (array: string, actual: ArrayLike<number>, reference: ArrayLike<number>) => {
    errors[array] = relativeError(actual, reference);
  };
  const meta = await engine.metaGradient(inner, gradient, learner, tasks);
  check("metaLoss", [meta.loss], [expected.metaLoss]);
  check("gradParams", meta.params, expected.gradParams);
  if (expected.gradLogLr) check("gradLogLr", meta.logLr, expected.gradLogLr);
  if (expected.gradPhi) check("gradPhi", meta.phi, expected.gradPhi);
  if (expected.gradWeightDecay !== undefined) {
    check("gradWeightDecay", [meta.weightDecay], [expected.gradWeightDecay]);
  }
  const adapted = await engine.adapt(inner, learner, tasks.map(({ support }) => support));
  const size = inner.net.parameterCount;
  expected.tasks.forEach((task, t) => {
    check(`adapted ${t}`, adapted.params.subarray(t * size, (t + 1) * size), task.adapted);
    const from = t * (inner.steps + 1);
    check(`supportLosses ${t}`, adapted.losses.subarray(from, from + inner.steps), task.supportLosses);
  });
  const { support } = tasks[0];
  const at = await engine.lossGradient(inner.net, inner.loss, learner, support);
  check("loss", [at.loss], [expected.hvp.loss]);
  check("grad", at.grad, expected.hvp.grad);
  check("forward", await engine.forward(inner.net, learner.params, support.x), expected.hvp.forward);
  check(
    "hv",
    await engine.hessianVectorProduct(inner.net, inner.loss, learner, support, golden.hvpVector),
    expected.hvp.hv,
  );
  return errors;
}
