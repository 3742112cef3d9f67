/**
 * A start for each class of tasks, adapted from a global one by going on with meta-training on that class alone.
 * It refuses a start that the class' own validation tasks like less than the global one.
 * @module
 */
import type { Engine } from "../engine/engine.ts";
import type { Task } from "../engine/problem.ts";
import { metaGradientOf } from "../meta/differential.ts";
import { freezeState, type MetaState } from "../meta/state.ts";
import { type MetaProgress, metaTrain } from "../meta/train.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What {@linkcode classStarts} takes. */
export interface ClassStartsOptions {
  /**
   * Validation tasks by class. A class that has them keeps its best start, the global one among them; a class without
   * them takes its last.
   */
  readonly validation?: Readonly<Record<string, readonly Task[]>>;
  /** Outer steps between looks at the validation tasks, at least 1 (default 25). */
  readonly every?: number;
  /** Stop a class after this many looks without a better validation loss (default never); needs its validation tasks. */
  readonly patience?: number;
  /** Constant outer learning rate, with the moments begun anew (default: go on with the global state's own). */
  readonly lr?: number;
  /** Stops the training. */
  readonly signal?: AbortSignal;
  /** Told of each look. */
  readonly onProgress?: (name: string, progress: MetaProgress) => void;
}

/** Mean query loss after adaptation, by the gradient that is cheapest to take. */
const CLASS_STARTS_KEYS: OptionKeys<ClassStartsOptions> = {
  validation: true,
  every: true,
  patience: true,
  lr: true,
  signal: true,
  onProgress: true,
};

async function queryLossOf(engine: Engine, state: MetaState, tasks: readonly Task[]): Promise<number> {
  const config = { ...state.config, gradient: { kind: "unrolled" as const, backpropSteps: 0 } };
  return (await metaGradientOf(engine, { ...state, config }, tasks)).loss;
}

function begunAnew(state: MetaState, lr: number): MetaState {
  const { moments, config } = state;
  const schedule = { kind: "constant" as const };
  return freezeState({
    ...state,
    config: Object.freeze({ ...config, outer: Object.freeze({ ...config.outer, lr, schedule }) }),
    moments: { first: moments.first.map(() => 0), second: moments.second.map(() => 0), step: 0 },
    step: 0,
  });
}

/**
 * Adapts a global start to each class of tasks (asset classes, regimes) by going on with meta-training on that class.
 *
 * @param engine Where to train.
 * @param state The global start; it is not changed.
 * @param batches Batches of each class' tasks, by name; each must end.
 * @param options Validation tasks, patience, learning rate.
 * @returns A start for each class, by name: `state` itself where nothing better was found.
 * @throws {DivergedError} A step's loss or gradient was not finite.
 * @throws {RangeError} An option or a batch is out of range, or validation tasks are for a class that has no batches.
 *
 * @example
 * ```ts
 * import { maml, metaInit, mlp, openEngine } from "@adaptrade/adaptrade";
 * import { classStarts } from "@adaptrade/adaptrade/tasks";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
 * const samples = { rows: 2, x: Float32Array.of(0, 1), y: Float32Array.of(1, 3) };
 * const batches = [[{ support: samples, query: samples }]];
 * const starts = await classStarts(engine, metaInit(maml({ net })), { stocks: batches, coins: batches });
 * assertEquals(Object.keys(starts), ["stocks", "coins"]);
 * ```
 */
export async function classStarts(
  engine: Engine,
  state: MetaState,
  batches: Readonly<Record<string, Iterable<readonly Task[]> | AsyncIterable<readonly Task[]>>>,
  options: ClassStartsOptions = {},
): Promise<Record<string, MetaState>> {
  requireKnownKeys("Cannot train classes", "options", options, CLASS_STARTS_KEYS);
  const { validation = {}, every = 25, patience, lr, signal, onProgress } = options;
  const stray = Object.keys(validation).find((name) => !(name in batches));
  if (stray !== undefined) {
    throw new RangeError(
      `Cannot start classes: validation tasks are for ${stray}, batches for ${Object.keys(batches).join(", ")}`,
    );
  }
  const starts: Record<string, MetaState> = {};
  for (const [name, stream] of Object.entries(batches)) {
    const tasks = validation[name];
    const start = lr === undefined ? state : begunAnew(state, lr);
    let best = { state, loss: tasks ? await queryLossOf(engine, state, tasks) : Infinity };
    const run = {
      every,
      ...(tasks && { validation: tasks }),
      ...(tasks && patience !== undefined && { patience }),
      ...(signal && { signal }),
    };
    for await (const progress of metaTrain(engine, start, stream, run)) {
      onProgress?.(name, progress);
      if (!tasks || progress.validationLoss! < best.loss) {
        best = { state: progress.state, loss: progress.validationLoss ?? Infinity };
      }
    }
    starts[name] = best.state;
  }
  return starts;
}
