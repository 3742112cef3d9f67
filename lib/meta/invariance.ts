/**
 * Outer losses that hold environments together: risk extrapolation (Krueger et al. 2021, eq. 8) and invariant risk minimisation
 * (Arjovsky et al. 2019, IRMv1). They are sums of engines' gradients; no engine knows them.
 * @module
 */
import type { EngineMethods } from "../engine/engine.ts";
import type { Floats, InnerProblem, Learner, MetaGradient, OuterGradient, Task } from "../engine/problem.ts";
import type { CustomLoss, LossConfig } from "../loss/config.ts";
import { lossOf, outerLossOf } from "../loss/losses.ts";
import { grad } from "../program/grad.ts";
import { opaque } from "../program/opaque.ts";
import type { InvarianceConfig } from "./config.ts";

/** Where a gradient is taken. */
export interface LearnerPoint {
  /** The bilevel problem. */
  readonly inner: InnerProblem;
  /** How the gradient is taken. */
  readonly gradient: OuterGradient;
  /** The learner. */
  readonly learner: Learner;
}

/** Indices of the tasks of each environment, in the order in which environments first come; tasks without one share one. */
function byEnvironment(tasks: readonly Task[]): number[][] {
  const groups = new Map<number | undefined, number[]>();
  tasks.forEach(({ environment }, t) => groups.set(environment, [...groups.get(environment) ?? [], t]));
  return [...groups.values()];
}

/** Two halves of an environment's tasks, every other one; of one task it twice. Their slopes' product has no bias of noise. */
function halves(group: readonly number[]): readonly [readonly number[], readonly number[]] {
  return group.length < 2 ? [group, group] : [group.filter((_, i) => i % 2 === 0), group.filter((_, i) => i % 2 === 1)];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

const SLOPES = new WeakMap<LossConfig, CustomLoss>();

/** ∂ℓ(w·ŷ, y)/∂w at w = 1: what a factor on the outputs would change a row's loss by. */
function slopeLoss(config: LossConfig): CustomLoss {
  const known = SLOPES.get(config);
  if (known) return known;
  const loss = lossOf(config);
  const slope: CustomLoss = {
    kind: "custom",
    name: `slope of ${config.kind}`,
    row(g, outputs, target) {
      const phi = g.constant(loss.phi.length > 0 ? loss.phi : 0);
      const predicted = opaque(g, outputs);
      const [byOutputs] = grad(g, g.sum(loss.row(g, { predicted, target, phi })), [predicted]);
      return g.sum(g.mul(predicted, byOutputs), 1);
    },
  };
  SLOPES.set(config, slope);
  return slope;
}

const SLOPE_PROBLEMS = new WeakMap<InnerProblem, InnerProblem>();

/** The same problem, its query judged by {@linkcode slopeLoss} of its query loss: a task's meta-loss is the slope d. */
export function slopeProblem(inner: InnerProblem): InnerProblem {
  const known = SLOPE_PROBLEMS.get(inner);
  if (known) return known;
  const { loss, outerLoss, method } = inner;
  const problem = method
    ? { ...inner, method: { ...method, loss: slopeLoss(method.loss) } }
    : { ...inner, outerLoss: slopeLoss(outerLoss ?? outerLossOf(loss)) };
  SLOPE_PROBLEMS.set(inner, problem);
  return problem;
}

/** Mean over environments of their mean task losses R_e and strength times what they differ by: see {@linkcode InvarianceConfig}. */
export function invariantLoss(
  tasks: readonly Task[],
  of: { readonly losses: readonly number[]; readonly slopes?: readonly number[] },
  invariance: InvarianceConfig | null,
): number {
  if (invariance === null) return mean(of.losses);
  const groups = byEnvironment(tasks);
  const risks = groups.map((group) => mean(group.map((t) => of.losses[t])));
  const middle = mean(risks);
  const penalty = invariance.kind === "rex"
    ? mean(risks.map((risk) => (risk - middle) ** 2))
    : mean(groups.map((group) => {
      const [a, b] = halves(group).map((half) => mean(half.map((t) => of.slopes![t])));
      return a * b;
    }));
  return middle + invariance.strength * penalty;
}

/** A gradient and how much of it is taken. */
interface Share {
  readonly of: MetaGradient;
  readonly share: number;
}

/** Σ share · gradient. */
function blend(shares: readonly Share[]): Omit<MetaGradient, "loss" | "taskLosses"> {
  const sum = (part: (of: MetaGradient) => Floats): Floats =>
    part(shares[0].of).map((_, i) => shares.reduce((total, { of, share }) => total + share * part(of)[i], 0));
  const names = Object.keys(shares[0].of.others ?? {});
  return {
    params: sum(({ params }) => params),
    logLr: sum(({ logLr }) => logLr),
    phi: sum(({ phi }) => phi),
    weightDecay: sum(({ weightDecay }) => Float64Array.of(weightDecay))[0],
    ...(names.length > 0
      ? { others: Object.fromEntries(names.map((name) => [name, sum(({ others }) => others![name])])) }
      : {}),
  };
}

type GradientEngine = Pick<EngineMethods, "metaGradient">;

/** Shares of IRM's penalty: strength / environments · (d_b·∇d_a + d_a·∇d_b) over the halves a and b of each. */
async function slopeShares(
  engine: GradientEngine,
  { inner, gradient, learner }: LearnerPoint,
  over: { readonly tasks: readonly Task[]; readonly groups: readonly number[][]; readonly strength: number },
): Promise<{ readonly shares: Share[]; readonly penalty: number }> {
  const { tasks, groups, strength } = over;
  const problem = slopeProblem(inner);
  const slopeOf = (half: readonly number[]): Promise<MetaGradient> =>
    engine.metaGradient(problem, gradient, learner, half.map((t) => tasks[t]));
  const pairs = await Promise.all(groups.map(async (group) => {
    const [a, b] = halves(group);
    const first = slopeOf(a);
    return [await first, await (a === b ? first : slopeOf(b))] as const;
  }));
  const scale = strength / groups.length;
  return {
    shares: pairs.flatMap(([a, b]) => [{ of: a, share: scale * b.loss }, { of: b, share: scale * a.loss }]),
    penalty: mean(pairs.map(([a, b]) => a.loss * b.loss)),
  };
}

/**
 * The gradient of {@linkcode invariantLoss}. Of `rex` the environments' gradients, each weighed by
 * `(1 + 2 · strength · (R_e − R̄)) / environments`; of `irm` their mean and the penalty's. One call an environment, of `irm` three.
 */
export async function invariantGradient(
  engine: GradientEngine,
  point: LearnerPoint,
  over: { readonly tasks: readonly Task[]; readonly invariance: InvarianceConfig },
): Promise<MetaGradient> {
  const { tasks, invariance: { kind, strength } } = over;
  const { inner, gradient, learner } = point;
  const groups = byEnvironment(tasks);
  const risks = await Promise.all(
    groups.map((group) => engine.metaGradient(inner, gradient, learner, group.map((t) => tasks[t]))),
  );
  const middle = mean(risks.map(({ loss }) => loss));
  const taskLosses = new Float64Array(tasks.length);
  groups.forEach((group, e) => group.forEach((t, i) => taskLosses[t] = risks[e].taskLosses[i]));
  if (kind === "rex") {
    const shares = risks.map((of) => ({ of, share: (1 + 2 * strength * (of.loss - middle)) / risks.length }));
    const variance = mean(risks.map(({ loss }) => (loss - middle) ** 2));
    return { loss: middle + strength * variance, taskLosses, ...blend(shares) };
  }
  const { shares, penalty } = await slopeShares(engine, point, { tasks, groups, strength });
  const equal = risks.map((of) => ({ of, share: 1 / risks.length }));
  return { loss: middle + strength * penalty, taskLosses, ...blend([...equal, ...shares]) };
}
