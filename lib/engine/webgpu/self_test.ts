/**
 * A small exact meta-gradient on the device against the float64 twin, run whenever an engine opens: drivers have computed
 * wrong numbers after an upgrade before. It touches every kernel of the exact path.
 * @module
 */
import { mlp } from "../../net/mlp.ts";
import { random } from "../../net/random.ts";
import type { FusedEngine } from "../engine.ts";
import { openNaiveEngine } from "../naive/engine.ts";
import type { FusedProblem, Learner, OuterGradient, Samples } from "../problem.ts";

/** Largest relative error that float32 sums of this length explain, with a wide margin. */
const TOLERANCE = 1e-3;

/** Relative distance of numbers from what they should be. */
export function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [difference, norm] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference += (actual[i] - expected[i]) ** 2;
    norm += expected[i] ** 2;
  }
  return Math.sqrt(difference / norm);
}

/** Throws where an adapter's relative errors, by name, are larger than float32 explains. */
export function requireSmall(adapter: string, errors: Readonly<Record<string, number>>): void {
  const wrong = Object.entries(errors).filter(([, error]) => !(error <= TOLERANCE));
  if (wrong.length === 0) return;
  const figures = wrong.map(([name, error]) => `${name} is off by ${error.toExponential(2)}`).join(", ");
  throw new Error(
    `Cannot trust this GPU: ${adapter} fails the self-test against float64 (${figures}, ` +
      `expected at most ${TOLERANCE}); update its driver or use the cpu backend`,
  );
}

/**
 * Compares the engine with the twin.
 *
 * @throws {Error} They disagree.
 */
export async function selfTest(engine: Pick<FusedEngine, "metaGradient" | "info">): Promise<void> {
  const stream = random(20);
  const normals = (length: number): Float32Array => Float32Array.from({ length }, () => stream.normal());
  const net = mlp({ inputs: 3, hidden: [5], outputs: 2, activation: "tanh" });
  const samples = (rows: number): Samples => ({ rows, x: normals(rows * 3), y: normals(rows * 2) });
  const inner: FusedProblem = {
    net,
    loss: { kind: "learned", tau: 0.5 },
    steps: 2,
    rate: { per: "layer", perStep: false },
    headOnly: false,
    proximal: 0,
  };
  const gradient: OuterGradient = { kind: "unrolled", backpropSteps: 2, stepWeights: [0, 0.5, 1] };
  const learner: Learner = {
    params: normals(net.parameterCount).map((value) => 0.5 * value),
    logLr: Float32Array.of(-2, -2.5),
    phi: Float32Array.of(0.4, 0.9, -0.3),
    weightDecay: Math.fround(0.1),
  };
  const tasks = [4, 6].map((rows) => ({ support: samples(rows), query: samples(rows + 1) }));
  const actual = await engine.metaGradient(inner, gradient, learner, tasks);
  const expected = await openNaiveEngine().metaGradient(inner, gradient, learner, tasks);
  const errors = {
    loss: distance([actual.loss], [expected.loss]),
    params: distance(actual.params, expected.params),
    logLr: distance(actual.logLr, expected.logLr),
    phi: distance(actual.phi, expected.phi),
    weightDecay: distance([actual.weightDecay], [expected.weightDecay]),
  };
  requireSmall(engine.info.adapter, errors);
}
