import { assert, assertEquals } from "@std/assert";
import { isFused } from "../../lib/engine/route.ts";
import { maml } from "../../lib/meta/presets.ts";
import { resolveConfig } from "../../lib/meta/resolve.ts";
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
