/**
 * The one interface that every backend implements. Arguments are validated before they get here; results are fresh arrays.
 * Implementations: `webgpu/` (WGSL), `cpu/` (SIMD WebAssembly) and `naive/` (float64, the readable reference).
 * @module
 */
import type { Model } from "../model/model.ts";
import type {
  InnerProblem,
  Learner,
  LearnMask,
  LossShape,
  MetaGradient,
  OuterGradient,
  OuterMoments,
  OuterRule,
  Samples,
  Task,
} from "./problem.ts";

/** What an engine runs on. */
export interface EngineInfo {
  /** Which implementation this is. */
  readonly backend: "webgpu" | "cpu" | "naive";
  /** The adapter's or the kernel build's name. */
  readonly adapter: string;
  /** True for a software adapter. */
  readonly isFallback: boolean;
  /** Threads in use, the caller included. */
  readonly threads: number;
  /** Limits worth knowing, by name (bytes, counts). */
  readonly limits: Readonly<Record<string, number>>;
}

/** A batch of inner loops, run. */
export interface AdaptedBatch {
  /** Adapted parameters, `[tasks, parameterCount]`; of a method each task's own `contextModel`'s, one after another. */
  readonly params: Float32Array;
  /** Support loss before each step and after the last, `[tasks, steps + 1]`. */
  readonly losses: Float32Array;
  /** ‖g_K‖ / ‖g_0‖ of each inner loop, `[tasks]`; only where the problem has a tolerance. */
  readonly stationarity?: Float32Array;
}

/** A support set and the inputs to predict from it. */
export interface AdaptPair {
  /** What to adapt on. */
  readonly support: Samples;
  /** Inputs to predict, `[rows, inputs]`; rows may differ between pairs. */
  readonly x: Float32Array;
}

/** A bilevel problem to train on: what stays the same from step to step. */
export interface TrainingPlan {
  /** The inner loop. */
  readonly inner: InnerProblem;
  /** What an outer step moves. */
  readonly learn: LearnMask;
  /** How it moves it. */
  readonly rule: OuterRule;
}

/** What one outer step needs beyond its tasks. */
export interface TrainingStep {
  /** Outer learning rate of this step. */
  readonly lr: number;
  /** How this step's gradient is taken. */
  readonly gradient: OuterGradient;
  /** Ends the step where the engine can before it is done: it then rejects with the signal's reason and has changed nothing. */
  readonly signal?: AbortSignal;
}

/** What a training holds when it is read. */
export interface TrainingReading {
  /** The learner after the last good step. */
  readonly learner: Learner;
  /** The optimiser's moments after the last good step. */
  readonly moments: OuterMoments;
  /** Meta-loss of the last step queued (of the failing step if halted). */
  readonly loss: number;
  /** Its task losses, `[tasks]`. */
  readonly taskLosses: Float32Array;
  /** Euclidean norm of its gradient's learned part, before clipping. */
  readonly gradNorm: number;
  /** Mean meta-loss of the good steps since the last reading; NaN if there was none. */
  readonly meanLoss: number;
  /** True when a step's loss or gradient was not finite: that step and those after it changed nothing. */
  readonly halted: boolean;
}

/** A learner that lives on the device between steps. Steps run in the order they were queued. */
export interface Training extends AsyncDisposable {
  /** Queues one outer step; resolves as soon as another may be queued, not when it has run. */
  step(tasks: readonly Task[], step: TrainingStep): Promise<void>;
  /** Waits for what is queued and reads it back. */
  read(): Promise<TrainingReading>;
}

/** What an engine computes. */
export interface EngineMethods {
  /** Outputs of the model, `[rows, outputs]`, for inputs `[rows, inputs]`. */
  forward(net: Model, params: Float32Array, x: Float32Array): Promise<Float32Array>;
  /** Loss, its gradient by the parameters `[parameterCount]` and by φ (zeros where the loss has none). */
  lossGradient(
    net: Model,
    loss: LossShape,
    at: Pick<Learner, "params" | "phi">,
    samples: Samples,
  ): Promise<{ loss: number; grad: Float32Array; gradPhi: Float32Array }>;
  /** Hessian of the loss by the parameters, times `vector` `[parameterCount]`. */
  hessianVectorProduct(
    net: Model,
    loss: LossShape,
    at: Pick<Learner, "params" | "phi">,
    samples: Samples,
    vector: Float32Array,
  ): Promise<Float32Array>;
  /** Runs every support set's inner loop from the same start. */
  adapt(inner: InnerProblem, learner: Learner, supports: readonly Samples[]): Promise<AdaptedBatch>;
  /** Adapts on each support and predicts its x, in one device round trip: `[rows, outputs]` each. */
  adaptPredict(inner: InnerProblem, learner: Learner, pairs: readonly AdaptPair[]): Promise<Float32Array[]>;
  /** The gradient of the mean meta-loss over the tasks. */
  metaGradient(
    inner: InnerProblem,
    gradient: OuterGradient,
    learner: Learner,
    tasks: readonly Task[],
  ): Promise<MetaGradient>;
  /** Moves a learner onto the device to be trained there. */
  openTraining(plan: TrainingPlan, learner: Learner, moments: OuterMoments): Promise<Training>;
}

/**
 * A backend. Calls may overlap; each runs on its own, and none holds the event loop for long. Disposing it waits for the calls
 * made before, and frees the device.
 */
export interface Engine extends AsyncDisposable, EngineMethods {
  /** What it runs on. */
  readonly info: EngineInfo;
  /** Bytes of device memory (GPU buffers, WebAssembly memory) the engine holds now. */
  readonly heldBytes: number;
}

/** Thrown when a WebGPU engine was asked for and none can be opened; the message says what to install. */
export class NoGpuError extends Error {
  /** The class name, for logs. */
  override readonly name = "NoGpuError";
}
