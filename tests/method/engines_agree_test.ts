// What has no golden: methods and rules on every engine against the float64 one, which central differences hold.
import { assertLess } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { learnedOptimizer, lstmMetaLearner } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { inContext } from "../../lib/method/in_context.ts";
import { ridge } from "../../lib/method/ridge.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { sharedEngine } from "../engine/webgpu/shared_engine.ts";
import { relativeError } from "../goldens.ts";
import { gpuRuns } from "../gpu.ts";
import { someTasks } from "../meta/fixtures.ts";

const GAUSSIAN = { kind: "gaussian", floor: 1e-3 } as const;
const NET = mlp({ inputs: 3, hidden: [5], outputs: 1, activation: "tanh" });
const CASES = {
  "inContext": inContext({ inputs: 3, outputs: 1, width: 8 }),
  "inContext, ordered, of variances": inContext({ inputs: 3, outputs: 2, width: 8, ordered: true, loss: GAUSSIAN }),
  "ridge of variances": ridge({ net: mlp({ inputs: 3, hidden: [], outputs: 4 }), loss: GAUSSIAN }),
  "learnedOptimizer by mlp": learnedOptimizer({ net: NET, inner: { steps: 3, rule: { kind: "mlp", scale: 0.05 } } }),
  "lstmMetaLearner": lstmMetaLearner({ net: NET, inner: { steps: 3 } }),
};
const TASKS = someTasks({ inputs: 3, outputs: 1 }, 3);
const ENGINES = [
  { name: "cpu", open: () => openCpuEngine({ threads: 2 }), ignore: false },
  { name: "WebGPU", open: () => sharedEngine(), ignore: !gpuRuns({ smoke: false }) },
];

for (const [name, config] of Object.entries(CASES)) {
  const state = metaInit(config, { seed: 5 });
  for (const { name: where, open, ignore } of ENGINES) {
    Deno.test(`${name} computes on the ${where} engine what it does in float64`, { ignore }, async () => {
      await using engine = await open();
      await using reference = openNaiveEngine();
      const [found, wanted] = await Promise.all([engine, reference].map((one) => metaGradientOf(one, state, TASKS)));
      assertLess(relativeError(found.taskLosses, [...wanted.taskLosses]), 1e-4);
      for (const [part, gradient] of Object.entries(wanted.by)) {
        if (gradient.some((value) => value !== 0)) assertLess(relativeError(found.by[part], [...gradient]), 1e-4, part);
      }
      const pairs = TASKS.map(({ support, query: { x } }) => ({ support, x }));
      const [answers, exact] = await Promise.all([engine, reference].map((one) => adaptPredict(one, state, pairs)));
      answers.forEach((answer, t) => assertLess(relativeError(answer, [...exact[t]]), 1e-4));
    });
  }
}

Deno.test("methods without goldens are differentiated exactly", async () => {
  await using engine = openNaiveEngine();
  for (const name of ["inContext", "inContext, ordered, of variances", "ridge of variances"] as const) {
    const { by } = await checkMetaGradient(engine, metaInit(CASES[name], { seed: 5 }), TASKS.slice(0, 1));
    for (const [part, error] of Object.entries(by)) assertLess(error, 1e-5, `${name}, ${part}`);
  }
});
