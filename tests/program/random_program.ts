/** Random programs from seeds, and a second, complex evaluator: f(x + ih v) has the derivative along v in its imaginary part. */
import type { Graph } from "../../lib/program/graph_type.ts";
import type { Primitive } from "../../lib/program/primitive.ts";
import { PRIMITIVES } from "../../lib/program/primitives.ts";
import type { Program } from "../../lib/program/program.ts";
import { type PrimitiveOp, type Shape, showShape, sizeOf, type Value } from "../../lib/program/value.ts";
import { type Random, random } from "../../lib/net/random.ts";

/** Shapes that programs start from. */
const SHAPES: Shape[] = [[], [3], [2, 3], [3, 2], [2, 1], [2, 3, 2]];

type Step = (g: Graph, x: Value, y: Value, stream: Random) => Value;

/** Operations that are analytic where they are used; arguments are brought where they are defined and bounded. */
const ANALYTIC: Record<string, Step> = {
  add: (g, x, y) => g.add(x, y),
  mul: (g, x, y) => g.mul(x, y),
  sub: (g, x, y) => g.sub(g.mul(0.5, x), y),
  recip: (g, x) => g.recip(g.add(2, g.square(x))),
  exp: (g, x) => g.exp(g.tanh(x)),
  log: (g, x) => g.log(g.add(1.5, g.tanh(x))),
  sqrt: (g, x) => g.sqrt(g.add(1.1, g.tanh(x))),
  tanh: (g, x) => g.tanh(x),
  sigmoid: (g, x) => g.sigmoid(x),
  softplus: (g, x) => g.softplus(x),
  gelu: (g, x) => g.gelu(x),
  silu: (g, x) => g.silu(x),
  sum: (g, x, _, stream) => g.sum(x, stream.integer(x.shape.length), { keep: stream.uniform() < 0.5 }),
  mean: (g, x, _, stream) => g.mean(x, stream.integer(x.shape.length)),
  softmax: (g, x) => g.softmax(g.tanh(x)),
  logSumExp: (g, x) => g.logSumExp(g.tanh(x)),
  transpose: (g, x) => g.transpose(x),
  reshape: (g, x) => g.reshape(x, [...x.shape].reverse()),
  slice: (g, x, _, stream) => g.slice(x, -1, { start: stream.integer(x.shape[x.shape.length - 1]) }),
  at: (g, x) => g.at(x, 0, 0),
  pad: (g, x) => g.pad(x, -1, { before: 1, after: 2 }),
  concat: (g, x) => g.concat([x, g.tanh(x), x], 0),
  matmul: (g, x, _, stream) =>
    stream.uniform() < 0.5 ? g.matmul(x, x, { transposeB: true }) : g.matmul(x, g.tanh(x), { transposeA: true }),
  gather: (g, x) => x.shape.length === 2 ? g.gather(x, g.constant([x.shape[0] - 1, 0, 0])) : x,
  scatter: (g, x) =>
    x.shape.length === 2 ? g.scatter(x, g.constant(Array.from({ length: x.shape[0] }, () => 1)), 3) : x,
  solve(g, x): Value {
    if (x.shape.length !== 2) return x;
    const n = x.shape[0];
    const identity = g.constant(Array.from({ length: n * n }, (_, i) => i % (n + 1) === 0 ? 1.5 : 0), [n, n]);
    const t = g.tanh(x);
    return g.solve(g.add(identity, g.matmul(t, t, { transposeB: true })), t);
  },
};

/** Operations with kinks, besides. */
const KINKED: Record<string, Step> = {
  abs: (g, x) => g.abs(x),
  relu: (g, x) => g.relu(x),
  sign: (g, x) => g.mul(g.sign(x), x),
  step: (g, x, y) => g.mul(g.step(x), y),
  select: (g, x, y) => g.select(g.step(x), y, g.mul(2, x)),
  maximum: (g, x, y) => g.maximum(x, y),
  minimum: (g, x, y) => g.minimum(x, y),
  max: (g, x, _, stream) => g.max(x, stream.integer(x.shape.length)),
};

/** A scalar that depends on inputs, drawn from a seed. */
export interface RandomProgram {
  /** Inputs by name. */
  readonly inputs: Readonly<Record<string, Value>>;
  /** The scalar. */
  readonly scalar: Value;
}

/** Draws `steps` operations over the inputs and sums tame functions of what came last. */
export function randomProgram(
  g: Graph,
  { seed, steps, analytic }: { readonly seed: number; readonly steps: number; readonly analytic: boolean },
): RandomProgram {
  const stream = random(seed);
  const inputs = Object.fromEntries(
    SHAPES.map((shape) => [`x${showShape(shape)}`, g.input(`x${showShape(shape)}`, shape)]),
  );
  const values = Object.values(inputs);
  const operations = Object.entries(analytic ? ANALYTIC : { ...ANALYTIC, ...KINKED });
  const needAxes = new Set(["sum", "mean", "softmax", "logSumExp", "slice", "at", "pad", "concat", "max"]);
  const needMatrix = new Set(["transpose", "matmul"]);
  while (values.length < SHAPES.length + steps) {
    const [name, step] = operations[stream.integer(operations.length)];
    const x = values[stream.integer(values.length)];
    const fitting = values.filter((y) => y.shape.length === 0 || showShape(y.shape) === showShape(x.shape));
    const y = fitting[stream.integer(fitting.length)];
    if (needAxes.has(name) && x.shape.length < 1 || needMatrix.has(name) && x.shape.length < 2) continue;
    const made = step(g, x, y, stream);
    if (sizeOf(made.shape) <= 60) values.push(made);
  }
  const scalar = values.slice(-8).reduce((sum, value) => g.add(sum, g.mean(g.tanh(value))), g.constant(0));
  return { inputs, scalar };
}

/** Numbers for the inputs of a program, of the order of 1, drawn from a seed. */
export function randomNumbers(inputs: Readonly<Record<string, Value>>, seed: number): Record<string, Float64Array> {
  const stream = random(seed);
  return Object.fromEntries(
    Object.entries(inputs).map((
      [name, { shape }],
    ) => [name, Float64Array.from({ length: sizeOf(shape) }, () => stream.normal())]),
  );
}

/** Real and imaginary parts. */
export type Complex = readonly [Float64Array, Float64Array];

type Pair = readonly [number, number];
const times = ([a, b]: Pair, [c, d]: Pair): Pair => [a * c - b * d, a * d + b * c];
const over = (
  [a, b]: Pair,
  [c, d]: Pair,
): Pair => [(a * c + b * d) / (c * c + d * d), (b * c - a * d) / (c * c + d * d)];
const exponential = ([a, b]: Pair): Pair => [Math.exp(a) * Math.cos(b), Math.exp(a) * Math.sin(b)];
const logarithm = ([a, b]: Pair): Pair => [Math.log(Math.hypot(a, b)), Math.atan2(b, a)];

const COMPLEX: Partial<Record<PrimitiveOp, (z: Pair, w: Pair) => Pair>> = {
  add: ([a, b], [c, d]) => [a + c, b + d],
  mul: times,
  recip: (z) => over([1, 0], z),
  exp: exponential,
  log: logarithm,
  sqrt: (z) => exponential(times([0.5, 0], logarithm(z))),
  // Both without loss where the imaginary part is tiny: the first terms of their series in it.
  tanh: ([a, b]) => [Math.tanh(a), b * (1 - Math.tanh(a) ** 2)],
  softplus: ([a, b]) => [Math.log1p(Math.exp(a)), b / (1 + Math.exp(-a))],
};

/** Runs a program of analytic operations on complex numbers. Movements of data, and sums, act on both parts alike. */
export function runComplex(program: Program, inputs: Readonly<Record<string, Complex>>): Record<string, Complex> {
  const values: Complex[] = [];
  for (const node of program.nodes) {
    const size = sizeOf(node.shape);
    const ins = node.inputs.map((i) => values[i]);
    const row = PRIMITIVES[node.op as PrimitiveOp] as Primitive<PrimitiveOp> | undefined;
    const shapes = node.inputs.map((i) => program.nodes[i].shape);
    const real = (parts: Float64Array[]): Float64Array => {
      const out = new Float64Array(size);
      row!.value({ out, outShape: node.shape, ins: parts, shapes, attributes: node.attributes });
      return out;
    };
    const scalar = COMPLEX[node.op as PrimitiveOp];
    if (node.op === "input") values.push(inputs[node.attributes.name]);
    else if (node.op === "fill") {
      values.push([new Float64Array(size).fill(node.attributes.value), new Float64Array(size)]);
    } else if (node.op === "constant") values.push([node.attributes.data, new Float64Array(size)]);
    else if (scalar) {
      const out: Complex = [new Float64Array(size), new Float64Array(size)];
      for (let i = 0; i < size; i++) {
        const [z, w] = [0, 1].map((k) => ins[k] ? [ins[k][0][i], ins[k][1][i]] as const : [0, 0] as const);
        [out[0][i], out[1][i]] = scalar(z, w);
      }
      values.push(out);
    } else if (node.op === "matmul") {
      const [[a, b], [c, d]] = ins;
      values.push([
        real([a, c]).map((value, i) => value - real([b, d])[i]),
        real([a, d]).map((value, i) => value + real([b, c])[i]),
      ]);
    } else if (node.op === "solve") {
      // (A + iE)⁻¹(B + iF) = A⁻¹B + i A⁻¹(F − E A⁻¹B), to first order in the imaginary parts.
      const [[a, e], [b, f]] = ins;
      const solution = real([a, b]);
      const [n, m] = node.shape;
      const rest = f.slice();
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < m; j++) {
          for (let k = 0; k < n; k++) rest[i * m + j] -= e[i * n + k] * solution[k * m + j];
        }
      }
      values.push([solution, real([a, rest])]);
    } else if (node.op === "gather" || node.op === "scatter") {
      values.push([real([ins[0][0], ins[1][0]]), real([ins[0][1], ins[1][0]])]);
    } else if (node.op === "max" || node.op === "sign" || node.op === "step" || node.op === "stop") {
      values.push([real([ins[0][0]]), node.op === "stop" ? ins[0][1] : new Float64Array(size)]);
    } else values.push([real(ins.map(([x]) => x)), real(ins.map(([, y]) => y))]);
  }
  return Object.fromEntries(Object.entries(program.outputs).map(([name, i]) => [name, values[i]]));
}
