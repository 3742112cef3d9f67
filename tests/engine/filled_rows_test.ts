/** Rows of weight 0 behind a set's own: few sizes, and no change of any result. */
import { assertEquals, assertLess, assertStrictEquals } from "@std/assert";
import { filled, filledInputs } from "../../lib/engine/filled_rows.ts";
import type { InnerProblem, Samples } from "../../lib/engine/problem.ts";
import { metaGradientProgram } from "../../lib/method/programs.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { relativeError } from "../goldens.ts";

const net = mlp({ inputs: 2, hidden: [4], outputs: 1 });
const rate = { per: "scalar", perStep: false } as const;
const inner: InnerProblem = { net, loss: { kind: "huber", delta: 1 }, steps: 2, rate, headOnly: false, proximal: 0 };
const stream = random(4);
const draw = (length: number) => Float32Array.from({ length }, () => stream.normal());
const samples = (rows: number): Samples => ({ rows, x: draw(2 * rows), y: draw(rows) });

Deno.test("filled() takes every set up to 1,000 rows to one of few sizes, at most a quarter above its own", () => {
  const sizes = new Set<number>();
  for (let rows = 1; rows <= 1000; rows++) {
    const [{ rows: to }] = filled(inner, [{ rows, x: new Float32Array(2 * rows), y: new Float32Array(rows) }]);
    assertLess(to, Math.max(rows + 1, 1.25 * rows));
    assertLess(rows - 1, to);
    sizes.add(to);
  }
  assertLess(sizes.size, 60);
});

Deno.test("filled() repeats the last row at weight 0 and leaves the set as it was; a size that fits is left alone", () => {
  const set = { ...samples(9), weights: Float32Array.from({ length: 9 }, (_, i) => i + 1) };
  const before = structuredClone(set);
  const [{ rows, x, y, weights }] = filled(inner, [set]);
  assertEquals(set, before);
  assertEquals([rows, [...weights!].at(-1), [...y].at(-1)], [10, 0, set.y[8]]);
  assertEquals(x.slice(18), set.x.slice(16));
  const fits = samples(20);
  assertStrictEquals(filled(inner, [fits])[0], fits);
  assertEquals(filledInputs(inner, [set.x])[0].x, x);
});

Deno.test("filled() takes sets of near sizes to one where it fills them together, and leaves a row alone by itself", () => {
  const sizes = [9, 1, 17, 33, 2, 5, 70, 20, 1];
  const rows = (together: boolean): number[] => filled(inner, sizes.map(samples), together).map((set) => set.rows);
  assertEquals(rows(false), [10, 1, 20, 36, 2, 5, 72, 20, 1]);
  assertEquals(rows(true), [10, 1, 36, 36, 2, 10, 72, 36, 1]);
  assertEquals(filled(inner, [samples(6)], true)[0].rows, 6);
  const inputs = filledInputs(inner, sizes.map((size) => samples(size).x), true);
  assertEquals(inputs.map(({ rows }) => rows), rows(true));
});

Deno.test("filled() leaves sets alone where a model, a loss or a method of one's own may look at several rows", () => {
  const set = samples(9);
  const params = { w: [2, 1] };
  const own = defineModel({ name: "own", inputs: 2, outputs: 1, params, apply: (g, p, x) => g.matmul(x, p.w) });
  assertStrictEquals(filled({ ...inner, net: own }, [set])[0], set);
  const custom = { kind: "custom", row: (g, predicted) => g.reshape(predicted, [9]) } as InnerProblem["loss"];
  assertStrictEquals(filled({ ...inner, loss: custom }, [set])[0], set);
  assertStrictEquals(filled({ ...inner, outerLoss: custom }, [set])[0], set);
});

Deno.test("the meta-gradient of filled sets is that of the sets as they are", () => {
  const [support, query] = [{ ...samples(9), weights: draw(9).map(Math.abs) }, samples(17)];
  const gradient = { kind: "unrolled", backpropSteps: 2, stepWeights: [0, 0.5, 1] } as const;
  const learner = { theta: draw(net.parameterCount), logLr: [-2], weightDecay: [0.01], stepWeights: [0, 0.5, 1] };
  const of = (s: Samples, q: Samples) =>
    interpreter(metaGradientProgram(inner, gradient, { rows: { support: s.rows, query: q.rows }, rates: 1 }))({
      ...learner,
      "support.x": s.x,
      "support.y": s.y,
      "support.weights": s.weights!,
      "query.x": q.x,
      "query.y": q.y,
      "query.weights": q.weights ?? new Float32Array(q.rows).fill(1),
    });
  const [found, wanted] = [of(filled(inner, [support])[0], filled(inner, [query])[0]), of(support, query)];
  for (const [name, values] of Object.entries(wanted)) assertLess(relativeError(found[name], values), 1e-12, name);
});
