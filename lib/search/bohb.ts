/**
 * BOHB (Falkner, Klein & Hutter 2018): Hyperband whose configurations are drawn where good ones lie close and bad ones do not,
 * by two densities fitted on the largest budget with enough finished trials. Brackets begin one after another, a round apart,
 * so that each knows the rungs before it; a share is drawn at random, which keeps Hyperband's guarantee.
 * @module
 */
import { random } from "../net/random.ts";
import { type OptionKeys, pickKeys, requireKnownKeys } from "../options.ts";
import { densityAt, drawNear, fitDensity, pointsOf } from "./density.ts";
import { type DrawConfiguration, nextRungs } from "./halving.ts";
import { type HyperbandOptions, hyperbandRungs } from "./hyperband.ts";
import { byLoss, type FinishedTrial, type SearchMethod, type SearchSoFar } from "./search_method.ts";
import { requireSetting } from "./settings.ts";
import { configurationAt, drawConfiguration } from "./unit.ts";
import { groupBy } from "../group_by.ts";

/** What {@linkcode bohb} takes: Hyperband's sizes, and how it draws. */
export interface BohbOptions extends HyperbandOptions {
  /** ρ: share of configurations that are drawn at random (default 1/3). */
  readonly randomShare?: number;
  /** q: share of the finished trials that count as good (default 0.15). */
  readonly goodShare?: number;
  /** Candidates, of which the most promising is tried (default 64). */
  readonly candidates?: number;
  /** Candidates are drawn from kernels so many times as wide (default 3). */
  readonly widen?: number;
}

const HYPERBAND_KEYS: OptionKeys<HyperbandOptions> = { maxBudget: true, minBudget: true, eta: true, iterations: true };
const KEYS: OptionKeys<BohbOptions> = {
  ...HYPERBAND_KEYS,
  randomShare: true,
  goodShare: true,
  candidates: true,
  widen: true,
};

/** Labels of the streams that fill in what points lack. */
const FILL = 0xb0b;

/** How a model is fitted and drawn from. */
type ModelSettings = Required<Omit<BohbOptions, keyof HyperbandOptions>>;

/** The finished trials of the largest budget that has more than d + 2 of them; undefined where none has. */
function observed({ space, past }: SearchSoFar): readonly FinishedTrial[] | undefined {
  const least = Object.keys(space).length + 3;
  const budgets = [...groupBy(past, ({ budget }) => budget)].sort(([a], [b]) => b - a);
  return budgets.find(([, trials]) => trials.length >= least)?.[1];
}

/** Draws by the model of all trials so far. The best and the worst of them (d + 1 at least) make its two densities. */
function modelDrawer(search: SearchSoFar, settings: ModelSettings): DrawConfiguration {
  const { space, seed, past } = search;
  const { randomShare, goodShare, candidates, widen } = settings;
  const trials = observed(search);
  if (!trials) return (stream) => drawConfiguration(space, stream);
  const least = Object.keys(space).length + 1;
  const ranked = [...trials].sort(byLoss).map(({ configuration }) => configuration);
  const goodCount = Math.max(least, Math.floor(goodShare * ranked.length));
  const badCount = Math.max(least, ranked.length - goodCount);
  const fill = random(seed).fork(FILL).fork(past.length);
  const good = fitDensity(space, pointsOf(space, ranked.slice(0, goodCount), fill.fork(0)));
  const bad = fitDensity(space, pointsOf(space, ranked.slice(-badCount), fill.fork(1)));
  return (stream) => {
    if (stream.uniform() < randomShare) return drawConfiguration(space, stream);
    let best = { positions: [] as readonly number[], ratio: -Infinity };
    for (let i = 0; i < candidates; i++) {
      const positions = drawNear(good, stream, widen);
      const ratio = Math.log(densityAt(good, positions)) - Math.log(Math.max(1e-32, densityAt(bad, positions)));
      if (ratio > best.ratio) best = { positions, ratio };
    }
    return best.positions.length > 0 ? configurationAt(space, best.positions) : drawConfiguration(space, stream);
  };
}

/**
 * Searches by BOHB.
 *
 * @param options Hyperband's sizes, and how configurations are drawn; several `iterations` are where a model pays.
 * @throws {RangeError} A setting is out of range.
 * @throws {TypeError} An option is unknown.
 *
 * @example The first bracket is drawn at random, the later ones where it found small losses
 * ```ts
 * import { bohb, defineSpace, nextTrials } from "@adaptrade/adaptrade/search";
 * import { assert } from "@std/assert";
 *
 * const space = defineSpace({ x: { kind: "uniform", min: 0, max: 1 } });
 * const method = bohb({ maxBudget: 27, randomShare: 0 });
 * const mean = (trials: readonly { configuration: { readonly [name: string]: unknown } }[]) =>
 *   trials.reduce((sum, { configuration }) => sum + (configuration.x as number), 0) / trials.length;
 * const first = nextTrials(method, { space, seed: 1, past: [] });
 * const past = first.map((trial) => ({ ...trial, loss: (trial.configuration.x as number) ** 2 }));
 * const second = nextTrials(method, { space, seed: 1, past }).filter(({ bracket }) => bracket === 1);
 * assert(mean(second) < mean(first));
 * ```
 */
export function bohb(options: BohbOptions): SearchMethod {
  const action = "Cannot search by BOHB";
  requireKnownKeys(action, "options", options, KEYS);
  const brackets = hyperbandRungs(pickKeys(options, HYPERBAND_KEYS));
  const { maxBudget, minBudget = 1, eta = 3, iterations = 1 } = options;
  const { randomShare = 1 / 3, goodShare = 0.15, candidates = 64, widen = 3 } = options;
  requireSetting(action, "randomShare", { value: randomShare, min: 0, max: 1 });
  requireSetting(action, "goodShare", { value: goodShare, min: 0, max: 1 });
  requireSetting(action, "candidates", { value: candidates, min: 1, integer: true });
  requireSetting(action, "widen", { value: widen, min: 1, max: 100 });
  const model = { randomShare, goodShare, candidates, widen };
  return Object.freeze<SearchMethod>({
    kind: "bohb",
    settings: Object.freeze({ maxBudget, minBudget, eta, iterations, ...model }),
    next: (search) => nextRungs(search, { brackets, stagger: 1, drawer: (now) => modelDrawer(now, model) }),
  });
}
