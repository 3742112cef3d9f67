/**
 * The last inner step taken apart: how what it ends at answers to the gradient and to the loss that its rule was shown.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { InnerProblem, Samples } from "../engine/problem.ts";
import type { LossConfig } from "../loss/config.ts";
import { firstAdapted, rateRow, ratesPerRow } from "../method/rates.ts";
import { partsOf, unflatten } from "../model/model.ts";
import { grad } from "../program/grad.ts";
import { createGraph } from "../program/graph.ts";
import type { Graph } from "../program/graph_type.ts";
import { interpreter } from "../program/interpret.ts";
import { toProgram } from "../program/program.ts";
import type { RuleState } from "../rule/config.ts";
import { ruleOf } from "../rule/rules.ts";
import { adapt } from "./adapt.ts";
import { lossGradient } from "./differential.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";

/** What an inner step is shown, of the parameters that adapt alone. */
interface StepSeen {
  /** θ_k, `[n]`. */
  readonly theta: Float32Array;
  /** g_k, decay and pull included, `[n]`. */
  readonly gradient: Float64Array;
  /** L(θ_k). */
  readonly loss: number;
  /** α_k, `[n]`; ones where the rule reads no rate. */
  readonly rate: Float64Array;
}

/** How a number that depends on θ_K answers to what the last step was shown, the state of its rule held. */
export interface LastMoveSlope {
  /** By g_{K−1}, `[parameterCount]`; zeros where nothing adapts, or the loop came to rest before. */
  readonly byGradient: Float64Array;
  /** By L(θ_{K−1}). */
  readonly byLoss: number;
}

/** What every step of the inner loop was shown, in one call of the engine a step. */
async function stepsSeen(engine: Engine, learner: MetaState, support: Samples): Promise<StepSeen[]> {
  const { inner } = resolveConfig(learner.config);
  const { net, loss, steps, headOnly, proximal } = inner;
  const at = "phi" in learner.values ? { ...loss, phi: [...learner.phi] } as LossConfig : loss;
  const first = firstAdapted(net, headOnly);
  const origin = learner.params.subarray(first);
  const found: StepSeen[] = [];
  for (let k = 0; k < steps; k++) {
    const { params } = await adapt(engine, learner, support, { steps: k });
    const { loss: value, grad: slope } = await lossGradient(engine, net, at, params, support);
    const theta = params.slice(first);
    const gradient = Float64Array.from(
      slope.subarray(first),
      (one, i) => one + learner.weightDecay * theta[i] + proximal * (theta[i] - origin[i]),
    );
    const rate = gradient.map((_, i) => rateOf(inner, learner.logLr, { step: k, parameter: first + i }));
    found.push({ theta, gradient, loss: value, rate });
  }
  return found;
}

/** α of one parameter at a step; 1 where the rule reads no rate. */
function rateOf(
  { net, rate }: InnerProblem,
  logLr: Float32Array,
  { step, parameter }: { readonly step: number; readonly parameter: number },
): number {
  if (logLr.length === 0) return 1;
  const row = rateRow(net, rate, step, logLr.length) * ratesPerRow(net, rate);
  if (rate.per === "scalar") return Math.exp(logLr[row]);
  if (rate.per === "parameter") return Math.exp(logLr[row + parameter]);
  return Math.exp(logLr[row + net.groups.findIndex(({ end }) => parameter < end)]);
}

/** A graph in which nothing is a constant for being stopped: rules stop what the outer loop may not follow, but answer to it. */
function unstopped(g: Graph): Graph {
  return { ...g, stop: (x) => g.add(x, 0) };
}

/**
 * The slope, by the gradient and the loss that the last step was shown, of a number whose slope by θ_K is known: `⟨along, ∂θ_K/∂·⟩`.
 *
 * @param engine Where to run it; one call a step.
 * @param learner A learner of at least one inner step.
 * @param support What it adapts to.
 * @param along Slope of the number by θ_K, `[parameterCount]`.
 */
export async function lastMoveSlope(
  engine: Engine,
  learner: MetaState,
  support: Samples,
  { along }: { readonly along: Float32Array },
): Promise<LastMoveSlope> {
  const { net, headOnly, tolerance = 0, rule: config = { kind: "sgd" } } = resolveConfig(learner.config).inner;
  const first = firstAdapted(net, headOnly);
  const seen = await stepsSeen(engine, learner, support);
  const [from, to] = [seen[0], seen[seen.length - 1]].map(({ gradient }) => Math.hypot(...gradient));
  if (tolerance > 0 && to <= tolerance * from) return { byGradient: new Float64Array(net.parameterCount), byLoss: 0 };
  const g = unstopped(createGraph());
  const rule = ruleOf(config);
  const { rule: numbers } = learner.values;
  const learned = numbers ? unflatten(g, partsOf(rule.learnables), g.constant(numbers)) : {};
  const parts = net.parts
    .filter(({ start }) => start >= first)
    .map(({ start, end }) => ({ start: start - first, end: end - first }));
  const shown = seen.map(({ theta, gradient }, k) => ({
    theta: g.input(`theta${k}`, [theta.length]),
    gradient: g.input(`gradient${k}`, [gradient.length]),
    loss: g.input(`loss${k}`, []),
    rate: g.input(`rate${k}`, [theta.length]),
  }));
  let state: RuleState = rule.init(g, shown[0].theta);
  let moved = shown[0].theta;
  shown.forEach((one, step) => {
    const move = rule.update(g, { ...one, step, parts, state, learned });
    moved = move.theta;
    state = move.state ?? state;
  });
  const last = shown[shown.length - 1];
  const number = g.sum(g.mul(g.constant(along.subarray(first)), moved));
  const [byGradient, byLoss] = grad(g, number, [last.gradient, last.loss]);
  const found = interpreter(toProgram({ byGradient, byLoss }))(Object.fromEntries(
    seen.flatMap(({ theta, gradient, loss, rate }, k) => [
      [`theta${k}`, theta],
      [`gradient${k}`, gradient],
      [`loss${k}`, [loss]],
      [`rate${k}`, rate],
    ]),
  ));
  const whole = new Float64Array(net.parameterCount);
  whole.set(found.byGradient, first);
  return { byGradient: whole, byLoss: found.byLoss[0] };
}
