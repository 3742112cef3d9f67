/**
 * Risk settings that cannot be differentiated (stop distance, a hard threshold, a bar count) tuned by search on validation
 * windows. What can be (threshold and softness of a smooth position, volatility target) is in `smooth_risk.ts`.
 * It refuses a window that reaches into the test, and counts its trials, for a deflated Sharpe ratio needs them.
 * @module
 */
import { random } from "../net/random.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { openTurns } from "../event_loop.ts";

/** A stretch of validation data. */
export interface ValidationWindow {
  /** First time, ms UTC. */
  readonly from: number;
  /** Time behind the last, ms UTC. */
  readonly to: number;
}

/** Settings by name, such as `{ stop: 0.02, threshold: 0.001 }`. */
export type RiskSettings = Readonly<Record<string, number>>;

/** Net returns a bar of a strategy with the settings over the window; it must read nothing at or after `window.to`. */
export type RiskEvaluator = (
  settings: RiskSettings,
  window: ValidationWindow,
) => Float64Array | Promise<Float64Array>;

/** What {@linkcode tuneRisk} takes. */
export interface TuneRiskOptions {
  /** Validation windows; the objective is averaged over them. */
  readonly windows: readonly ValidationWindow[];
  /** Where the test begins, ms UTC: a window that ends after it is refused. */
  readonly testFrom: number;
  /** Price of risk λ in mean − λ · variance, per bar, at least 0 (default 0.5: to second order the mean log growth). */
  readonly riskAversion?: number;
  /** Most settings tried, at least 1 (default 200): all where there are no more, else a search by coordinates. */
  readonly maxTrials?: number;
  /** Random starts of the search by coordinates beside the first values, at least 0 (default 2). */
  readonly restarts?: number;
  /** Seed of the random starts (default 0). */
  readonly seed?: number;
  /** Stops the search between trials. */
  readonly signal?: AbortSignal;
}

const TUNE_KEYS: OptionKeys<TuneRiskOptions> = {
  windows: true,
  testFrom: true,
  riskAversion: true,
  maxTrials: true,
  restarts: true,
  seed: true,
  signal: true,
};

/** One trial. */
export interface RiskTrial {
  /** The settings. */
  readonly settings: RiskSettings;
  /** Mean over windows of mean − λ · variance of net returns a bar. */
  readonly objective: number;
}

/** What {@linkcode tuneRisk} found. */
export interface TunedRisk extends RiskTrial {
  /** Everything that was tried, in order; its length is the number of trials. */
  readonly trials: readonly RiskTrial[];
  /** Whether every combination was tried. */
  readonly exhaustive: boolean;
}

/**
 * mean − λ · variance of net returns a bar (Markowitz 1952); variance about the mean over n. 0 for no bar.
 *
 * @throws {TypeError} A return is not finite.
 *
 * @example
 * ```ts
 * import { riskObjective } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(riskObjective(Float64Array.of(0, 2), 0.5), 0.5); // mean 1, variance 1
 * ```
 */
export function riskObjective(returns: Float64Array, riskAversion: number): number {
  const bars = returns.length;
  if (bars === 0) return 0;
  const mean = returns.reduce((sum, r) => sum + r, 0) / bars;
  if (!Number.isFinite(mean)) throw new TypeError("Cannot judge a risk setting: its returns must be finite");
  return mean - riskAversion * returns.reduce((sum, r) => sum + (r - mean) ** 2, 0) / bars;
}

/** Throws unless there is a window and all of them ascend and end by `testFrom`. */
function requireWindows(windows: readonly ValidationWindow[], testFrom: number): void {
  if (windows.length === 0) throw new RangeError("Cannot tune risk: expected at least 1 validation window, received 0");
  if (!Number.isFinite(testFrom)) {
    throw new RangeError(`Cannot tune risk: testFrom must be a time in ms, got ${String(testFrom)}`);
  }
  for (const { from, to } of windows) {
    if (!(from < to && to <= testFrom)) {
      throw new RangeError(
        `Cannot tune risk: a validation window must ascend and end by the test at ${testFrom}, got ${from} to ${to}`,
      );
    }
  }
}

function requireSpace(space: Readonly<Record<string, readonly number[]>>): void {
  const names = Object.keys(space);
  if (names.length === 0) throw new RangeError("Cannot tune risk: expected at least 1 setting, received 0");
  for (const name of names) {
    if (space[name].length === 0 || space[name].some((value) => !Number.isFinite(value))) {
      throw new RangeError(`Cannot tune risk: ${name} needs at least 1 value, all finite, got [${space[name]}]`);
    }
  }
}

function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`Cannot tune risk: ${name} must be an integer of at least ${least}, got ${String(value)}`);
  }
}

/**
 * Searches a grid of settings for the highest mean − λ · variance over the validation windows. Grids of up to `maxTrials`
 * combinations are tried whole; of larger ones, coordinate by coordinate from the first values and from seeded random
 * starts, until no coordinate gets better or the trials are used up. Ties keep what was tried first, so put the most
 * careful values first. The outer level of a bilevel problem whose inner level is the adaptation behind the returns.
 *
 * @param evaluate Net returns of a strategy with the settings over a window, costs included.
 * @param space Values to try of each setting.
 * @param options Windows, where the test begins, price of risk, trials, seed.
 * @throws {RangeError} A window reaches into the test, the space is empty, or an option is out of range.
 * @throws {TypeError} A return is not finite.
 *
 * @example
 * ```ts
 * import { tuneRisk } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const returns = Float64Array.of(0.02, -0.05, 0.01, 0.03);
 * const stopped = ({ stop }: Record<string, number>) => returns.map((r) => Math.max(r, -stop));
 * const { settings, trials } = await tuneRisk(stopped, { stop: [0.1, 0.03] }, {
 *   windows: [{ from: 0, to: 4 }],
 *   testFrom: 4,
 * });
 * assertEquals([settings.stop, trials.length], [0.03, 2]);
 * ```
 */
export async function tuneRisk(
  evaluate: RiskEvaluator,
  space: Readonly<Record<string, readonly number[]>>,
  options: TuneRiskOptions,
): Promise<TunedRisk> {
  requireKnownKeys("Cannot tune risk", "options", options, TUNE_KEYS);
  const { windows, testFrom, riskAversion = 0.5, maxTrials = 200, restarts = 2, seed = 0, signal } = options;
  requireWindows(windows, testFrom);
  requireSpace(space);
  requireInteger("maxTrials", maxTrials, 1);
  requireInteger("restarts", restarts, 0);
  if (!(riskAversion >= 0 && riskAversion < Infinity)) {
    throw new RangeError(`Cannot tune risk: riskAversion must be finite and at least 0, got ${String(riskAversion)}`);
  }
  const turn = openTurns();
  const names = Object.keys(space);
  const sizes = names.map((name) => space[name].length);
  const combinations = sizes.reduce((product, size) => product * size, 1);
  const exhaustive = combinations <= maxTrials;
  const tried = new Map<string, RiskTrial>();
  const attempt = async (at: readonly number[]): Promise<RiskTrial | undefined> => {
    const key = at.join();
    const known = tried.get(key);
    if (known || tried.size >= maxTrials) return known;
    await turn();
    signal?.throwIfAborted();
    const settings = Object.freeze(Object.fromEntries(names.map((name, i) => [name, space[name][at[i]]])));
    let sum = 0;
    for (const window of windows) sum += riskObjective(await evaluate(settings, window), riskAversion);
    const trial = { settings, objective: sum / windows.length };
    tried.set(key, trial);
    return trial;
  };
  if (exhaustive) {
    for (let index = 0; index < combinations; index++) await attempt(unravel(index, sizes));
  } else {
    const stream = random(seed);
    const starts = Array.from({ length: restarts }, () => sizes.map((size) => stream.integer(size)));
    for (const start of [sizes.map(() => 0), ...starts]) await climb(start, sizes, attempt);
  }
  const trials = [...tried.values()];
  const best = trials.reduce((found, trial) => trial.objective > found.objective ? trial : found);
  return { ...best, trials, exhaustive };
}

/** Index of a combination as one index a setting, the last running fastest. */
function unravel(index: number, sizes: readonly number[]): number[] {
  const at = [...sizes];
  for (let i = sizes.length - 1, rest = index; i >= 0; rest = Math.floor(rest / sizes[i--])) at[i] = rest % sizes[i];
  return at;
}

/** Moves one coordinate after the other to its best value until none gets better; `attempt` gives nothing at the limit. */
async function climb(
  start: readonly number[],
  sizes: readonly number[],
  attempt: (at: readonly number[]) => Promise<RiskTrial | undefined>,
): Promise<void> {
  let at = start;
  let best = (await attempt(at))?.objective ?? Infinity;
  for (let moved = true; moved;) {
    moved = false;
    for (let axis = 0; axis < sizes.length; axis++) {
      for (let value = 0; value < sizes[axis]; value++) {
        const next = at.with(axis, value);
        const objective = (await attempt(next))?.objective ?? -Infinity;
        if (objective > best) [at, best, moved] = [next, objective, true];
      }
    }
  }
}
