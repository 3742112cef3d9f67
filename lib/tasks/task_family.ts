/**
 * A family of tasks: a named way to draw them, with what each of its sources can give. Families nest (see
 * {@linkcode chooseFamily}) and mix (see `mix_tasks.ts`). It refuses a source that can give no task, naming what it lacks.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { Random } from "../net/random.ts";
import { requireCount, requireShape, rowRange, type TaskSourceOptions } from "./asset_tasks.ts";
import type { MarketRows } from "./market_rows.ts";
import { cutTask, type MarketTask, type TaskShape, taskSpan } from "./market_task.ts";

/** How many tasks one source of a family can give. */
export interface SourceCapacity {
  /** What tasks are drawn from, such as `DAX`, `DAX bear` or `DAX 1995Q3`. */
  readonly source: string;
  /** Rows it has within the time range. */
  readonly rows: number;
  /** Rows that one task needs. */
  readonly needed: number;
  /** Different tasks it can give; 0 when it lacks rows. */
  readonly tasks: number;
}

/** A named way to draw tasks. */
export interface TaskFamily {
  /** What the tasks are drawn by, such as `asset` or `regime`. */
  readonly name: string;
  /** Features of every task. */
  readonly cols: number;
  /** Bars that every label looks ahead. */
  readonly horizon: number;
  /** What each source can give, the ones left out by `skipShort` included. */
  readonly capacities: readonly SourceCapacity[];
  /** Draws one task; the same stream gives the same task. Drawing advances the stream and changes nothing else. */
  draw(stream: Random): MarketTask;
}

/** Rows to cut tasks from, and where tasks may start. */
export interface FamilySource {
  /** Name of the source. */
  readonly source: string;
  /** Its rows. */
  readonly market: MarketRows;
  /** Rows within the time range. */
  readonly rows: number;
  /** Number of rows that a task may start at. */
  readonly starts: number;
  /** The i-th of them. */
  startAt(i: number): number;
}

/** Every window within the time range of a market as a source. */
export function windowSource(source: string, market: MarketRows, options: TaskSourceOptions): FamilySource {
  const { first, end } = rowRange(market, options);
  const starts = Math.max(0, end - first - taskSpan(options, market.horizon) + 1);
  return { source, market, rows: end - first, starts, startAt: (i) => first + i };
}

/**
 * A source of rows that have yet to be made. Where the data are too short to make any it has none, if such sources are to
 * be left out.
 *
 * @throws {DataError} The data are too short, and `skipShort` is not set.
 */
export function madeSource(source: string, make: () => MarketRows, options: TaskSourceOptions): FamilySource {
  try {
    return windowSource(source, make(), options);
  } catch (error) {
    if (!options.skipShort || !(error instanceof DataError)) throw error;
    const none = new Float64Array(0);
    const { horizon = 1 } = options;
    const market = { market: source, rows: 0, cols: 0, time: none, knownAt: none, x: none, y: none, horizon };
    return { source, market, rows: 0, starts: 0, startAt: (i) => i };
  }
}

/** What a source can give. */
export function capacityOf({ source, market, rows, starts }: FamilySource, shape: TaskShape): SourceCapacity {
  return Object.freeze({ source, rows, needed: taskSpan(shape, market.horizon), tasks: starts });
}

function lack({ source, rows, needed, tasks }: SourceCapacity): string | undefined {
  if (tasks > 0) return undefined;
  return rows < needed ? `${source} has ${rows} of ${needed} rows` : `${source} has no window of ${needed} rows`;
}

/**
 * Checks that every source can give a task.
 *
 * @param family Name of the family, for the message.
 * @param capacities What each source can give.
 * @param options Task shape, and whether short sources are to be left out.
 * @throws {DataError} A source can give none and is not to be left out, or no source can give one.
 */
export function requireCapacity(
  family: string,
  capacities: readonly SourceCapacity[],
  options: Pick<TaskSourceOptions, "supportRows" | "queryRows" | "skipShort">,
): void {
  const lacking = capacities.flatMap((capacity) => lack(capacity) ?? []);
  if (lacking.length === 0 && capacities.length > 0) return;
  if (options.skipShort && lacking.length < capacities.length) return;
  const parts = `(${options.supportRows} support, horizon, ${options.queryRows} query)`;
  const named = lacking.length > 8 ? [...lacking.slice(0, 8), `and ${lacking.length - 8} more`] : lacking;
  const all = lacking.length === capacities.length ? "no source can give a task" : "too short";
  throw new DataError(`Cannot draw tasks by ${family}: ${all} ${parts}: ${named.join("; ") || "there is no source"}`);
}

/** A family over sources, each as likely as any other, then each of its starts. */
export function sourceFamily(name: string, sources: readonly FamilySource[], options: TaskSourceOptions): TaskFamily {
  requireCount("supportRows", options.supportRows, 2);
  requireCount("queryRows", options.queryRows, 1);
  const capacities = Object.freeze(sources.map((source) => capacityOf(source, options)));
  requireCapacity(name, capacities, options);
  const able = sources.filter(({ starts }) => starts > 0);
  requireShape(able.map(({ market }) => market), options);
  const [{ market: { cols, horizon } }] = able;
  const shape = { supportRows: options.supportRows, queryRows: options.queryRows };
  return Object.freeze({
    name,
    cols,
    horizon,
    capacities,
    draw(stream: Random): MarketTask {
      const { source, market, starts, startAt } = able[stream.integer(able.length)];
      const task = cutTask(market, startAt(stream.integer(starts)), shape);
      return { ...task, name: `${source} ${new Date(task.supportTime[0]).toISOString().slice(0, 16)}` };
    },
  });
}

/**
 * Nests families: a draw picks one of them, each as likely as any other, and draws from it.
 *
 * @param name Name of the new family.
 * @param families At least one; all with the same features and horizon.
 * @throws {DataError} There is no family.
 * @throws {RangeError} Horizons differ.
 * @throws {TypeError} Features differ.
 */
export function chooseFamily(name: string, families: readonly TaskFamily[]): TaskFamily {
  requireAlike(families);
  const [{ cols, horizon }] = families;
  return Object.freeze({
    name,
    cols,
    horizon,
    capacities: Object.freeze(families.flatMap(({ capacities }) => capacities)),
    draw: (stream: Random): MarketTask => families[stream.integer(families.length)].draw(stream),
  });
}

/** Throws unless there is a family and all have the same features and horizon. */
export function requireAlike(families: readonly TaskFamily[]): void {
  if (families.length === 0) throw new DataError("Cannot draw tasks: expected at least 1 family, received 0");
  const [first] = families;
  for (const { name, cols, horizon } of families) {
    if (cols !== first.cols) {
      throw new TypeError(
        `Cannot draw tasks: family ${name} has ${cols} features, family ${first.name} ${first.cols}`,
      );
    }
    if (horizon !== first.horizon) {
      throw new RangeError(
        `Cannot draw tasks: family ${name} has labels of horizon ${horizon}, family ${first.name} ${first.horizon}`,
      );
    }
  }
}
