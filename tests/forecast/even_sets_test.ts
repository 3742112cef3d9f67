// Sets of few sizes: few programs to build, and no other result.
import { assert, assertAlmostEquals, assertEquals, assertLess } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { evenRows, fillerOf } from "../../lib/forecast/even_sets.ts";
import { inContext, type LossConfig, maml, metaInit } from "../../lib/meta/mod.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { someSamples } from "../meta/fixtures.ts";

const net = mlp({ inputs: 3, hidden: [4], outputs: 1 });
const stateOf = (loss: LossConfig = { kind: "mse" }) => metaInit(maml({ net, loss, inner: { steps: 3, lr: 0.1 } }));

Deno.test("evenRows() is one of few sizes, at most twice as many, and never above the whole", () => {
  for (const most of [5, 20, 60, 120]) {
    const sizes = new Set<number>();
    for (let rows = 1; rows <= most; rows++) {
      const even = evenRows(rows, most);
      assert(even >= rows && even <= most);
      if (rows > 32) assertLess(even, 1.5 * rows);
      else if (rows > 8) assertLess(even, 2 * rows);
      sizes.add(even);
    }
    assertLess(sizes.size, 8);
    assertEquals(evenRows(most, most), most);
  }
  assertEquals([1, 8, 9, 33, 48, 49, 65, 100].map((rows) => evenRows(rows, 500)), [8, 8, 16, 48, 48, 64, 96, 128]);
});

Deno.test("a network forecasts from a support that was filled up as from the support itself", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const stream = random(3);
  const x = someSamples(net, 4, stream).x;
  for (const loss of [{ kind: "mse" }, { kind: "huber", delta: 1 }] as const) {
    const state = stateOf(loss);
    const fill = fillerOf(state);
    for (const rows of [3, 11, 37]) {
      const support = someSamples(net, rows, stream);
      const filled = fill(support, evenRows(rows, 100));
      assertLess(support.rows, filled.rows);
      const [own, even] = await adaptPredict(engine, state, [{ support, x }, { support: filled, x }]);
      even.forEach((value, i) => assertAlmostEquals(value, own[i], 1e-6));
    }
  }
});

Deno.test("sets of what may look at several rows at once are left as they are", () => {
  const set = someSamples(net, 5, random(1));
  const custom: LossConfig = { kind: "custom", name: "own", row: (g, predicted, y) => g.square(g.sub(predicted, y)) };
  assertEquals(fillerOf(stateOf(custom))(set, 8), set);
  const method = metaInit({ method: inContext({ inputs: 3, outputs: 1, loss: { kind: "mse" } }) });
  assertEquals(fillerOf(method)(set, 8), set);
  assertEquals(fillerOf(stateOf())(set, 8).rows, 8);
});
