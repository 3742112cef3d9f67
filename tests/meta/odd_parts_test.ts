// What a caller's functions may give by mistake is refused where it was given, by the part's name, what was wanted and what came.
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Task } from "../../lib/engine/problem.ts";
import type { CustomLoss } from "../../lib/loss/config.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { defineMethod, type MethodDefinition } from "../../lib/method/define_method.ts";
import { defineModel, type ModelDefinition } from "../../lib/model/define_model.ts";
import { initParams } from "../../lib/net/init.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { scan } from "../../lib/program/scan.ts";
import type { CustomRule } from "../../lib/rule/config.ts";

const engine = openNaiveEngine();
const rows = { rows: 2, x: Float32Array.of(1, 2, 3, 4), y: Float32Array.of(1, 2) };
const TASKS: readonly Task[] = [{ support: rows, query: rows }];
const net = mlp({ inputs: 2, hidden: [], outputs: 1 });

/** What a function without types may give in place of a value, and how it is called. */
const ODD: readonly (readonly [unknown, string])[] = [
  [undefined, "undefined"],
  [null, "null"],
  [3, "the number 3"],
  [[1, 2], "an object that is no value"],
  [Promise.resolve(1), "a promise"],
  [createGraph().constant(0, [7]), "[7]"],
];

const model = (more: object) =>
  defineModel({
    name: "odd",
    inputs: 2,
    outputs: 1,
    params: { w: [2, 1] },
    apply: (g, p, x) => g.matmul(x, p.w),
    ...more,
  } as ModelDefinition);
const method = (more: object) =>
  defineMethod({
    name: "odd",
    inputs: 2,
    outputs: 1,
    learnables: { w: [2, 1] },
    adapt: () => ({}),
    predict: (g, { w }, _, x) => g.matmul(x, w),
    ...more,
  } as MethodDefinition);

Deno.test("models, losses, rules, methods and steps of scan that give no value are refused by name", async () => {
  for (const [odd, received] of ODD) {
    assertThrows(
      () => model({ apply: () => odd }),
      TypeError,
      `apply the model odd: expected outputs [2, 1], received ${received}`,
    );
    assertThrows(
      () => method({ predict: () => odd }),
      TypeError,
      `predict by the method odd: expected predictions [2, 1], received ${received}`,
    );
    const loss = { kind: "custom", name: "odd", row: () => odd } as unknown as CustomLoss;
    await assertRejects(
      () => metaGradientOf(engine, metaInit(maml({ net, loss })), TASKS),
      TypeError,
      `take the loss odd: expected a loss a row, [2], received ${received}`,
    );
    for (const [move, came] of [[odd, "undefined"], [{ theta: odd }, received]] as const) {
      const rule = { kind: "custom", name: "odd", update: () => move } as unknown as CustomRule;
      await assertRejects(
        () => metaGradientOf(engine, metaInit(maml({ net, inner: { rule } })), TASKS),
        TypeError,
        `step by the rule odd: expected { theta } of shape [3], received ${came}`,
      );
    }
    const g = createGraph();
    const step = () => ({ sum: odd }) as never;
    assertThrows(
      () => scan(g, { sum: g.constant(0) }, g.input("xs", [3]), { step }),
      TypeError,
      `scan: expected sum of [] from each step, received ${received}`,
    );
  }
  const g = createGraph();
  assertThrows(
    () => scan(g, { sum: g.constant(0) }, g.input("xs", [3]), { step: () => undefined as never }),
    TypeError,
    "expected a carry of sum from each step, received none",
  );
});

Deno.test("a part's error names the caller's line, not one of the library's", () => {
  const here = /\(at file:.*odd_parts_test\.ts:\d+:\d+\)$/;
  for (
    const make of [
      () => model({ apply: () => undefined }),
      () => model({ apply: (g: ReturnType<typeof createGraph>) => g.constant(0, [2, 5]) }),
      () => model({ apply: (g: ReturnType<typeof createGraph>, _: unknown, x: never) => g.matmul(x, x) }),
      () => method({ predict: () => undefined }),
    ]
  ) assertMatch(assertThrows(make, TypeError).message, here);
});

Deno.test("shapes, functions and drawn numbers of another kind are refused where a model or a method is defined", () => {
  for (const [make, shapes] of [[model, "params"], [method, "learnables"]] as const) {
    assertThrows(
      () => make({ [shapes]: { w: 2 } }),
      TypeError,
      `expected ${shapes}.w to be a shape such as [4, 2] or [4], received 2`,
    );
    assertThrows(
      () => make({ [shapes]: { w: [2, 0] } }),
      RangeError,
      `expected ${shapes}.w[1] to be a whole number of at least 1`,
    );
  }
  assertThrows(() => model({ apply: undefined }), TypeError, "expected apply to be a function, received undefined");
  assertThrows(() => method({ adapt: 1 }), TypeError, "expected adapt to be a function, received number");
  const drawn: readonly (readonly [unknown, typeof TypeError | typeof RangeError, string])[] = [
    [Promise.resolve({ w: [1, 1] }), TypeError, "to give numbers by the names of parts, received a promise"],
    [3, TypeError, "to give numbers by the names of parts, received 3"],
    [{ v: [1] }, RangeError, "to give parts among w, received v"],
    [{ w: [1] }, RangeError, "to give 2 numbers for w, received 1"],
    [{ w: undefined }, RangeError, "to give 2 numbers for w, received undefined"],
    [{ w: [1, NaN] }, RangeError, "to give finite numbers for w, received NaN at index 1"],
  ];
  for (const [given, type, message] of drawn) {
    assertThrows(() => initParams(model({ init: () => given }), 1), type, `expected init ${message}`);
    assertThrows(() => metaInit(method({ init: () => given })), type, `expected init ${message}`);
    const rule = { kind: "custom", name: "odd", learnables: { w: [2] }, start: () => given, update: () => ({}) };
    const config = maml({ net, inner: { rule: rule as unknown as CustomRule } });
    assertThrows(() => metaInit(config), type, `expected start ${message}`);
  }
  const rule = { kind: "custom", learnables: { w: 3 }, update: () => ({}) } as unknown as CustomRule;
  assertThrows(() => maml({ net, inner: { rule } }), TypeError, "expected inner.rule.learnables.w to be a shape");
});

Deno.test("parts may be called as methods of every object are", () => {
  const net = model({
    params: { constructor: [2, 1], toString: [1] },
    apply: (g: ReturnType<typeof createGraph>, p: Record<string, never>, x: never) =>
      g.add(g.matmul(x, p.constructor as never), p.toString as never),
  });
  assertEquals(initParams(net, 1).every(Number.isFinite), true);
});
