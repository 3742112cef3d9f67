/**
 * Learning to learn: the engines, networks and models, losses, inner rules, methods, and the pure functions that train, adapt,
 * check, explain and save what is learned.
 * @module
 */
export { adapt, type Adapted, adaptMany, type AdaptOptions } from "./adapt.ts";
export { bayesianMaml, type BayesianOptions } from "./bayesian.ts";
export { checkImplicit, type ImplicitCheck } from "./check_implicit.ts";
export { checkMetaGradient, type CheckMetaGradientOptions, type MetaGradientCheck } from "./check_meta_gradient.ts";
export {
  type Checkpoint,
  CHECKPOINT_VERSION,
  decodeState,
  encodeState,
  loadCheckpoint,
  type LoadOptions,
  loadState,
  saveState,
} from "./checkpoint.ts";
export type {
  GradientConfig,
  InnerConfig,
  InvarianceConfig,
  LearnConfig,
  LossConfig,
  MetaConfig,
  MethodConfig,
  OuterConfig,
  RuleConfig,
  ScheduleConfig,
} from "./config.ts";
export { type AdaptationReport, describeAdaptation, type LayerChange } from "./describe_adaptation.ts";
export type { CustomParts } from "./describe_config.ts";
export {
  forward,
  hessianVectorProduct,
  type LearnedGradient,
  type LossGradient,
  lossGradient,
  metaGradientOf,
  type MetaGradientResult,
} from "./differential.ts";
export { DivergedError } from "./errors.ts";
export {
  type GradientsByName,
  meanMetaGradient,
  type MetaGradientSum,
  metaGradientSum,
  type MetaGradientSumOptions,
} from "./gradient_sum.ts";
export { integratedGradients } from "./integrated_gradients.ts";
export { type LayerRate, learningRates } from "./learning_rates.ts";
export { adam, type Optimizer, type OptimizerOptions, sgd } from "./optimizer.ts";
export { adaptPredict, predict } from "./predict.ts";
export {
  anil,
  fomaml,
  imaml,
  learnedOptimizer,
  lstmMetaLearner,
  maml,
  mamlPlusPlus,
  metaGradient,
  metaSgd,
  type PresetOptions,
  reptile,
} from "./presets.ts";
export { rowInfluence } from "./row_influence.ts";
export { metaInit, type MetaInitOptions, type MetaState } from "./state.ts";
export { type MetaProgress, metaStep, type MetaStepResult, metaTrain, type MetaTrainOptions } from "./train.ts";
export type { TrainedOn } from "./trained_on.ts";
export {
  type AdaptedBatch,
  type AdaptPair,
  type Engine,
  type EngineInfo,
  type EngineMethods,
  NoGpuError,
  type Training,
  type TrainingPlan,
  type TrainingReading,
  type TrainingStep,
} from "../engine/engine.ts";
export { openEngine, type OpenEngineOptions } from "../engine/open.ts";
export type {
  Floats,
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
} from "../engine/problem.ts";
export type { TreeBlock } from "../engine/tree_sum.ts";
export type { CustomLoss } from "../loss/config.ts";
export { pointForecasts } from "../loss/losses.ts";
export { defineMethod, type MethodDefinition } from "../method/define_method.ts";
export { inContext, type InContextOptions } from "../method/in_context.ts";
export { matching, type MatchingOptions } from "../method/matching.ts";
export { memory, type MemoryOptions } from "../method/memory.ts";
export type { Context, Method } from "../method/method.ts";
export { neuralProcess, type NeuralProcessOptions } from "../method/neural_process.ts";
export { prototypical, type PrototypicalOptions } from "../method/prototypical.ts";
export { ridge, type RidgeOptions } from "../method/ridge.ts";
export type { RowValues } from "../method/row_values.ts";
export { attention, type AttentionOptions } from "../model/attention.ts";
export { defineModel, type ModelDefinition } from "../model/define_model.ts";
export { lstm, type LstmOptions } from "../model/lstm.ts";
export type { Model, ModelGroup, ModelPart, Parameters } from "../model/model.ts";
export { particles, type ParticlesOptions } from "../model/particles.ts";
export type { SequenceOptions } from "../model/sequence.ts";
export { tcn, type TcnOptions } from "../model/tcn.ts";
export type { Activation } from "../net/activation.ts";
export type { Initializer } from "../net/draw_mlp.ts";
export { initParams, type InitParamsOptions } from "../net/init.ts";
export { type Mlp, mlp, type MlpLayer, type MlpOptions } from "../net/mlp.ts";
export { type Random, random } from "../net/random.ts";
export type { CustomRule, RuleMove, RuleState, RuleStep } from "../rule/config.ts";
