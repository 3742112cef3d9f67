/**
 * Values of a forecaster's target as people read them: volatilities as fractions a bar, volumes as units, returns as fractions.
 * The same on both sides; loads nothing.
 * @module
 */
import type { TargetKind } from "./run_config.ts";

/** What a page calls a target's values, and how it takes them from the forecaster's unit. */
export interface TargetValues {
  /** Such as "Volatility a bar". */
  readonly name: string;
  /** Whether they are fractions, to be shown as per cent. */
  readonly percent: boolean;
  /** From the forecaster's unit. */
  of(value: number): number;
}

const VALUES: Readonly<Record<TargetKind, TargetValues>> = {
  logVolatility: { name: "Volatility a bar", percent: true, of: Math.exp },
  logVolume: { name: "Volume a bar", percent: false, of: Math.exp },
  return: { name: "Return", percent: true, of: (value) => value },
};

/** The words and the way of a target. */
export function targetValues(kind: TargetKind): TargetValues {
  return VALUES[kind];
}
