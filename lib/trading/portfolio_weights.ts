/**
 * How markets that share one capital divide it: pure functions from what is known of each to target positions.
 * They know no prices and no account; see `lib/backtest/portfolio.ts`.
 * @module
 */
import { shrunkCovariance } from "./covariance.ts";
import { hierarchicalWeights } from "./hierarchical_risk_parity.ts";
import { minimumVarianceWeights } from "./minimum_variance.ts";
import { riskParityWeights } from "./risk_parity.ts";
import type { SignalMode } from "./signal.ts";
import { type KindKeys, type OptionKeys, requireKindKeys, requireKnownKeys } from "../options.ts";

/** How capital is divided, as plain data. */
export type PortfolioWeighting =
  | {
    /** 1 / N of each market's own size. */
    readonly kind: "equal";
  }
  | {
    /** Each market's own size in proportion to 1 / volatility. */
    readonly kind: "inverse-volatility";
  }
  | {
    /** What maximises Σ f μ − ½ γ f² σ² − κ |f − held|, market by market, whatever its own size. */
    readonly kind: "return-over-risk";
    /** γ, price of variance, above 0 (default 4; 1 is Kelly's). */
    readonly riskAversion?: number;
    /** κ, forecast return that a unit of turnover must earn, as a fraction, at least 0 (default 0.001). */
    readonly turnoverPenalty?: number;
  }
  | {
    /** Each market's own size in proportion to its weight in the portfolio of the least variance. */
    readonly kind: "minimum-variance";
    /** Bars that the covariance is taken over, at least 20 (default 250). */
    readonly window?: number;
  }
  | {
    /** Each market's own size in proportion to its weight where all bring the same risk. */
    readonly kind: "risk-parity";
    /** Bars that the covariance is taken over, at least 20 (default 250). */
    readonly window?: number;
  }
  | {
    /** Each market's own size in proportion to its weight by hierarchical risk parity. */
    readonly kind: "hierarchical";
    /** Bars that the covariance is taken over, at least 20 (default 250). */
    readonly window?: number;
  }
  | {
    /** A weighting of one's own. */
    readonly kind: "custom";
    /** What messages call it. */
    readonly name: string;
    /**
     * Target position of each market as a fraction of the shared equity, finite, `[markets]`; where it is the very position held,
     * other than 0, the units stay.
     */
    readonly weigh: (markets: readonly WeighedMarket[]) => readonly number[];
    /** Bars of returns that it reads of each market, at least 20 (default none). */
    readonly window?: number;
  };

/** Bars that a covariance is taken over by default. */
const COVARIANCE_WINDOW = 250;
const FEWEST_BARS = 20;

/** Weights of markets by their covariance, by kind. */
const BY_COVARIANCE: Readonly<Record<string, (covariance: Float64Array) => Float64Array>> = {
  "minimum-variance": minimumVarianceWeights,
  "risk-parity": riskParityWeights,
  hierarchical: hierarchicalWeights,
};

/**
 * Bars of returns that a weighting reads of each market, see `WeighedMarket.returns`.
 *
 * @param weighting How capital is divided.
 * @returns A number of bars; undefined for a weighting that reads none.
 */
export function covarianceWindow(weighting: PortfolioWeighting | undefined): number | undefined {
  if (weighting?.kind === "custom") return weighting.window;
  if (weighting === undefined || !(weighting.kind in BY_COVARIANCE)) return undefined;
  return (weighting as { readonly window?: number }).window ?? COVARIANCE_WINDOW;
}

/** What is known of one market at a decision. */
export interface WeighedMarket {
  /** Position that its own rule of size asks for, were it alone. */
  readonly size: number;
  /** Forecast return over the horizon, as a fraction; NaN where nothing is forecast. */
  readonly prediction: number;
  /** Sample deviation of 1-bar returns; NaN where unknown. */
  readonly volatility: number;
  /** Bars that the forecast looks ahead. */
  readonly horizon: number;
  /** Position held now, as a fraction of the shared equity. */
  readonly held: number;
  /**
   * Returns of its last bars, oldest first, at the same times as those of the other markets, `[bars]`: read by weightings that
   * know correlation, which divide equally among markets that do not all have them.
   */
  readonly returns?: Float64Array;
}

/** How {@linkcode portfolioTargets} divides. */
export interface PortfolioTargetOptions {
  /** How capital is divided (default equally). */
  readonly weighting?: PortfolioWeighting;
  /** Largest Σ|position|, above 0 (default 1: no leverage). */
  readonly maxGross?: number;
  /** Whether `return-over-risk` and `custom` may sell short (default `long-short`); sizes carry their own mode. */
  readonly mode?: SignalMode;
}

/** Names of the options of {@linkcode portfolioTargets}. */
export const TARGET_KEYS: OptionKeys<PortfolioTargetOptions> = { weighting: true, maxGross: true, mode: true };
const WEIGHTING_KEYS: KindKeys<PortfolioWeighting> = {
  equal: { kind: true },
  "inverse-volatility": { kind: true },
  "return-over-risk": { kind: true, riskAversion: true, turnoverPenalty: true },
  "minimum-variance": { kind: true, window: true },
  "risk-parity": { kind: true, window: true },
  hierarchical: { kind: true, window: true },
  custom: { kind: true, name: true, weigh: true, window: true },
};

/** Weights by the shrunk covariance of what is held: the returns of a market that is to be short count the other way round. */
function covarianceWeights(markets: readonly WeighedMarket[], kind: string): Float64Array {
  const equal = new Float64Array(markets.length).fill(1 / markets.length);
  const bars = Math.min(...markets.map(({ returns }) => returns?.length ?? 0));
  if (markets.length === 0 || bars < 2) return equal;
  const rows = new Float64Array(bars * markets.length);
  markets.forEach(({ size, returns = equal }, market) => {
    const side = size < 0 ? -1 : 1;
    const last = returns.subarray(returns.length - bars);
    for (let bar = 0; bar < bars; bar++) rows[bar * markets.length + market] = side * last[bar];
  });
  const { covariance } = shrunkCovariance(rows, markets.length);
  // Where nothing moved at all there is no risk to divide.
  return covariance[0] > 0 ? BY_COVARIANCE[kind](covariance) : equal;
}

/**
 * max_f f μ − ½ γ f² σ² h − κ |f − held|: up to the point where the forecast's margin over κ is used up, down likewise, and
 * where neither pays, as it is: the no-trade zone of proportional costs (Magill & Constantinides 1976; Davis & Norman 1990).
 */
function returnOverRisk(market: WeighedMarket, weighting: { riskAversion?: number; turnoverPenalty?: number }): number {
  const { riskAversion = 4, turnoverPenalty = 0.001 } = weighting;
  const { prediction, volatility, horizon, held } = market;
  const price = riskAversion * volatility * volatility * horizon;
  if (!(price > 0) || !Number.isFinite(prediction)) return 0;
  const up = (prediction - turnoverPenalty) / price;
  const down = (prediction + turnoverPenalty) / price;
  return up > held ? up : down < held ? down : held;
}

function requireWeighting(options: PortfolioTargetOptions): void {
  requireKnownKeys("Cannot divide capital", "options", options, TARGET_KEYS);
  const { weighting = { kind: "equal" }, maxGross = 1 } = options;
  requireKindKeys("Cannot divide capital", "weighting", weighting, WEIGHTING_KEYS);
  const refuse = (name: string, wanted: string, got: unknown): never => {
    throw new RangeError(`Cannot divide capital: ${name} must be ${wanted}, got ${String(got)}`);
  };
  if (!(maxGross > 0 && maxGross < Infinity)) refuse("maxGross", "finite and above 0", maxGross);
  if (weighting.kind === "equal" || weighting.kind === "inverse-volatility") return;
  const window = covarianceWindow(weighting);
  if (window !== undefined) {
    if (!Number.isInteger(window) || window < FEWEST_BARS) {
      refuse("weighting.window", `an integer of at least ${FEWEST_BARS}`, window);
    }
    return;
  }
  if (weighting.kind === "custom") return;
  if (weighting.kind !== "return-over-risk") {
    refuse("weighting.kind", Object.keys(WEIGHTING_KEYS).join(", "), (weighting as { kind: unknown }).kind);
    return;
  }
  const { riskAversion = 4, turnoverPenalty = 0.001 } = weighting;
  if (!(riskAversion > 0 && riskAversion < Infinity)) refuse("riskAversion", "finite and above 0", riskAversion);
  if (!(turnoverPenalty >= 0)) refuse("turnoverPenalty", "at least 0", turnoverPenalty);
}

function customTargets(
  markets: readonly WeighedMarket[],
  { name, weigh }: Extract<PortfolioWeighting, { readonly kind: "custom" }>,
): number[] {
  if (typeof weigh !== "function") {
    throw new TypeError(`Cannot divide capital: weighting.weigh must be a function, got ${typeof weigh}`);
  }
  const targets = [...weigh(markets)];
  if (targets.length !== markets.length) {
    throw new TypeError(
      `Cannot divide capital: weighting ${name} must give ${markets.length} positions, got ${targets.length}`,
    );
  }
  const bad = targets.findIndex((target) => !Number.isFinite(target));
  if (bad < 0) return targets;
  throw new RangeError(
    `Cannot divide capital: weighting ${name} must give finite positions, got ${String(targets[bad])} at ${bad}`,
  );
}

/**
 * Divides a shared capital among markets, and scales all down where the sum of |positions| would pass the limit.
 *
 * @param markets What is known of each market that can be held now.
 * @param options Weighting, limit and mode.
 * @returns Target positions as fractions of the shared equity, `[markets]`.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { portfolioTargets } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const market = { prediction: 0.01, horizon: 1, held: 0 };
 * const markets = [{ ...market, size: 1, volatility: 0.01 }, { ...market, size: -1, volatility: 0.03 }];
 * assertEquals(portfolioTargets(markets), [0.5, -0.5]);
 * assertEquals(portfolioTargets(markets, { weighting: { kind: "inverse-volatility" } }), [0.75, -0.25]);
 * ```
 */
export function portfolioTargets(markets: readonly WeighedMarket[], options: PortfolioTargetOptions = {}): number[] {
  requireWeighting(options);
  const { weighting = { kind: "equal" }, maxGross = 1, mode = "long-short" } = options;
  let targets: number[];
  if (weighting.kind === "equal") {
    targets = markets.map(({ size }) => size / markets.length);
  } else if (weighting.kind === "inverse-volatility") {
    const calm = markets.map(({ volatility }) => volatility > 0 ? 1 / volatility : 0);
    const sum = calm.reduce((total, value) => total + value, 0);
    targets = markets.map(({ size }, i) => sum > 0 ? size * (calm[i] / sum) : 0);
  } else if (weighting.kind === "custom") {
    targets = customTargets(markets, weighting);
  } else if (weighting.kind !== "return-over-risk") {
    const weights = covarianceWeights(markets, weighting.kind);
    targets = markets.map(({ size }, i) => size * weights[i]);
  } else {
    targets = markets.map((market) => returnOverRisk(market, weighting));
  }
  // Sizes carry their own mode; these two take a side of their own.
  if (mode === "long-flat" && (weighting.kind === "return-over-risk" || weighting.kind === "custom")) {
    targets = targets.map((target) => Math.max(0, target));
  }
  const gross = targets.reduce((sum, target) => sum + Math.abs(target), 0);
  return gross > maxGross ? targets.map((target) => (target / gross) * maxGross) : targets;
}
