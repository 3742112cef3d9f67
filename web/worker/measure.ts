/**
 * What a point of a run's curve holds beside its losses, and how it is measured. Writes nothing.
 * @module
 */
import { type Engine, learningRates, metaGradientOf, type MetaState, type Task } from "@adaptrade/adaptrade";
import type { ForecasterProgress } from "@adaptrade/adaptrade/forecast";
import type { RunPoint } from "@adaptrade/adaptrade/store";

/** How much of the exact meta-gradient its first-order part is. */
export interface FirstOrderShare {
  /** Cosine of the angle between both, by θ_0. */
  readonly cosine: number;
  /** Norm of the first-order gradient over that of the exact one. */
  readonly ratio: number;
}

/** The `detail` of a run's points. */
export interface PointDetail {
  /** The network that trains, from 1. */
  readonly member: number;
  /** Whether it is pretrained or meta-trained. */
  readonly phase: ForecasterProgress["phase"];
  /** Loss on validation of saying nothing: the anchor with the pool's mean. */
  readonly anchorLoss: number;
  /** Training loss of networks that say nothing, over the steps since the last point; null where there is none. */
  readonly silentLoss: number | null;
  /** Norm of the outer gradient before clipping. */
  readonly gradNorm: number;
  /** Meta-loss of each task of the last batch. */
  readonly taskLosses: readonly number[];
  /** Mean inner learning rate by layer and inner step; empty while a network is pretrained. */
  readonly rates: readonly { readonly layer: number; readonly step: number; readonly mean: number }[];
  /** Measured in meta-training; null before, and for methods that take no unrolled gradient. */
  readonly firstOrder: FirstOrderShare | null;
  /** Outer steps a second since the last point. */
  readonly stepsPerSecond: number;
  /** The engine that trains. */
  readonly backend: "webgpu" | "cpu" | "naive";
}

const MEASURED_TASKS = 16;
const DIGITS = 6;

/** Takes the exact and the first-order meta-gradient of a few tasks; null where the method has no such pair. */
export async function measure(
  engine: Engine,
  state: MetaState,
  tasks: readonly Task[],
): Promise<FirstOrderShare | null> {
  const { config } = state;
  if ((config.gradient?.kind ?? "unrolled") !== "unrolled" || config.inner.steps === 0) return null;
  const gradient = async (backpropSteps: number): Promise<Float32Array> => {
    const variant = { ...state, config: { ...config, gradient: { kind: "unrolled", backpropSteps } as const } };
    return (await metaGradientOf(engine, variant, tasks.slice(0, MEASURED_TASKS))).params;
  };
  const [exact, first] = [await gradient(config.inner.steps), await gradient(0)];
  const [length, firstLength] = [Math.sqrt(dot(exact, exact)), Math.sqrt(dot(first, first))];
  if (length === 0 || firstLength === 0) return null;
  return { cosine: round(dot(exact, first) / (length * firstLength)), ratio: round(firstLength / length) };
}

/** The point of the curve at some progress, `step` outer steps into the whole run. */
export function pointOf(
  { phase, member, loss, validated, anchorLoss, silentLoss, training }: ForecasterProgress,
  step: number,
  more: Pick<PointDetail, "firstOrder" | "stepsPerSecond" | "backend">,
): RunPoint {
  const { state, meanLoss, gradNorm, taskLosses } = training;
  const detail: PointDetail = {
    member,
    phase,
    anchorLoss: round(anchorLoss),
    silentLoss: silentLoss === null ? null : round(silentLoss),
    gradNorm: round(gradNorm),
    taskLosses: Array.from(taskLosses, round),
    rates: phase === "meta"
      ? learningRates(state).map(({ layer, step, mean }) => ({ layer, step, mean: round(mean) }))
      : [],
    ...more,
    stepsPerSecond: round(more.stepsPerSecond),
  };
  return { step, train: meanLoss, validation: validated ? loss : null, detail };
}

function dot(a: Float32Array, b: Float32Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}

/** Six digits: what a chart can show, at half the bytes. */
function round(value: number): number {
  return Number(value.toPrecision(DIGITS));
}
