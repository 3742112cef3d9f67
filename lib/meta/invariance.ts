/**
 * Risk extrapolation: an outer loss that also holds down how much environments differ (Krueger et al. 2021, eq. 8).
 * @module
 */
import type { EngineMethods } from "../engine/engine.ts";
import type { Floats, InnerProblem, Learner, LossShape, MetaGradient, OuterGradient, Task } from "../engine/problem.ts";
import type { Model } from "../model/model.ts";

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

/** R̄ + strength · mean_e (R_e − R̄)² of task losses; their mean where strength is 0. */
export function invariantLoss(tasks: readonly Task[], losses: readonly number[], strength: number): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  if (strength === 0) return mean(losses);
  const risks = byEnvironment(tasks).map((group) => mean(group.map((t) => losses[t])));
  const middle = mean(risks);
  return middle + strength * mean(risks.map((risk) => (risk - middle) ** 2));
}

/** Σ shares · parts, element by element. */
function blend(parts: readonly Floats[], shares: readonly number[]): Floats {
  return parts[0].map((_, i) => parts.reduce((sum, part, e) => sum + shares[e] * part[i], 0));
}

/**
 * The gradient of `R̄ + strength · mean_e (R_e − R̄)²`, R_e the mean loss of environment e's tasks and R̄ the mean of these: the
 * environments' gradients, each weighed by `(1 + 2 · strength · (R_e − R̄)) / environments`. One call an environment.
 */
export async function invariantGradient(
  engine: Pick<EngineMethods<InnerProblem, Model, LossShape>, "metaGradient">,
  { inner, gradient, learner }: LearnerPoint,
  { tasks, strength }: { readonly tasks: readonly Task[]; readonly strength: number },
): Promise<MetaGradient> {
  const groups = byEnvironment(tasks);
  const found = await Promise.all(
    groups.map((group) => engine.metaGradient(inner, gradient, learner, group.map((t) => tasks[t]))),
  );
  const mean = found.reduce((sum, { loss }) => sum + loss, 0) / found.length;
  const variance = found.reduce((sum, { loss }) => sum + (loss - mean) ** 2, 0) / found.length;
  const shares = found.map(({ loss }) => (1 + 2 * strength * (loss - mean)) / found.length);
  const taskLosses = new Float64Array(tasks.length);
  groups.forEach((group, e) => group.forEach((t, i) => taskLosses[t] = found[e].taskLosses[i]));
  const names = Object.keys(found[0].others ?? {});
  return {
    loss: mean + strength * variance,
    taskLosses,
    params: blend(found.map(({ params }) => params), shares),
    logLr: blend(found.map(({ logLr }) => logLr), shares),
    phi: blend(found.map(({ phi }) => phi), shares),
    weightDecay: blend(found.map(({ weightDecay }) => Float64Array.of(weightDecay)), shares)[0],
    ...(names.length > 0
      ? {
        others: Object.fromEntries(
          names.map((name) => [name, blend(found.map(({ others }) => others![name]), shares)]),
        ),
      }
      : {}),
  };
}
