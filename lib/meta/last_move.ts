/**
 * How the last inner step answers to its gradient, for rules that treat each parameter by itself.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Samples } from "../engine/problem.ts";
import type { LossConfig } from "../loss/config.ts";
import { adapt } from "./adapt.ts";
import { lossGradient } from "./differential.ts";
import { resolveConfig } from "./resolve.ts";
import type { MetaState } from "./state.ts";
import { firstAdapted } from "../method/rates.ts";
import { grad } from "../program/grad.ts";
import { createGraph } from "../program/graph.ts";
import { interpreter } from "../program/interpret.ts";
import { toProgram } from "../program/program.ts";
import type { Value } from "../program/value.ts";
import type { RuleState } from "../rule/config.ts";
import { ruleOf } from "../rule/rules.ts";

/** The inner loop's gradients g_0 to g_{K−1} of what adapts, decay and pull included. */
async function pathGradients(engine: Engine, learner: MetaState, support: Samples): Promise<Float64Array[]> {
  const { net, loss, steps, headOnly, proximal } = resolveConfig(learner.config).inner;
  const at = "phi" in learner.values ? { ...loss, phi: [...learner.phi] } as LossConfig : loss;
  const first = firstAdapted(net, headOnly);
  const found: Float64Array[] = [];
  for (let k = 0; k < steps; k++) {
    const { params } = await adapt(engine, learner, support, { steps: k });
    const { grad: slope } = await lossGradient(engine, net, at, params, support);
    found.push(
      Float64Array.from(
        slope.subarray(first),
        (value, i) =>
          value + learner.weightDecay * params[first + i] + proximal * (params[first + i] - learner.params[first + i]),
      ),
    );
  }
  return found;
}

/**
 * −∂θ_K/∂g_{K−1} at rate 1, parameter by parameter, what the rule carries from earlier steps held: ones for gradient descent and
 * momentum. Zeros where nothing adapts.
 *
 * @param engine Where to run it; one call a step.
 * @param learner A learner of at least one inner step whose rule treats each parameter by itself.
 * @param support What it adapts to.
 * @returns `[parameterCount]`.
 */
export async function lastMoveSlope(engine: Engine, learner: MetaState, support: Samples): Promise<Float64Array> {
  const { net, headOnly, rule: config = { kind: "sgd" } } = resolveConfig(learner.config).inner;
  const gradients = await pathGradients(engine, learner, support);
  const g = createGraph();
  const rule = ruleOf(config);
  const inputs = gradients.map((one, k) => g.input(`g${k}`, [one.length]));
  const theta = g.constant(0, inputs[0].shape);
  let state: RuleState = rule.init(g, theta);
  let moved: Value = theta;
  inputs.forEach((gradient, step) => {
    const at = { theta, gradient, loss: g.constant(0), rate: g.constant(1), step, parts: [], state, learned: {} };
    const move = rule.update(g, at);
    moved = move.theta;
    state = move.state ?? state;
  });
  const [slope] = grad(g, g.sum(moved), [inputs[inputs.length - 1]]);
  const found = interpreter(toProgram({ slope }))(Object.fromEntries(gradients.map((one, k) => [`g${k}`, one])));
  const whole = new Float64Array(net.parameterCount);
  const first = firstAdapted(net, headOnly);
  found.slope.forEach((value, i) => whole[first + i] = -value);
  return whole;
}
