import { assert, assertEquals, assertRejects } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { FusedEngine } from "../../lib/engine/engine.ts";
import { isFused, routeEngine } from "../../lib/engine/route.ts";
import { adapt } from "../../lib/meta/adapt.ts";
import { maml } from "../../lib/meta/presets.ts";
import { resolveConfig } from "../../lib/meta/resolve.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { lstm } from "../../lib/model/lstm.ts";
import { isMlp, mlp } from "../../lib/net/mlp.ts";

const net = mlp({ inputs: 2, hidden: [3], outputs: 1 });

Deno.test("the fused kernels serve perceptrons with gradient steps and three losses, judged as usual", () => {
  const serves = (config: Parameters<typeof maml>[0]): boolean => isFused(resolveConfig(maml(config)).inner);
  assert(serves({ net }));
  assert(serves({ net, loss: { kind: "huber", delta: 1 } }));
  assert(serves({ net, inner: { rule: { kind: "sgd" } } }));
  assertEquals(serves({ net, loss: { kind: "logistic" } }), false);
  assertEquals(serves({ net, inner: { rule: { kind: "momentum", mu: 0.9 } } }), false);
  assertEquals(serves({ net, outerLoss: { kind: "mse" } }), false);
  assertEquals(serves({ net: lstm({ time: 2, features: 1, hidden: 2, outputs: 1 }) }), false);
});

Deno.test("isMlp() takes no other model by its name", () => {
  const params = { w: [2, 1] };
  const model = defineModel({ name: "mlp", inputs: 2, outputs: 1, params, apply: (g, p, x) => g.matmul(x, p.w) });
  assert(isMlp(net));
  assertEquals(isMlp(model), false);
});

Deno.test("a backend without an executor of programs refuses other problems, by name", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  // Calls to the kernels themselves need no programs; that this engine has its own is not asked.
  const alone = routeEngine({ ...engine, heldBytes: 0 } as FusedEngine);
  const state = metaInit(maml({ net: lstm({ time: 2, features: 1, hidden: 2, outputs: 1 }) }));
  const support = { rows: 1, x: Float32Array.of(1, 2), y: Float32Array.of(1) };
  await assertRejects(
    () => adapt(alone, state, support),
    RangeError,
    "Cannot run this problem on the cpu engine: expected a perceptron (mlp), rule sgd and loss mse, huber or learned, " +
      "received model lstm, loss mse, rule sgd",
  );
});
