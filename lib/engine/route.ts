/**
 * Which problems the fused kernels serve, and an engine that sends those to them and all others through programs. This is the
 * one place that says so.
 * @module
 */
import type { Model } from "../model/model.ts";
import { isMlp } from "../net/mlp.ts";
import type { Engine, EngineMethods, FusedEngine } from "./engine.ts";
import type { FusedLoss, FusedProblem, InnerProblem, LossShape } from "./problem.ts";

function isFusedLoss(loss: LossShape): loss is FusedLoss {
  return loss.kind === "mse" || loss.kind === "huber" || loss.kind === "learned";
}

/** Whether the fused kernels serve a problem: a perceptron, gradient steps, mse, huber or the learned loss, judged as usual. */
export function isFused(inner: InnerProblem): inner is FusedProblem {
  const { net, loss, rule = { kind: "sgd" }, outerLoss, method } = inner;
  return method === undefined && isMlp(net) && isFusedLoss(loss) && rule.kind === "sgd" && outerLoss === undefined;
}

/** The query loss of a fused problem: the support loss, but mse in place of the learned one. */
export function fusedOuterLoss(loss: FusedLoss): FusedLoss {
  return loss.kind === "learned" ? { kind: "mse" } : loss;
}

/** An engine over fused kernels and programs. */
export function routeEngine(fused: FusedEngine, programs: EngineMethods<InnerProblem, Model, LossShape>): Engine {
  return {
    info: fused.info,
    get heldBytes(): number {
      return fused.heldBytes;
    },
    async forward(net, params, x) {
      return await (isMlp(net) ? fused.forward(net, params, x) : programs.forward(net, params, x));
    },
    async lossGradient(net, loss, at, samples) {
      if (isMlp(net) && isFusedLoss(loss)) return await fused.lossGradient(net, loss, at, samples);
      return await programs.lossGradient(net, loss, at, samples);
    },
    async hessianVectorProduct(net, loss, at, samples, vector) {
      if (isMlp(net) && isFusedLoss(loss)) return await fused.hessianVectorProduct(net, loss, at, samples, vector);
      return await programs.hessianVectorProduct(net, loss, at, samples, vector);
    },
    async adapt(inner, learner, supports) {
      if (isFused(inner)) return await fused.adapt(inner, learner, supports);
      return await programs.adapt(inner, learner, supports);
    },
    async adaptPredict(inner, learner, pairs) {
      if (isFused(inner)) return await fused.adaptPredict(inner, learner, pairs);
      return await programs.adaptPredict(inner, learner, pairs);
    },
    async metaGradient(inner, gradient, learner, tasks) {
      if (isFused(inner)) return await fused.metaGradient(inner, gradient, learner, tasks);
      return await programs.metaGradient(inner, gradient, learner, tasks);
    },
    async openTraining(plan, learner, moments) {
      const { inner } = plan;
      if (isFused(inner)) return await fused.openTraining({ ...plan, inner }, learner, moments);
      return await programs.openTraining(plan, learner, moments);
    },
    [Symbol.asyncDispose]: () => fused[Symbol.asyncDispose](),
  };
}
