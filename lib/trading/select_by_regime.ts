/**
 * Which of several candidates trades in which regime, chosen from validation results alone. Pure: it runs nothing.
 * It refuses results that reach into the test, and leaves regimes seen too seldom to a fallback.
 * @module
 */
import { type Regime, regimeAt, REGIMES, type RegimeSeries } from "../features/regimes.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** What a candidate did on one market of the validation part; a `BacktestResult` will do. */
export interface ValidationRun {
  /** Market name, to find its regimes by. */
  readonly market: string;
  /** Open time of the bar at whose close each decision was taken, ms UTC, `[bars + 1]`. */
  readonly decisionTime: Float64Array;
  /** Net return of the bar after each decision but the last, `[bars]`. */
  readonly netReturns: Float64Array;
}

/** A learner or strategy that could trade. */
export interface RegimeCandidate {
  /** Its name. */
  readonly name: string;
  /** What it did on validation data, one run a market; all candidates on the same bars. */
  readonly runs: readonly ValidationRun[];
}

/** What {@linkcode selectByRegime} takes. */
export interface SelectByRegimeOptions {
  /** Where the test begins, ms UTC: a run with a bar at or after it is refused. */
  readonly testFrom: number;
  /** Least validation bars of a regime to choose on, over all markets, at least 2 (default 60). */
  readonly minBars?: number;
  /** Who trades where a regime has fewer (default: the best over all validation bars). */
  readonly fallback?: string;
  /** What is compared: mean / sample deviation of net returns (default), or the mean. */
  readonly score?: "sharpe" | "mean";
}

const SELECT_KEYS: OptionKeys<SelectByRegimeOptions> = { testFrom: true, minBars: true, fallback: true, score: true };

/** How a candidate did in a regime. */
export interface RegimeScore<R extends string = Regime> {
  /** The regime known at the decision. */
  readonly regime: R;
  /** The candidate. */
  readonly candidate: string;
  /** Validation bars. */
  readonly bars: number;
  /** Mean net return a bar; 0 without bars. */
  readonly mean: number;
  /** The score compared, per bar; 0 where returns do not vary around 0. */
  readonly score: number;
}

/** Who trades in which regime. */
export interface RegimeChoice<R extends string = Regime> {
  /** The candidate chosen for each regime that there are labels of. */
  readonly choices: Readonly<Record<R, string>>;
  /** Who trades where a regime is unknown or was seen too seldom. */
  readonly fallback: string;
  /** Regimes that the fallback trades because they were seen too seldom. */
  readonly tooFew: readonly R[];
  /** Every candidate in every regime. */
  readonly scores: readonly RegimeScore<R>[];
}

function scoreOf(returns: readonly number[], kind: "sharpe" | "mean"): { mean: number; score: number } {
  if (returns.length === 0) return { mean: 0, score: 0 };
  const mean = returns.reduce((sum, r) => sum + r, 0) / returns.length;
  if (kind === "mean") return { mean, score: mean };
  const squares = returns.reduce((sum, r) => sum + (r - mean) ** 2, 0);
  const deviation = Math.sqrt(squares / Math.max(1, returns.length - 1));
  // A constant series leaves the rounding of its mean as its deviation.
  if (deviation <= 1e-14 * Math.abs(mean)) return { mean, score: mean === 0 ? 0 : Math.sign(mean) * Infinity };
  return { mean, score: mean / deviation };
}

function requireRuns(
  candidates: readonly RegimeCandidate[],
  labels: readonly RegimeSeries<string>[],
  testFrom: number,
): void {
  const action = "Cannot select by regime";
  if (candidates.length === 0) throw new RangeError(`${action}: expected at least 1 candidate, received 0`);
  if (!Number.isFinite(testFrom)) {
    throw new RangeError(`${action}: testFrom must be a time in ms, got ${String(testFrom)}`);
  }
  const [first] = candidates;
  const names = new Set(candidates.map(({ name }) => name));
  if (names.size < candidates.length) throw new RangeError(`${action}: candidates must have different names`);
  if (first.runs.length === 0) throw new RangeError(`${action}: ${first.name} has no validation run`);
  for (const { name, runs } of candidates) {
    if (runs.length !== first.runs.length) {
      throw new TypeError(`${action}: ${first.name} has ${first.runs.length} runs, ${name} has ${runs.length}`);
    }
    runs.forEach(({ market, decisionTime, netReturns }, r) => {
      const bars = netReturns.length;
      const reference = first.runs[r];
      if (decisionTime.length !== bars + 1) {
        throw new TypeError(`${action}: ${market} has ${bars} returns, expected ${decisionTime.length - 1} (${name})`);
      }
      if (
        market !== reference.market || bars !== reference.netReturns.length ||
        decisionTime.some((time, i) => time !== reference.decisionTime[i])
      ) throw new TypeError(`${action}: ${name} and ${first.name} were run on different bars (${market})`);
      const bad = netReturns.findIndex((value) => !Number.isFinite(value));
      if (bad >= 0) {
        throw new TypeError(`${action}: returns must be finite, got ${netReturns[bad]} at ${bad} (${name}, ${market})`);
      }
      if (!(decisionTime[bars] < testFrom)) {
        throw new RangeError(
          `${action}: ${name} on ${market} reaches to ${decisionTime[bars]}, the test begins at ${testFrom}`,
        );
      }
      if (!labels.some((own) => own.market === market)) {
        throw new RangeError(`${action}: ${market} has no regime labels`);
      }
    });
  }
}

/** Every regime that labels may name: all built-in ones where they name none but those, else those that they name, sorted. */
function namesOf<R extends string>(labels: readonly RegimeSeries<R>[]): readonly R[] {
  const named = [...new Set(labels.flatMap(({ regime }) => regime))].sort();
  const builtIn: readonly string[] = REGIMES;
  return named.every((regime) => builtIn.includes(regime)) ? builtIn as readonly R[] : named;
}

function argmax(scores: readonly number[]): number {
  return scores.reduce((best, score, i) => score > scores[best] ? i : best, 0);
}

/**
 * Chooses for each regime the candidate with the best score on validation data. A bar belongs to the regime known when its
 * position was decided, so that what is chosen on is what can be acted on. Ties go to the candidate named first. A candidate
 * that stays flat scores 0: name one to stand aside where nothing earned.
 *
 * @param candidates Candidates with their validation runs, on the same bars.
 * @param labels Regimes of each market of the runs, from `labelRegimes` or by a rule and with names of one's own.
 * @param options Where the test begins, least bars, fallback, score.
 * @throws {RangeError} A run reaches into the test, a market has no labels, names repeat or an option is out of range.
 * @throws {TypeError} Candidates were run on different bars, or a return is not finite.
 *
 * @example
 * ```ts
 * import { selectByRegime } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.from({ length: 5 }, (_, i) => i);
 * const labels = { market: "X", time, regime: ["calm", "calm", "wild", "wild", "calm"] as const };
 * const run = (...returns: number[]) => [{ market: "X", decisionTime: time, netReturns: Float64Array.from(returns) }];
 * const bold = { name: "bold", runs: run(0.01, 0.02, -0.03, -0.01) };
 * const flat = { name: "flat", runs: run(0, 0, 0, 0) };
 * const choice = selectByRegime<"calm" | "wild">([bold, flat], [labels], { testFrom: 5, minBars: 2 });
 * assertEquals(choice.choices, { calm: "bold", wild: "flat" });
 * ```
 */
export function selectByRegime<R extends string = Regime>(
  candidates: readonly RegimeCandidate[],
  labels: readonly RegimeSeries<R>[],
  options: SelectByRegimeOptions,
): RegimeChoice<R> {
  requireKnownKeys("Cannot select by regime", "options", options, SELECT_KEYS);
  const { testFrom, minBars = 60, score: kind = "sharpe" } = options;
  requireRuns(candidates, labels, testFrom);
  if (!Number.isInteger(minBars) || minBars < 2) {
    throw new RangeError(`Cannot select by regime: minBars must be an integer of at least 2, got ${String(minBars)}`);
  }
  if (kind !== "sharpe" && kind !== "mean") {
    throw new RangeError(`Cannot select by regime: score must be sharpe or mean, got ${String(kind)}`);
  }
  const names = candidates.map(({ name }) => name);
  const { fallback = names[argmax(candidates.map(({ runs }) => scoreOf(allReturns(runs), kind).score))] } = options;
  if (!names.includes(fallback)) {
    throw new RangeError(`Cannot select by regime: fallback must be one of ${names.join(", ")}, got ${fallback}`);
  }
  const regimes = candidates[0].runs.map(({ market, decisionTime }) => {
    const own = labels.find((one) => one.market === market)!;
    return Array.from(decisionTime, (time) => regimeAt(own, time));
  });
  const known = namesOf(labels);
  const scores = known.flatMap((regime) =>
    candidates.map(({ name, runs }): RegimeScore<R> => {
      const returns = runs.flatMap(({ netReturns }, r) => [...netReturns].filter((_, i) => regimes[r][i] === regime));
      return { regime, candidate: name, bars: returns.length, ...scoreOf(returns, kind) };
    })
  );
  const tooFew: R[] = [];
  const choose = (regime: R): string => {
    const own = scores.filter((one) => one.regime === regime);
    if (own[0].bars >= minBars) return names[argmax(own.map(({ score }) => score))];
    tooFew.push(regime);
    return fallback;
  };
  const choices = Object.fromEntries(known.map((regime) => [regime, choose(regime)])) as Record<R, string>;
  return { choices, fallback, tooFew, scores };
}

function allReturns(runs: readonly ValidationRun[]): number[] {
  return runs.flatMap(({ netReturns }) => [...netReturns]);
}
