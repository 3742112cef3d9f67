import { assert, assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import type { Initializer } from "../../lib/net/draw_mlp.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { initParams } from "../../lib/net/init.ts";
import { isMlp, mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";

Deno.test("mlp() lays weights before biases, layer after layer", () => {
  const net = mlp({ inputs: 3, hidden: [5], outputs: 2 });
  assertEquals(net.layers, [
    { inputs: 3, outputs: 5, weights: 0, bias: 15 },
    { inputs: 5, outputs: 2, weights: 20, bias: 30 },
  ]);
  assertEquals(net.parameterCount, 32);
  assert(Object.isFrozen(net) && Object.isFrozen(net.layers[0]));
});

Deno.test("mlp() takes no hidden layer at all", () => {
  assertEquals(mlp({ inputs: 6, hidden: [], outputs: 1 }).parameterCount, 7);
});

Deno.test("mlp() names the width that is wrong", () => {
  assertThrows(() => mlp({ inputs: 0, hidden: [], outputs: 1 }), RangeError, "inputs must be an integer");
  assertThrows(() => mlp({ inputs: 1, hidden: [4, 2.5], outputs: 1 }), RangeError, "hidden[1]");
  assertThrows(
    () => mlp({ inputs: 1, hidden: [], outputs: 1, activation: "swish" as "silu" }),
    RangeError,
    "activation must be one of",
  );
});

Deno.test("initParams() gives the same parameters for the same seed and zero biases", () => {
  const net = mlp({ inputs: 4, hidden: [8], outputs: 1 });
  assertEquals(initParams(net, 3), initParams(net, 3));
  assertNotEquals(initParams(net, 3), initParams(net, 4));
  for (const { bias, outputs } of net.layers) {
    assertEquals(initParams(net, 3).slice(bias, bias + outputs), new Float32Array(outputs));
  }
});

Deno.test("initParams() scales weights as the rule named says, each by its paper's formula", () => {
  const deviation = (init: Initializer, activation: "relu" | "tanh", layer: number) => {
    const net = mlp({ inputs: 100, hidden: [200], outputs: 20, activation });
    const { weights, bias } = net.layers[layer];
    const params = initParams(net, 1, { init }).subarray(weights, bias);
    return Math.sqrt(params.reduce((sum, value) => sum + value * value, 0) / params.length);
  };
  for (
    const [init, activation, layer, variance] of [
      ["he", "relu", 0, 2 / 100],
      ["he", "tanh", 0, 2 / 300],
      ["he", "relu", 1, 2 / 220],
      ["glorot", "relu", 0, 2 / 300],
      ["lecun", "relu", 1, 1 / 200],
      ["uniform", "relu", 0, 1 / 300], // of a uniform within ±1/√100
      ["uniform", "tanh", 1, 1 / 600],
    ] as const
  ) {
    const ratio = deviation(init, activation, layer) / Math.sqrt(variance);
    assert(Math.abs(ratio - 1) < 0.03, `${init}, ${activation}, layer ${layer}: ${ratio}`);
  }
  const net = mlp({ inputs: 4, hidden: [8], outputs: 1 });
  assertEquals(initParams(net, 3), initParams(net, 3, { init: "uniform" }));
  assertThrows(
    () => initParams(net, 3, { init: "xavier" as "glorot" }),
    RangeError,
    "one of uniform, glorot, he, lecun",
  );
});

Deno.test("random() repeats itself for a seed and differs between seeds and forks", () => {
  const draw = (stream: ReturnType<typeof random>) => Array.from({ length: 50 }, () => stream.uniform());
  assertEquals(draw(random(9)), draw(random(9)));
  assertNotEquals(draw(random(9)), draw(random(10)));
  assertNotEquals(draw(random(9)), draw(random(2 ** 40 + 9)));
  assertNotEquals(draw(random(9).fork(1)), draw(random(9).fork(2)));
  const stream = random(9);
  stream.fork(1).uniform();
  assertEquals(draw(stream), draw(random(9)));
});

Deno.test("random() has the moments of its distributions", () => {
  const stream = random(5);
  const normals = Array.from({ length: 100_000 }, () => stream.normal());
  const mean = normals.reduce((sum, value) => sum + value, 0) / normals.length;
  const variance = normals.reduce((sum, value) => sum + (value - mean) ** 2, 0) / normals.length;
  assert(Math.abs(mean) < 0.01 && Math.abs(variance - 1) < 0.02);
  const counts = new Array(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[stream.integer(7)]++;
  for (const count of counts) assert(Math.abs(count - 10_000) < 500);
  assertThrows(() => stream.integer(0), RangeError, "bound");
  assertThrows(() => random(0.5), RangeError, "seed");
});

Deno.test("isMlp() takes no other model by its name", () => {
  const params = { w: [2, 1] };
  const model = defineModel({ name: "mlp", inputs: 2, outputs: 1, params, apply: (g, p, x) => g.matmul(x, p.w) });
  assert(isMlp(mlp({ inputs: 2, hidden: [3], outputs: 1 })));
  assertEquals(isMlp(model), false);
});
