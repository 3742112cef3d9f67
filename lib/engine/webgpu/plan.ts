/**
 * How a batch is laid out on the device: what it needs in each buffer, how many tasks fit at once, and which path runs them.
 * @module
 */
import type { Mlp } from "../../net/mlp.ts";
import { rateCount, ratesPerRow } from "../../method/rates.ts";
import type { FusedProblem, OuterGradient } from "../problem.ts";
import { type FusedPlan, planFused, planTape, type TapeNeeds, type WorkgroupLimits } from "./fused_plan.ts";
import { dataWidth, tangentWidth, tapeWidth } from "./rows.ts";
import type { Rows, Slots } from "./slots.ts";

/** What an adapter lets one batch use, in bytes. */
export interface Budget {
  /** Largest storage buffer. */
  readonly buffer: number;
  /** All buffers of a chunk together. */
  readonly total: number;
}

/** How tasks run: in one workgroup each, or kernel by kernel over all tasks. */
export type Path = "fused" | "batched";

/** What the choice of a path depends on besides the problem. */
export interface PathLimits extends WorkgroupLimits {
  /** Most loop iterations a thread may run; software adapters leave loops beyond that. */
  readonly iterations: number;
  /** The path to take whatever the shape, if it can. */
  readonly path?: Path | undefined;
}

/** What a fused run depends on besides the problem and its rows. */
export interface FusedOptions {
  /** How it is differentiated, if it is. */
  readonly gradient?: OuterGradient | undefined;
  /** The device's limits. */
  readonly limits: PathLimits;
}

/** Widest layer that the fused kernel takes: beyond it the tiled kernels reuse more of what they load. */
const WIDEST_FUSED = 128;

/** Most rows times parameters of a fused task: beyond it one workgroup would work long while the others idle. */
const MOST_FUSED_WORK = 2 ** 19;

/** Floats a task needs in each buffer. */
export type Widths = Readonly<
  Record<"data" | "theta" | "gradient" | "tape" | "adjoint" | "direction" | "tangent" | "stats" | "rateSums", number>
>;

/** Numbers per task in the stats: support losses, query loss, φ's gradient, its scratch, ω's gradient, two for solvers. */
export function statsWidth(steps: number): number {
  return steps + 11;
}

/** Upper bound of the loop iterations that a thread of the fused kernel runs. */
export function fusedIterations(inner: FusedProblem, rows: Rows, options: FusedOptions): number {
  const { net, steps } = inner;
  const { tiles, team } = planFused(net, rows, options.limits);
  const perLayer = net.layers.map(({ inputs, outputs }) => {
    const forward = Math.ceil(tiles * outputs / team) * (Math.ceil((inputs + 1) / 4) + 6);
    const backward = Math.ceil(tiles * inputs / team) * (Math.ceil(outputs / 2) + 4);
    const quads = Math.ceil(Math.ceil((inputs + 1) / 4) * outputs / team);
    return { sweep: forward + backward + quads * (tiles + 1), quads, inputs: Math.ceil(tiles * (inputs + 4) / team) };
  });
  const sum = (of: (one: typeof perLayer[number]) => number): number =>
    perLayer.reduce((total, one) => total + of(one) + 2, 0);
  const [sweep, once] = [sum((one) => one.sweep), sum((one) => 2 * one.quads + one.inputs)];
  const losses = Math.ceil(steps / team) * tiles * net.outputs + steps;
  const own = (steps + 1) * sweep + once + losses;
  return options.gradient ? 2 * own + (steps + 1) * (sweep + once) + 10 * rateCount(net, inner.rate, steps) : own;
}

/** The one place that chooses between the fused kernel and the batched ones, by shape. */
export function choosePath(
  inner: FusedProblem,
  rows: Rows,
  options: FusedOptions,
): Path {
  const { gradient, limits } = options;
  const can = inner.steps > 0 && rows.support > 0 && (gradient === undefined || gradient.kind === "unrolled") &&
    fusedIterations(inner, rows, options) <= limits.iterations;
  if (!can) return "batched";
  const { widths, parameterCount } = inner.net;
  const isSmall = Math.max(...widths) <= WIDEST_FUSED &&
    Math.max(rows.support, rows.query) * parameterCount <= MOST_FUSED_WORK;
  return limits.path ?? (isSmall ? "fused" : "batched");
}

/** Floats a task needs in each buffer. A fused run's outcome is `theta`, or with a gradient `adjoint`. */
export function planWidths(
  inner: FusedProblem,
  rows: Rows,
  plan: { readonly slots: Slots; readonly rates: number; readonly fused?: FusedPlan | undefined },
): Widths {
  const { slots, rates, fused } = plan;
  const { net, steps, rate } = inner;
  const params: number = net.parameterCount;
  const reverse = slots.adjoints > 0;
  const data = dataWidth(net, rows.support) + dataWidth(net, rows.query);
  const sweeps = slots.tapeSlots * tapeWidth(net, rows.support) + tapeWidth(net, rows.query);
  const none = { gradient: 0, adjoint: 0, direction: 0, tangent: 0, rateSums: 0 };
  const stats = statsWidth(steps);
  if (fused) {
    const tape = 4 * planTape(net, fused, tapeNeeds(inner, { slots, rates, reverse })).stride;
    return reverse
      ? { ...none, data, theta: 0, tape, adjoint: params + rates + 5, stats }
      : { ...none, data, theta: params, tape: Math.max(tape, sweeps), stats };
  }
  return {
    data,
    theta: slots.thetaSlots * params,
    gradient: slots.gradientSlots * params,
    tape: sweeps,
    adjoint: slots.adjoints * params,
    direction: reverse ? params : 0,
    tangent: reverse ? tangentWidth(net, rows.support) : 0,
    stats,
    rateSums: reverse && rate.per !== "parameter" ? steps * ratesPerRow(net, rate) : 0,
  };
}

/** What a fused task's tape has to hold; `rates` is the length of logLr. */
export function tapeNeeds(
  { steps, rate }: FusedProblem,
  options: { readonly slots: Slots; readonly rates: number; readonly reverse: boolean },
): TapeNeeds {
  const { slots, rates, reverse } = options;
  return { steps, slots, summedRates: rate.per === "parameter" ? 0 : rates, reverse };
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
export function problemKey(inner: FusedProblem): string {
  const { net, loss, steps, rate, headOnly, proximal } = inner;
  return JSON.stringify([netKey(net), loss, steps, rate.per, rate.perStep, headOnly, proximal]);
}

/** A key that is equal for equal networks. */
export function netKey(net: Mlp): string {
  return `${net.widths.join("-")} ${net.activation}`;
}
