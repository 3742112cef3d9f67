/**
 * Few-shot adaptation of trading models by meta-learning: learn over many markets how a small network should start and how
 * it should learn, then adapt it to a market it never saw from the last bars alone.
 *
 * @example A start that adapts to a new line in five steps
 * ```ts
 * import { adapt, maml, metaInit, metaTrain, mlp, openEngine, predict, random } from "@adaptrade/adaptrade";
 * import { assert } from "@std/assert";
 *
 * const stream = random(1);
 * const samples = (slope: number) => {
 *   const x = Float32Array.from({ length: 10 }, () => stream.normal());
 *   return { rows: 10, x, y: x.map((value) => slope * value) };
 * };
 * const batch = () => [-2, -1, 1, 2].map((slope) => ({ support: samples(slope), query: samples(slope) }));
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * let state = metaInit(maml({ net: mlp({ inputs: 1, hidden: [16], outputs: 1 }), inner: { steps: 5, lr: 0.05 } }));
 * const batches = Array.from({ length: 200 }, batch);
 * for await (const progress of metaTrain(engine, state, batches, { every: 50 })) state = progress.state;
 *
 * const adapted = await adapt(engine, state, samples(1.5));
 * assert(adapted.losses[5] < adapted.losses[0]);
 * console.log(await predict(engine, adapted, Float32Array.of(1)));
 * ```
 *
 * @module
 */

// engine
export { openEngine, type OpenEngineOptions } from "./lib/engine/open.ts";
export {
  type AdaptedBatch,
  type AdaptPair,
  type Engine,
  type EngineInfo,
  NoGpuError,
  type Training,
  type TrainingPlan,
  type TrainingReading,
  type TrainingStep,
} from "./lib/engine/engine.ts";
export type {
  InnerProblem,
  Learner,
  LearnMask,
  LossShape,
  MetaGradient,
  OuterGradient,
  OuterMoments,
  OuterRule,
  RateShape,
  Samples,
  Task,
} from "./lib/engine/problem.ts";

// network
export type { Activation } from "./lib/net/activation.ts";
export { initParams } from "./lib/net/init.ts";
export { type Mlp, mlp, type MlpLayer, type MlpOptions } from "./lib/net/mlp.ts";
export { type Random, random } from "./lib/net/random.ts";

// what is learned, and how
export type {
  GradientConfig,
  InnerConfig,
  LearnConfig,
  LossConfig,
  MetaConfig,
  OuterConfig,
  ScheduleConfig,
} from "./lib/meta/config.ts";
export {
  anil,
  fomaml,
  imaml,
  maml,
  mamlPlusPlus,
  metaGradient,
  metaSgd,
  type PresetOptions,
  reptile,
} from "./lib/meta/presets.ts";
export { metaInit, type MetaInitOptions, type MetaState } from "./lib/meta/state.ts";
export { adam, type Optimizer, type OptimizerOptions, sgd } from "./lib/meta/optimizer.ts";

// the pure functions
export {
  type MetaProgress,
  metaStep,
  type MetaStepResult,
  metaTrain,
  type MetaTrainOptions,
} from "./lib/meta/train.ts";
export { adapt, type Adapted, adaptMany, type AdaptOptions } from "./lib/meta/adapt.ts";
export { adaptPredict, predict } from "./lib/meta/predict.ts";
export { type LayerRate, learningRates } from "./lib/meta/learning_rates.ts";
export { DivergedError } from "./lib/meta/errors.ts";
export {
  type Checkpoint,
  CHECKPOINT_VERSION,
  decodeState,
  encodeState,
  loadCheckpoint,
  loadState,
  saveState,
} from "./lib/meta/checkpoint.ts";

// the differential core
export {
  forward,
  hessianVectorProduct,
  type LossGradient,
  lossGradient,
  metaGradientOf,
  type MetaGradientResult,
} from "./lib/meta/differential.ts";
export {
  checkMetaGradient,
  type CheckMetaGradientOptions,
  type MetaGradientCheck,
} from "./lib/meta/check_meta_gradient.ts";
export { type AdaptationReport, describeAdaptation, type LayerChange } from "./lib/meta/describe_adaptation.ts";

// markets
export { type Candles, DataError } from "./lib/data/candles.ts";
