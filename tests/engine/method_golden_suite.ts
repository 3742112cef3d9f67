/**
 * One suite for every engine: models, losses and inner rules beyond the perceptron, through the public functions, against PyTorch.
 */
import { assertLess } from "@std/assert";
import type { Engine } from "../../lib/engine/engine.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { adaptPredict, predict } from "../../lib/meta/predict.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { relativeError } from "../goldens.ts";
import { type MethodGolden, readMethodGoldens } from "../method_goldens.ts";

/** A golden case as a state. */
export function goldenState({ net, loss, inner, stepWeights, rex, values }: MethodGolden): MetaState {
  const outer = rex === undefined ? {} : { outer: { invariance: { kind: "rex" as const, strength: rex } } };
  return metaInit({ net, loss, inner, gradient: { kind: "unrolled", stepWeights }, ...outer }, { values });
}

/** Registers a test per case. `tolerance` is for gradients and losses, `rounded` for what comes back in float32; `ignore` says which not to run. */
export function methodGoldenSuite(
  name: string,
  open: () => Promise<Engine>,
  { tolerance, rounded = tolerance, ignore = () => false }: {
    readonly tolerance: number;
    readonly rounded?: number;
    readonly ignore?: (name: string) => boolean;
  },
): void {
  const goldens = readMethodGoldens();
  if (goldens.length === 0) {
    Deno.test({ name: `${name} matches the goldens of methods (skipped: no shared data)`, ignore: true, fn: () => {} });
  }
  for (const golden of goldens) {
    Deno.test({
      name: `${name} matches golden ${golden.name}`,
      ignore: ignore(golden.name),
      fn: async () => {
        await using engine = await open();
        const state = goldenState(golden);
        const { expected, tasks: [{ support, query: { x } }] } = golden;
        const check = (what: string, found: ArrayLike<number>, wanted: ArrayLike<number>, within: number): void =>
          assertLess(relativeError(found, wanted), within, what);
        const found = await metaGradientOf(engine, state, golden.tasks);
        check("loss", [found.loss], [expected.loss], tolerance);
        check("taskLosses", found.taskLosses, expected.taskLosses, rounded);
        for (const [learned, wanted] of Object.entries(expected.grad)) {
          check(learned, found.by[learned], wanted, tolerance);
        }
        const [predictions] = await adaptPredict(engine, state, [{ support, x }]);
        check("predictions", predictions, expected.predictions, rounded);
        const adapted = await adapt(engine, state, support);
        check("predictions of the adapted model", await predict(engine, adapted, x), expected.predictions, rounded);
      },
    });
  }
}
