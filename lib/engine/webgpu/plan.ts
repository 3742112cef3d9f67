/**
 * How a batch is laid out on the device: which steps are stored, how many tasks fit at once, and which path runs them.
 * Storage grows with the inner steps by what the reverse sweep needs and no more: θ_k and the sweep over the support of every
 * step with curvature, and g_k of every step whose learning rate is differentiated.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import { ratesPerRow } from "../layout.ts";
import type { InnerProblem, OuterGradient } from "../problem.ts";
import { dataWidth, tangentWidth, tapeWidth } from "./rows.ts";

/** What an adapter lets one batch use, in bytes. */
export interface Budget {
  /** Largest storage buffer. */
  readonly buffer: number;
  /** All buffers of a chunk together. */
  readonly total: number;
}

/** Which inner steps are stored where. */
export interface Slots {
  /** First step whose curvature counts; K when none does. */
  readonly curvedFrom: number;
  /** Slot of θ_k. Steps before the first one that is needed again share slot 0. */
  readonly theta: (k: number) => number;
  /** Slots of θ. */
  readonly thetaSlots: number;
  /** Slot of step k's sweep over the support. */
  readonly tape: (k: number) => number;
  /** Slots of sweeps. */
  readonly tapeSlots: number;
  /** Slots of gradients: one a step, or one in all. */
  readonly gradientSlots: number;
  /** Regions of `[tasks, P]` for the reverse sweep. */
  readonly adjoints: number;
}

/** Floats a task needs in each buffer. */
export type Widths = Readonly<
  Record<"data" | "theta" | "gradient" | "tape" | "adjoint" | "direction" | "tangent" | "stats" | "rateSums", number>
>;

/** Decides what is stored. Without `gradient` nothing is: the inner loop runs in place. */
export function planSlots(inner: InnerProblem, gradient?: OuterGradient): Slots {
  const { steps } = inner;
  let [curvedFrom, keptFrom] = [steps, steps];
  if (gradient?.kind === "unrolled") {
    curvedFrom = Math.max(0, steps - gradient.backpropSteps);
    const firstJudged = gradient.stepWeights.findIndex((weight) => weight !== 0);
    keptFrom = Math.min(curvedFrom, firstJudged < 0 ? steps : firstJudged);
  }
  return {
    curvedFrom,
    theta: (k) => Math.max(0, k - keptFrom),
    thetaSlots: steps - keptFrom + 1,
    tape: (k) => Math.max(0, Math.min(k, steps - 1) - curvedFrom),
    tapeSlots: Math.max(1, steps - curvedFrom),
    gradientSlots: gradient?.kind === "unrolled" ? Math.max(1, steps) : 1,
    adjoints: gradient === undefined ? 0 : gradient.kind === "implicit" ? 3 : inner.proximal > 0 ? 2 : 1,
  };
}

/** Numbers per task in the stats: support losses, query loss, φ's gradient, its scratch, ω's gradient, two for solvers. */
export function statsWidth(steps: number): number {
  return steps + 11;
}

/** Floats a task needs in each buffer. */
export function planWidths(
  inner: InnerProblem,
  rows: { readonly support: number; readonly query: number },
  slots: Slots,
): Widths {
  const { net, steps, rate } = inner;
  const params: number = net.parameterCount;
  const reverse = slots.adjoints > 0;
  return {
    data: dataWidth(net, rows.support) + dataWidth(net, rows.query),
    theta: slots.thetaSlots * params,
    gradient: slots.gradientSlots * params,
    tape: slots.tapeSlots * tapeWidth(net, rows.support) + tapeWidth(net, rows.query),
    adjoint: slots.adjoints * params,
    direction: reverse ? params : 0,
    tangent: reverse ? tangentWidth(net, rows.support) : 0,
    stats: statsWidth(steps),
    rateSums: reverse && rate.per !== "parameter" ? steps * ratesPerRow(net, rate) : 0,
  };
}

/**
 * Splits tasks into chunks that fit the budget, in order.
 *
 * @throws {RangeError} One task alone does not fit.
 */
export function planChunks(tasks: number, widths: Widths, budget: Budget): number[] {
  const floats = Object.values(widths);
  const widest = 4 * Math.max(...floats);
  const all = 4 * floats.reduce((sum, width) => sum + width, 0);
  const most = Math.floor(Math.min(budget.buffer / widest, budget.total / all));
  if (most < 1) {
    throw new RangeError(
      `Cannot fit a task on the GPU: it needs a buffer of ${widest} bytes and ${all} bytes in all, ` +
        `the limits are ${budget.buffer} and ${budget.total}; use fewer rows or inner steps, or backpropSteps`,
    );
  }
  const chunks: number[] = [];
  for (let left = tasks; left > 0; left -= most) chunks.push(Math.min(most, left));
  return chunks;
}

/** A key that is equal for problems that the same program solves. */
export function problemKey(inner: InnerProblem): string {
  const { net, loss, steps, rate, headOnly, proximal } = inner;
  return JSON.stringify([netKey(net), loss, steps, rate.per, rate.perStep, headOnly, proximal]);
}

/** A key that is equal for equal networks. */
export function netKey(net: Mlp): string {
  return `${net.widths.join("-")} ${net.activation}`;
}
