/**
 * The inner loop as values: a start and a support set in, every θ_k and its support loss out (design section 4).
 * @module
 */
import { lossOf, setLoss } from "../loss/losses.ts";
import { applyModel, type Parameters, partsOf, unflatten } from "../model/model.ts";
import { grad } from "../program/grad.ts";
import type { Graph } from "../program/graph_type.ts";
import { opaque } from "../program/opaque.ts";
import type { Value } from "../program/value.ts";
import type { RuleMove, RuleState } from "../rule/config.ts";
import { ruleOf } from "../rule/rules.ts";
import type { InnerProblem } from "./problem.ts";
import type { RowValues } from "./row_values.ts";
import { firstAdapted, rateRow, ratesPerRow } from "./rates.ts";

/** What the outer loop may learn, as values. */
export interface LearnedValues {
  /** θ_0, `[parameterCount]`. */
  readonly theta: Value;
  /** log α, flat; absent where the rule reads no rate. */
  readonly logLr?: Value;
  /** φ; absent where the loss has none. */
  readonly phi?: Value | undefined;
  /** ω, a scalar; absent where it is 0. */
  readonly weightDecay?: Value;
  /** The rule's learnables, flat; absent where it has none. */
  readonly rule?: Value;
}

/** An inner loop, unrolled. */
export interface InnerPath {
  /** θ_k, `[steps + 1]` of `[parameterCount]`. */
  readonly thetas: readonly Value[];
  /** Support loss at each, scalars. */
  readonly losses: readonly Value[];
  /** ‖g_K‖ / ‖g_0‖, a scalar (0 where g_0 is 0); absent where the problem has no tolerance. */
  readonly stationarity?: Value;
}

/** The support loss at some parameters. */
export function supportLoss(
  g: Graph,
  { net, loss }: Pick<InnerProblem, "net" | "loss">,
  at: { readonly theta: Value; readonly phi?: Value | undefined; readonly rows: RowValues },
): Value {
  const { x, y, weights } = at.rows;
  const predicted = applyModel(g, net, { theta: at.theta, x });
  return setLoss(g, lossOf(loss), { predicted, target: y, phi: at.phi ?? g.constant(0), weights });
}

/** α_k of the parameters from `first` on: a scalar, or `[n]`. */
function rateAt(g: Graph, { net, rate }: InnerProblem, at: { logLr: Value; k: number; first: number }): Value {
  const { logLr, k, first } = at;
  const row = rateRow(net, rate, k, logLr.shape[0]) * ratesPerRow(net, rate);
  const stretch = (start: number, end: number): Value => g.exp(g.slice(logLr, 0, { start, end }));
  if (rate.per === "scalar") return g.reshape(stretch(row, row + 1), []);
  if (rate.per === "parameter") return stretch(row + first, row + net.parameterCount);
  return g.concat(
    net.groups.flatMap(({ start, end }, l) =>
      start < first ? [] : [g.broadcast(stretch(row + l, row + l + 1), [end - start])]
    ),
    0,
  );
}

/** A rule's move where `moves` is 1; where it is 0 all stays as it was. */
function moveWhere(
  g: Graph,
  moves: Value,
  { before, after }: { readonly before: Required<RuleMove>; readonly after: RuleMove },
): RuleMove {
  const held = Object.entries(after.state ?? {}).map(([name, value]) => {
    const old = before.state[name];
    return [name, old ? g.select(moves, value, old) : value];
  });
  return {
    theta: g.select(moves, after.theta, before.theta),
    ...(after.state && { state: Object.fromEntries(held) }),
  };
}

/**
 * Runs the inner loop. With a tolerance it stays where first ‖g_k‖ ≤ tolerance · ‖g_0‖: a program has no loop that data can end,
 * so the steps that are left change nothing.
 *
 * @param curvedFrom First step whose direction is differentiated; before it, directions are constants (truncation).
 */
export function innerPath(
  g: Graph,
  problem: InnerProblem,
  run: { readonly learned: LearnedValues; readonly support: RowValues; readonly curvedFrom: number },
): InnerPath {
  const { net, steps, proximal, headOnly, tolerance = 0 } = problem;
  const { learned: { theta: start, logLr, phi, weightDecay, rule: ruleValues }, support, curvedFrom } = run;
  const rule = ruleOf(problem.rule ?? { kind: "sgd" });
  const learned: Parameters = ruleValues ? unflatten(g, partsOf(rule.learnables), ruleValues) : {};
  const first = firstAdapted(net, headOnly);
  const moving = (theta: Value): Value => g.slice(theta, 0, { start: first });
  const fixed = first > 0 ? [g.slice(start, 0, { end: first })] : [];
  const origin = moving(start);
  const parts = net.parts
    .filter(({ start: from }) => from >= first)
    .map(({ start: from, end }) => ({ start: from - first, end: end - first }));
  let at = origin;
  let state: RuleState = rule.init(g, origin);
  const thetas = [start];
  const losses: Value[] = [];
  const directions: Value[] = [];
  const squared = (k: number): Value => g.sum(g.square(directions[k]));
  for (let k = 0;; k++) {
    const loss = supportLoss(g, problem, { theta: thetas[k], phi, rows: support });
    losses.push(loss);
    if (k === steps && tolerance === 0) return { thetas, losses };
    // θ_0 enters the first loss whole, later ones with what moves put in its place.
    const slope = k === 0 ? moving(grad(g, loss, [start])[0]) : grad(g, loss, [at])[0];
    let direction = weightDecay ? g.add(slope, g.mul(weightDecay, at)) : slope;
    if (proximal > 0) direction = g.add(direction, g.mul(proximal, g.sub(at, origin)));
    directions.push(direction);
    if (k === steps) {
      const ratio = g.sqrt(g.div(squared(k), squared(0)));
      return { thetas, losses, stationarity: g.select(squared(0), ratio, 0) };
    }
    const gradient = k < curvedFrom ? g.stop(direction) : direction;
    const rate = logLr ? rateAt(g, problem, { logLr, k, first }) : g.constant(1);
    const after = rule.update(g, { theta: at, gradient, loss, rate, step: k, parts, state, learned });
    const move = tolerance > 0
      ? moveWhere(g, g.step(g.sub(squared(k), g.mul(tolerance ** 2, squared(0)))), {
        before: { theta: at, state },
        after,
      })
      : after;
    // The next gradient is taken by it: a rule may have put it together of parts, which the model would read in its place.
    at = opaque(g, move.theta);
    state = move.state ?? state;
    thetas.push(g.concat([...fixed, at], 0));
  }
}
