// The sequence models against loops written as their formulas stand, and what a model of one's own is held to.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { attention } from "../../lib/model/attention.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { lstm } from "../../lib/model/lstm.ts";
import type { Model } from "../../lib/model/model.ts";
import { buildNamedModel, deriveModel } from "../../lib/model/models.ts";
import { tcn } from "../../lib/model/tcn.ts";
import { forwardProgram } from "../../lib/method/programs.ts";
import { initParams } from "../../lib/net/init.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { random } from "../../lib/net/random.ts";
import { interpreter } from "../../lib/program/interpret.ts";

type Rows = number[][];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** x · w of one row, w `[in][out]` flat. */
function times(x: readonly number[], w: ArrayLike<number>, outputs: number): number[] {
  return Array.from({ length: outputs }, (_, o) => x.reduce((sum, value, i) => sum + value * w[i * outputs + o], 0));
}

const plus = (a: readonly number[], b: ArrayLike<number>): number[] => a.map((value, i) => value + b[i]);

function partsOf(net: Model, theta: Float64Array): Record<string, Float64Array> {
  return Object.fromEntries(net.parts.map(({ name, start, end }) => [name, theta.subarray(start, end)]));
}

/** A model's outputs and a row function's, at random parameters and rows. */
function assertComputes(
  net: Model,
  row: (p: Record<string, Float64Array>, bars: Rows) => number[],
  time: number,
): void {
  const stream = random(3);
  const theta = Float64Array.from({ length: net.parameterCount }, () => 0.7 * stream.normal());
  const x = Float64Array.from({ length: 4 * net.inputs }, () => stream.normal());
  const { outputs } = interpreter(forwardProgram(net, 4))({ theta, "query.x": x });
  const features = net.inputs / time;
  for (let r = 0; r < 4; r++) {
    const at = (t: number): number => r * net.inputs + t * features;
    const bars = Array.from({ length: time }, (_, t) => [...x.subarray(at(t), at(t + 1))]);
    row(partsOf(net, theta), bars).forEach((value, o) =>
      assertAlmostEquals(outputs[r * net.outputs + o], value, 1e-12)
    );
  }
}

Deno.test("lstm() computes its gates bar after bar", () => {
  for (
    const [time, features, hidden, outputs, every] of [[1, 3, 2, 1], [7, 2, 5, 3], [7, 2, 5, 3, 3], [1, 3, 2, 1, 1]]
  ) {
    assertComputes(lstm({ time, features, hidden, outputs, ...(every ? { every } : {}) }), (p, bars) => {
      let [h, c] = [new Array<number>(hidden).fill(0), new Array<number>(hidden).fill(0)];
      for (const bar of bars) {
        const z = plus(plus(times(bar, p.wx, 4 * hidden), times(h, p.wh, 4 * hidden)), p.b);
        c = c.map((old, i) => sigmoid(z[hidden + i]) * old + sigmoid(z[i]) * Math.tanh(z[2 * hidden + i]));
        h = c.map((value, i) => sigmoid(z[3 * hidden + i]) * Math.tanh(value));
      }
      return plus(times(h, p.wo, outputs), p.bo);
    }, time);
  }
});

Deno.test("tcn() filters every bar as far back as it should, residual where widths agree", () => {
  for (const channels of [[4], [3, 3], [6, 6, 5], [2, 5, 5, 5]]) {
    for (const [time, taps] of [[1, 3], [6, 2], [9, 3], [20, 1]]) {
      assertComputes(tcn({ time, features: 3, channels, taps, outputs: 2 }), (p, bars) => {
        let h = bars;
        channels.forEach((width, l) => {
          const inputs = h[0].length;
          const out = h.map((_, t) => {
            let sum: number[] = [...p[`b${l}`]];
            for (let j = 0; j < taps; j++) {
              const from = h[t - (taps - 1 - j) * 2 ** l];
              if (from) {
                sum = plus(sum, times(from, p[`k${l}`].subarray(j * inputs * width, (j + 1) * inputs * width), width));
              }
            }
            return sum.map(Math.tanh);
          });
          h = inputs === width ? out.map((row, t) => plus(row, h[t])) : out;
        });
        return plus(times(h[time - 1], p.wo, 2), p.bo);
      }, time);
    }
  }
});

Deno.test("attention() weighs the bars by what the last one asks", () => {
  for (const [time, features, width] of [[1, 2, 3], [6, 3, 5]]) {
    assertComputes(attention({ time, features, width, outputs: 2 }), (p, bars) => {
      const e = bars.map((bar, t) =>
        plus(plus(times(bar, p.we, width), p.be), p.pos.subarray(t * width, (t + 1) * width))
      );
      const last = e[time - 1];
      const q = times(last, p.wq, width);
      const keys = e.map((row) => times(row, p.wk, width));
      const scores = keys.map((key) =>
        Math.exp(key.reduce((sum, value, i) => sum + value * q[i], 0) / Math.sqrt(width))
      );
      const total = scores.reduce((sum, score) => sum + score);
      const mixed = e.map((row) => times(row, p.wv, width)).reduce(
        (sum, row, t) => sum.map((value, i) => value + scores[t] / total * row[i]),
        new Array<number>(width).fill(0),
      );
      return plus(times(plus(last, mixed), p.wo, 2), p.bo);
    }, time);
  }
});

Deno.test("the forget gate starts open; matrices are drawn by Glorot's variance, vectors start at 0", () => {
  const net = lstm({ time: 2, features: 60, hidden: 40, outputs: 1 });
  const params = initParams(net, 5);
  const part = (name: string): Float32Array => {
    const { start, end } = net.parts.find((one) => one.name === name)!;
    return params.subarray(start, end);
  };
  assertEquals([...part("b")], Array.from({ length: 160 }, (_, i) => i >= 40 && i < 80 ? 1 : 0));
  const wx = part("wx");
  const variance = wx.reduce((sum, value) => sum + value * value, 0) / wx.length;
  assertAlmostEquals(variance / (2 / (60 + 160)), 1, 0.05);
  assertEquals(initParams(net, 5), params);
});

Deno.test("a vector belongs to the layer before it, the last layer is the head", () => {
  const groups = (net: Model) => net.groups.map(({ start, end }) => [start, end]);
  assertEquals(groups(mlp({ inputs: 2, hidden: [3], outputs: 1 })), [[0, 9], [9, 13]]);
  assertEquals(groups(tcn({ time: 4, features: 1, channels: [2], taps: 2, outputs: 1 })), [[0, 6], [6, 9]]);
  const shapes = { w: [2, 2], b: [2], gain: [2], out: [2, 1] };
  const apply: Model["apply"] = (g, p, x) => g.matmul(g.mul(g.add(g.matmul(x, p.w), p.b), p.gain), p.out);
  assertEquals(groups(defineModel({ inputs: 2, outputs: 1, params: shapes, apply })), [[0, 8], [8, 10]]);
  const layers = [["w", "b"], ["gain", "out"]];
  assertEquals(groups(defineModel({ inputs: 2, outputs: 1, params: shapes, layers, apply })), [[0, 6], [6, 10]]);
});

Deno.test("a model that has been through JSON or another thread is made again; one's own is refused by name", () => {
  for (
    const net of [
      lstm({ time: 2, features: 1, hidden: 2, outputs: 1 }),
      lstm({ time: 2, features: 1, hidden: 2, outputs: 1, every: 1 }),
      tcn({ time: 3, features: 1, channels: [2, 2], taps: 2, outputs: 1 }),
      attention({ time: 2, features: 1, width: 2, outputs: 1 }),
      mlp({ inputs: 2, hidden: [3], outputs: 1 }),
    ]
  ) {
    const again = deriveModel(structuredClone(net));
    assertEquals(again, net);
    assert(typeof again.apply === "function" && typeof again.init === "function");
    assertEquals(deriveModel(net), net);
  }
  const own = defineModel({
    name: "own",
    inputs: 1,
    outputs: 1,
    params: { w: [1, 1] },
    apply: (g, p, x) => g.matmul(x, p.w),
  });
  assertThrows(() => deriveModel(structuredClone(own)), TypeError, "received own without its functions");
  assertThrows(
    () => buildNamedModel("transformer", {}),
    RangeError,
    "one of mlp, lstm, tcn, attention, particles, received transformer",
  );
});

Deno.test("models refuse what does not fit where they are defined", () => {
  const apply: Model["apply"] = (g, p, x) => g.matmul(x, p.w);
  const define = (more: object) => defineModel({ inputs: 2, outputs: 1, params: { w: [2, 1] }, apply, ...more });
  assertThrows(
    () => define({ inputs: 0 }),
    RangeError,
    "expected inputs to be a whole number of at least 1, received 0",
  );
  assertThrows(() => define({ params: {} }), RangeError, "at least one part");
  assertThrows(() => define({ params: { w: [2.5, 1] } }), RangeError, "params.w[0]");
  assertThrows(
    () => define({ params: { w: [3, 1] } }),
    TypeError,
    "inner sizes that agree, received [2, 2] and [3, 1]",
  );
  assertThrows(
    () => define({ outputs: 2 }),
    TypeError,
    "Cannot apply the model custom: expected outputs [2, 2], received [2, 1]",
  );
  assertThrows(
    () => define({ layers: [["v"]] }),
    RangeError,
    "expected layers to hold every name of params in order (w)",
  );
  assertThrows(() => initParams(define({ init: () => ({ w: [1] }) }), 1), RangeError, "2 numbers for w, received 1");
  assertThrows(() => initParams(define({ init: () => ({ v: [1] }) }), 1), RangeError, "parts among w, received v");
  assertThrows(
    () => lstm({ time: 0, features: 1, hidden: 1, outputs: 1 }),
    RangeError,
    "Cannot build lstm: expected time",
  );
  assertThrows(
    () => lstm({ time: 2, features: 1, hidden: 1, outputs: 1, every: 0 }),
    RangeError,
    "Cannot build lstm: expected every",
  );
  assertThrows(
    () => tcn({ time: 2, features: 1, channels: [], taps: 1, outputs: 1 }),
    RangeError,
    "at least one width",
  );
  assertThrows(
    () => initParams(lstm({ time: 1, features: 1, hidden: 1, outputs: 1 }), 1, { init: "he" }),
    TypeError,
    "model lstm",
  );
});
