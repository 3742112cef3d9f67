/**
 * How large a position: pure functions from a forecast, and its uncertainty where there is one, to a fraction of equity.
 * They know no account; which side alone to take is `signal.ts`.
 * @module
 */
import { type SignalMode, type SignalOptions, signalPosition } from "./signal.ts";
import { type KindKeys, type OptionKeys, requireKindKeys, requireKnownKeys } from "../options.ts";

/** What a size may depend on. Everything is known at the decision. */
export interface SizingInput {
  /** Forecast return over the horizon, as a fraction. */
  readonly prediction: number;
  /**
   * Deviation that the forecast is expected to miss by, as a fraction: in backtests and online from the adaptive interval of the errors
   * known by then. Absent where nothing is claimed.
   */
  readonly uncertainty?: number;
  /** Sample deviation of 1-bar returns, as a fraction. */
  readonly volatility: number;
  /** Bars that the forecast looks ahead. */
  readonly horizon: number;
}

/** A rule of size, as plain data. All of them stay flat within the threshold and keep to the mode. */
export type Sizing =
  | {
    /** All or nothing: −1, 0 or 1. */
    readonly kind: "threshold";
  }
  | {
    /** prediction / scale. */
    readonly kind: "proportional";
    /** Forecast return of a full position, as a fraction, above 0. */
    readonly scale: number;
    /** Largest |position|, above 0 (default 1). */
    readonly cap?: number;
  }
  | {
    /** The forecast's side, sized so that a bar's expected deviation is the target. */
    readonly kind: "volatility";
    /** Deviation a bar that is aimed at, as a fraction, above 0. */
    readonly target: number;
    /** Largest |position|, above 0 (default 1). */
    readonly cap?: number;
  }
  | {
    /** A share of Kelly's growth-optimal size. */
    readonly kind: "kelly";
    /** Share of the full Kelly size, within (0, 1] (default 0.25). */
    readonly fraction?: number;
    /** Largest |position|, above 0 (default 1). */
    readonly cap?: number;
  }
  | {
    /** A rule of one's own. */
    readonly kind: "custom";
    /** What messages and saved settings call it. */
    readonly name: string;
    /** Position as a fraction of equity, finite; it is asked where the forecast passes the threshold. */
    readonly size: (input: SizingInput) => number;
  };

/** How {@linkcode positionSize} decides. */
export interface SizingOptions extends SignalOptions {
  /** Rule of size (default all or nothing). */
  readonly sizing?: Sizing;
}

/** Names of the options of {@linkcode positionSize}. */
export const SIZING_KEYS: OptionKeys<SizingOptions> = { threshold: true, mode: true, sizing: true };
const RULE_KEYS: KindKeys<Sizing> = {
  threshold: { kind: true },
  proportional: { kind: true, scale: true, cap: true },
  volatility: { kind: true, target: true, cap: true },
  kelly: { kind: true, fraction: true, cap: true },
  custom: { kind: true, name: true, size: true },
};

function requireAbove0(name: string, value: number, most = Infinity): void {
  if (value > 0 && value <= most && value < Infinity) return;
  const range = most < Infinity ? `within (0, ${most}]` : "finite and above 0";
  throw new RangeError(`Cannot size a position: ${name} must be ${range}, got ${String(value)}`);
}

function capped(size: number, cap: number): number {
  requireAbove0("cap", cap);
  return Math.max(-cap, Math.min(cap, size));
}

/**
 * prediction / scale, held within ± cap.
 *
 * @param prediction Forecast return as a fraction.
 * @param options Forecast of a full position, and the cap (default 1).
 * @returns Position as a fraction of equity.
 * @throws {RangeError} Scale or cap is not above 0.
 *
 * @example
 * ```ts
 * import { proportionalPosition } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(proportionalPosition(-0.01, { scale: 0.04 }), -0.25);
 * ```
 */
export function proportionalPosition(
  prediction: number,
  options: { readonly scale: number; readonly cap?: number },
): number {
  requireKnownKeys("Cannot size a position", "options", options, { scale: true, cap: true });
  requireAbove0("scale", options.scale);
  return capped(prediction / options.scale, options.cap ?? 1);
}

/**
 * sign(prediction) · target / volatility, held within ± cap (Moreira & Muir 2017). Flat where the volatility is 0.
 *
 * @param prediction Forecast return; only its sign is read.
 * @param volatility Deviation a bar, as a fraction.
 * @param options Deviation a bar to aim at, and the cap (default 1).
 * @returns Position as a fraction of equity.
 * @throws {RangeError} Target or cap is not above 0.
 *
 * @example
 * ```ts
 * import { volatilityPosition } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(volatilityPosition(-0.001, 0.02, { target: 0.01 }), -0.5);
 * ```
 */
export function volatilityPosition(
  prediction: number,
  volatility: number,
  options: { readonly target: number; readonly cap?: number },
): number {
  requireKnownKeys("Cannot size a position", "options", options, { target: true, cap: true });
  requireAbove0("target", options.target);
  if (!(volatility > 0)) return 0;
  return capped(Math.sign(prediction) * options.target / volatility, options.cap ?? 1);
}

/**
 * fraction · μ / σ², held within ± cap: the share of wealth that maximises expected log growth, to second order
 * (Kelly 1956; Thorp 2006, eq. 7.3), times a fraction because μ is an estimate. Flat where σ is 0.
 *
 * @param prediction μ, forecast return over the horizon.
 * @param uncertainty σ, deviation of the return about its forecast over the same horizon.
 * @param options Share of the full size (default 0.25) and the cap (default 1).
 * @returns Position as a fraction of equity.
 * @throws {RangeError} The fraction is not within (0, 1], or the cap not above 0.
 *
 * @example
 * ```ts
 * import { kellyPosition } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(kellyPosition(0.125, 0.5), 0.125); // a quarter of 0.125 / 0.25
 * assertEquals(kellyPosition(0.125, 0.125, { fraction: 1 }), 1); // 8, held within the cap
 * ```
 */
export function kellyPosition(
  prediction: number,
  uncertainty: number,
  options: { readonly fraction?: number; readonly cap?: number } = {},
): number {
  requireKnownKeys("Cannot size a position", "options", options, { fraction: true, cap: true });
  const { fraction = 0.25, cap = 1 } = options;
  requireAbove0("fraction", fraction, 1);
  if (!(uncertainty > 0)) return 0;
  return capped(fraction * prediction / (uncertainty * uncertainty), cap);
}

/** A rule's numbers without its name, as the functions of each rule take them. */
function capOf<T extends Sizing>({ kind: _kind, ...numbers }: T): Omit<T, "kind"> {
  return numbers;
}

function customPosition(input: SizingInput, { name, size }: Extract<Sizing, { readonly kind: "custom" }>): number {
  if (typeof size !== "function") {
    throw new TypeError(`Cannot size a position: sizing.size must be a function, got ${typeof size}`);
  }
  const position = size(input);
  if (typeof position === "number" && Number.isFinite(position)) return position;
  throw new RangeError(`Cannot size a position: sizing ${name} must give a finite number, got ${String(position)}`);
}

/** Holds a position to the side that the mode allows. */
function allowed(position: number, mode: SignalMode): number {
  return mode === "long-flat" ? Math.max(0, position) : position;
}

/**
 * The position that a forecast asks for: flat within ± threshold, then sized by the rule, never short when long-flat.
 * Where the forecast claims no uncertainty, Kelly's σ² is volatility² · horizon.
 *
 * @param input Forecast, uncertainty, volatility and horizon.
 * @param options Threshold, mode and rule.
 * @returns Position as a fraction of equity.
 * @throws {RangeError} An option is out of range.
 * @throws {TypeError} The prediction is not a finite number.
 *
 * @example
 * ```ts
 * import { positionSize } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const input = { prediction: 0.004, volatility: 0.02, horizon: 1 };
 * assertEquals(positionSize(input), 1);
 * assertEquals(positionSize(input, { sizing: { kind: "proportional", scale: 0.01 } }), 0.4);
 * assertEquals(positionSize(input, { sizing: { kind: "volatility", target: 0.01 } }), 0.5);
 * assertEquals(positionSize(input, { sizing: { kind: "kelly", fraction: 0.05 } }), 0.5);
 * assertEquals(positionSize(input, { threshold: 0.005, sizing: { kind: "kelly" } }), 0);
 * const half = { kind: "custom", name: "half", size: () => 0.5 } as const;
 * assertEquals(positionSize(input, { sizing: half }), 0.5);
 * ```
 */
export function positionSize(input: SizingInput, options: SizingOptions = {}): number {
  requireKnownKeys("Cannot size a position", "options", options, SIZING_KEYS);
  const { threshold = 0, mode = "long-short", sizing = { kind: "threshold" } } = options;
  requireKindKeys("Cannot size a position", "sizing", sizing, RULE_KEYS);
  const { prediction, volatility, horizon, uncertainty = volatility * Math.sqrt(horizon) } = input;
  const side = signalPosition(prediction, { threshold, mode });
  if (side === 0) return 0;
  switch (sizing.kind) {
    case "threshold":
      return side;
    case "proportional":
      return allowed(proportionalPosition(prediction, capOf(sizing)), mode);
    case "volatility":
      return allowed(volatilityPosition(prediction, volatility, capOf(sizing)), mode);
    case "kelly":
      return allowed(kellyPosition(prediction, uncertainty, capOf(sizing)), mode);
    case "custom":
      return allowed(customPosition({ ...input, uncertainty }, sizing), mode);
    default:
      throw new RangeError(
        `Cannot size a position: sizing.kind must be threshold, proportional, volatility, kelly or custom, ` +
          `got ${String((sizing as { kind: unknown }).kind)}`,
      );
  }
}

/** When to shrink positions in a drawdown. */
export interface DrawdownBrake {
  /** Drawdown at which positions begin to shrink, as a fraction, at least 0. */
  readonly start: number;
  /** Drawdown at which they are 0, above `start` and at most 1. */
  readonly stop: number;
}

/** Names of the numbers of a brake. */
export const BRAKE_KEYS: OptionKeys<DrawdownBrake> = { start: true, stop: true };

/**
 * Share of the wanted position that is left in a drawdown: 1 up to `start`, 0 from `stop`, linear between (after
 * Grossman & Zhou 1993, whose position is proportional to the distance from the floor).
 *
 * @param drawdown Loss since the highest equity, as a fraction within [0, 1].
 * @param brake Where it begins and ends.
 * @returns Factor within [0, 1].
 * @throws {RangeError} The brake does not ascend within [0, 1].
 *
 * @example
 * ```ts
 * import { drawdownBrake } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals([0, 0.25, 0.5].map((drawdown) => drawdownBrake(drawdown, { start: 0, stop: 0.5 })), [1, 0.5, 0]);
 * ```
 */
export function drawdownBrake(drawdown: number, brake: DrawdownBrake): number {
  requireKnownKeys("Cannot brake", "brake", brake, BRAKE_KEYS);
  const { start, stop } = brake;
  if (!(start >= 0 && stop > start && stop <= 1)) {
    throw new RangeError(`Cannot brake: start and stop must ascend within [0, 1], got ${start} and ${stop}`);
  }
  return Math.max(0, Math.min(1, (stop - drawdown) / (stop - start)));
}
