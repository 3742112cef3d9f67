/**
 * Stops and take-profits as levels: where they lie, and which of them a bar fills and at what price.
 * It knows no account. Within a bar the order of high and low is unknown, so the worse is assumed.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** How far from the entry price a level lies: a fraction of the price, or a multiple of the volatility at the decision. */
export type ExitDistance =
  | {
    /** Fraction of the entry price, within (0, 1). */
    readonly fraction: number;
  }
  | {
    /** Multiple of the sample deviation of 1-bar returns known at the decision, above 0. */
    readonly volatility: number;
    /** Bars that the deviation is taken over, at least 2 (default 20). */
    readonly window?: number;
  };

/** When a position is left without a signal. */
export interface ExitRules {
  /** Loss at which to leave; trailing from the best price since the entry when asked to, else from the entry price. */
  readonly stop?:
    | ExitDistance & {
      /** Follow the best price since the entry, one bar late (default false). */
      readonly trailing?: boolean;
    }
    | undefined;
  /** Gain at which to leave, by a resting limit order. */
  readonly takeProfit?: ExitDistance | undefined;
  /** After an exit: wait until the wanted side changes (`signal`, default), or enter again at the next bar (`bar`). */
  readonly reentry?: "signal" | "bar";
}

const EXIT_KEYS: OptionKeys<ExitRules> = { stop: true, takeProfit: true, reentry: true };

/** Throws a `TypeError` on an exit, or a part of one, that is not known by name: it would never be left by. */
export function requireExitKeys(rules: ExitRules | undefined): void {
  const action = "Cannot set exits";
  requireKnownKeys(action, "exits", rules, EXIT_KEYS);
  const { stop, takeProfit } = rules ?? {};
  const byVolatility = { volatility: true, window: true } as const;
  if (stop && "volatility" in stop) requireKnownKeys(action, "stop", stop, { ...byVolatility, trailing: true });
  else requireKnownKeys(action, "stop", stop, { fraction: true, trailing: true });
  if (takeProfit && "volatility" in takeProfit) requireKnownKeys(action, "takeProfit", takeProfit, byVolatility);
  else requireKnownKeys(action, "takeProfit", takeProfit, { fraction: true });
}

/** Levels of one open position. */
export interface ExitLevels {
  /** Price at which the stop is touched; null without one. */
  readonly stop: number | null;
  /** Price of the take-profit order; null without one. */
  readonly takeProfit: number | null;
}

/** An exit inside a bar. */
export interface BarExit {
  /** Price of the fill: the level, or the open where the bar opened beyond it. */
  readonly price: number;
  /** Which level. */
  readonly reason: "stop" | "take-profit";
}

/** Bars of volatility that rules need, the longest window; 0 when no rule is in units of volatility. */
export function exitWindow(rules: ExitRules): number {
  const window = (distance?: ExitDistance): number => distance && "volatility" in distance ? distance.window ?? 20 : 0;
  return Math.max(window(rules.stop), window(rules.takeProfit));
}

/**
 * Throws unless rules make sense.
 *
 * @throws {RangeError} A value is out of range; the message names it.
 */
export function requireExits(rules: ExitRules): void {
  const { stop, takeProfit, reentry = "signal" } = rules;
  if (reentry !== "signal" && reentry !== "bar") {
    throw new RangeError(`Cannot set exits: reentry must be signal or bar, got ${String(reentry)}`);
  }
  for (const [name, distance] of Object.entries({ stop, takeProfit })) {
    if (!distance) continue;
    if ("fraction" in distance) {
      const most = name === "stop" ? 1 : Infinity;
      if (distance.fraction > 0 && distance.fraction < most) continue;
      throw new RangeError(
        `Cannot set exits: ${name}.fraction must be ${most === 1 ? "within (0, 1)" : "finite and above 0"}, ` +
          `got ${String(distance.fraction)}`,
      );
    }
    const { volatility, window = 20 } = distance;
    if (!(volatility > 0 && volatility < Infinity)) {
      throw new RangeError(
        `Cannot set exits: ${name}.volatility must be finite and above 0, got ${String(volatility)}`,
      );
    }
    if (!Number.isInteger(window) || window < 2) {
      throw new RangeError(
        `Cannot set exits: ${name}.window must be an integer of at least 2, got ${String(window)}`,
      );
    }
  }
  if (stop && takeProfit && "volatility" in stop && "volatility" in takeProfit) {
    const [a, b] = [stop.window ?? 20, takeProfit.window ?? 20];
    if (a !== b) throw new RangeError(`Cannot set exits: stop.window and takeProfit.window must agree, got ${a}, ${b}`);
  }
}

/** A distance as a fraction of the price; NaN where it needs a volatility that is not known. */
export function exitFraction(distance: ExitDistance, volatility: number): number {
  if ("fraction" in distance) return distance.fraction;
  return volatility > 0 ? distance.volatility * volatility : NaN;
}

/**
 * Which level a bar fills. A bar that opens beyond a level fills at its open. Where both levels lie inside the bar the stop
 * is assumed to have come first.
 *
 * @param side 1 for a long, −1 for a short.
 * @param levels Levels in force when the bar opens.
 * @param bar Open, high and low are read.
 * @returns The exit, or undefined when no level is touched.
 */
export function barExit(
  side: 1 | -1,
  levels: ExitLevels,
  bar: Pick<Bar, "open" | "high" | "low">,
): BarExit | undefined {
  const { stop, takeProfit } = levels;
  const { open, high, low } = bar;
  const [worst, best] = side > 0 ? [low, high] : [high, low];
  if (stop !== null && side * (open - stop) <= 0) return { price: open, reason: "stop" };
  if (takeProfit !== null && side * (open - takeProfit) >= 0) return { price: open, reason: "take-profit" };
  if (stop !== null && side * (worst - stop) <= 0) return { price: stop, reason: "stop" };
  if (takeProfit !== null && side * (best - takeProfit) >= 0) return { price: takeProfit, reason: "take-profit" };
  return undefined;
}
