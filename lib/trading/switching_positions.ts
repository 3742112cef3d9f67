/**
 * Positions of whoever was chosen for the regime known at each decision. It chooses nothing; see `select_by_regime.ts`.
 * @module
 */
import { type Regime, regimeAt, type RegimeSeries } from "../features/regimes.ts";
import type { RegimeChoice } from "./select_by_regime.ts";

/** What {@linkcode switchingPositions} takes. */
export interface SwitchingInput<R extends string = Regime> {
  /** Position wanted by each candidate at each decision, by name, `[decisions]` each. */
  readonly positions: Readonly<Record<string, Float64Array>>;
  /** Open time of the bar at whose close each decision is taken, ms UTC, ascending, `[decisions]`. */
  readonly decisionTime: Float64Array;
  /** Regimes of the market traded. */
  readonly labels: RegimeSeries<R>;
}

/** Positions of whoever trades. */
export interface Switching<R extends string = Regime> {
  /** Position wanted at each decision, `[decisions]`. */
  readonly positions: Float64Array;
  /** Who trades at each decision, `[decisions]`. */
  readonly traders: readonly string[];
  /** Regime known at each decision; null where none was, `[decisions]`. */
  readonly regimes: readonly (R | null)[];
}

/**
 * Applies a choice walking forward: at each decision the position is that of the candidate chosen for the regime known by
 * then. Later bars cannot change an earlier position.
 *
 * @param choice From {@linkcode selectByRegime}.
 * @param input Positions of each candidate, decision times, regimes of the market.
 * @throws {RangeError} A chosen candidate has no positions.
 * @throws {TypeError} Positions are not as many as the decisions.
 *
 * @example
 * ```ts
 * import { selectByRegime, switchingPositions } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * const time = Float64Array.from({ length: 5 }, (_, i) => i);
 * const labels = { market: "X", time, regime: ["calm", "calm", "wild", "wild", "calm"] as const };
 * const run = (...returns: number[]) => [{ market: "X", decisionTime: time, netReturns: Float64Array.from(returns) }];
 * const bold = { name: "bold", runs: run(0.01, 0.02, -0.03, -0.01) };
 * const flat = { name: "flat", runs: run(0, 0, 0, 0) };
 * const choice = selectByRegime<"calm" | "wild">([bold, flat], [labels], { testFrom: 5, minBars: 2 });
 * const positions = { bold: Float64Array.of(1, 1, 1, 1, 1), flat: new Float64Array(5) };
 * assertEquals([...switchingPositions(choice, { positions, decisionTime: time, labels }).positions], [1, 1, 0, 0, 1]);
 * ```
 */
export function switchingPositions<R extends string = Regime>(
  choice: RegimeChoice<R>,
  input: SwitchingInput<R>,
): Switching<R> {
  const { positions, decisionTime, labels } = input;
  for (const name of new Set([...Object.values<string>(choice.choices), choice.fallback])) {
    if (!Object.hasOwn(positions, name)) {
      throw new RangeError(
        `Cannot switch positions: ${name} was chosen, there are ${Object.keys(positions).join(", ")}`,
      );
    }
    if (positions[name].length !== decisionTime.length) {
      throw new TypeError(
        `Cannot switch positions: expected ${decisionTime.length} positions of ${name}, received ${
          positions[name].length
        }`,
      );
    }
  }
  const regimes = Array.from(decisionTime, (time) => regimeAt(labels, time));
  // A regime that validation has not seen is the fallback's.
  const traders = regimes.map((regime) =>
    regime === null ? choice.fallback : Object.hasOwn(choice.choices, regime) ? choice.choices[regime] : choice.fallback
  );
  return { positions: Float64Array.from(traders, (name, i) => positions[name][i]), traders, regimes };
}
