/**
 * Reads the golden derivatives (PyTorch autograd, float64) from the shared folder, as engine problems.
 * The folder is `ADAPTRADE_SHARED`, or `../shared` beside the checkout; where it is absent the list is empty.
 */
import { type Mlp, mlp } from "../lib/net/mlp.ts";
import type { Activation } from "../lib/net/activation.ts";
import type { InnerProblem, Learner, LossShape, OuterGradient, RateShape, Task } from "../lib/engine/problem.ts";
import { permits } from "./permissions.ts";

export const SHARED = new URL(
  `${(permits("env") && Deno.env.get("ADAPTRADE_SHARED")) || new URL("../../shared", import.meta.url).pathname}/`,
  "file:",
);

/** Whether the shared folder is there and may be read; tests that use it are ignored without. */
export const hasShared: boolean = (() => {
  try {
    return permits("read") && Deno.statSync(SHARED).isDirectory;
  } catch {
    return false;
  }
})();

interface GoldenSamples {
  x: number[];
  y: number[];
  weights: number[];
}

interface GoldenFile {
  name: string;
  net: { widths: number[]; activation: Activation };
  params: number[];
  inner: {
    steps: number;
    logLr: number[];
    lrShape: RateShape;
    layers: "all" | "head";
    weightDecay: number;
    proximal?: number;
  };
  loss: { kind: "mse" | "huber" | "learned"; delta?: number; tau?: number; phi?: number[] };
  gradient: {
    kind: "unrolled" | "reptile" | "implicit";
    backpropSteps?: number;
    stepWeights?: number[];
  };
  tasks: { support: GoldenSamples; query: GoldenSamples }[];
  hvpVector: number[];
  expected: {
    tasks: { supportLosses: number[]; queryLoss: number; adapted: number[] }[];
    metaLoss: number;
    gradParams: number[];
    gradLogLr?: number[];
    gradPhi?: number[];
    gradWeightDecay?: number;
    hvp: { loss: number; grad: number[]; hv: number[]; forward: number[] };
  };
}

/** One golden case: the problem, and what PyTorch found. */
export interface Golden {
  name: string;
  inner: InnerProblem & { readonly net: Mlp };
  gradient: OuterGradient;
  learner: Learner;
  tasks: Task[];
  hvpVector: Float32Array;
  expected: GoldenFile["expected"];
}

function lossShape(loss: GoldenFile["loss"]): LossShape {
  if (loss.kind === "huber") return { kind: "huber", delta: loss.delta! };
  if (loss.kind === "learned") return { kind: "learned", tau: loss.tau! };
  return { kind: "mse" };
}

function outerGradient({ gradient, inner: { steps } }: GoldenFile): OuterGradient {
  if (gradient.kind === "reptile") return { kind: "reptile" };
  if (gradient.kind === "implicit") return { kind: "implicit", cgSteps: 50, tolerance: 1e-6 };
  const last = Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0);
  return {
    kind: "unrolled",
    backpropSteps: gradient.backpropSteps ?? steps,
    stepWeights: gradient.stepWeights ?? last,
  };
}

function toSamples({ x, y, weights }: GoldenSamples) {
  return {
    rows: weights.length,
    x: Float32Array.from(x),
    y: Float32Array.from(y),
    weights: Float32Array.from(weights),
  };
}

/** Turns a golden file's text into a case. */
export function parseGolden(text: string): Golden {
  const file = JSON.parse(text) as GoldenFile;
  const { widths, activation } = file.net;
  const net = mlp({
    inputs: widths[0],
    hidden: widths.slice(1, -1),
    outputs: widths[widths.length - 1],
    activation,
  });
  return {
    name: file.name,
    inner: {
      net,
      loss: lossShape(file.loss),
      steps: file.inner.steps,
      rate: file.inner.lrShape,
      headOnly: file.inner.layers === "head",
      proximal: file.inner.proximal ?? 0,
    },
    gradient: outerGradient(file),
    learner: {
      params: Float32Array.from(file.params),
      logLr: Float32Array.from(file.inner.logLr),
      phi: Float32Array.from(file.loss.phi ?? [-3, 0.5413, 0]),
      weightDecay: Math.fround(file.inner.weightDecay),
    },
    tasks: file.tasks.map(({ support, query }) => ({ support: toSamples(support), query: toSamples(query) })),
    hvpVector: Float32Array.from(file.hvpVector),
    expected: file.expected,
  };
}

/** Every golden case in the shared folder, or none where it is absent. */
export function readGoldens(): Golden[] {
  if (!hasShared) return [];
  const folder = new URL("goldens/", SHARED);
  return [...Deno.readDirSync(folder)]
    .map(({ name }) => name)
    .filter((name) => name.endsWith(".json") && !name.startsWith("features"))
    .sort()
    .map((name) => parseGolden(Deno.readTextFileSync(new URL(name, folder))));
}

/** ‖actual − expected‖ / ‖expected‖; the plain norm of the difference where expected is zero. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity;
  let [difference, reference] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    reference += expected[i] ** 2;
  }
  return Math.sqrt(difference) / (reference > 0 ? Math.sqrt(reference) : 1);
}
