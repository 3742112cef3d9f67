/**
 * How an account trades, as plain data, and the check that it makes sense. It holds no money.
 * @module
 */
import { type KindKeys, type OptionKeys, requireKindKeys, requireKnownKeys } from "../options.ts";
import { type CostModel, requireCostKeys, requireCosts } from "./cost_model.ts";
import { type ExitRules, requireExitKeys, requireExits } from "./exits.ts";
import { BRAKE_KEYS, type DrawdownBrake, drawdownBrake } from "./sizing.ts";

/** When a position wanted at the close of a bar is filled. */
export type FillRule = "next-open" | "close";

/**
 * When a held position, whose weight drifts with its price, is brought back to a target that has not changed: always, never,
 * or once it is further away than a share of the target. A target that changes is always traded.
 */
export type Rebalance =
  | "always"
  | "never"
  | {
    /** Brought back when |weight − target| exceeds `width` · |target|. */
    readonly kind: "band";
    /** Width of the band as a share of the target, at least 0 (default 0.1). */
    readonly width?: number;
  }
  | {
    /** Brought back at every bar. */
    readonly kind: "always";
  }
  | {
    /** Not brought back before the target changes. */
    readonly kind: "never";
  };

/** How what adds to a position is ordered; what takes away from it goes at market. */
export type EntryRule =
  | {
    /** At the open of the next bar, or at the close decided on, by the fill rule. */
    readonly kind: "market";
  }
  | {
    /** A limit order that rests through the next bar and is withdrawn at its close. */
    readonly kind: "limit";
    /** Distance of the limit from the close decided on, as a fraction of it, within [0, 1): below it for a purchase. */
    readonly offset: number;
    /** How far beyond the limit the bar must trade, as a fraction of the limit, within [0, 1) (default 0: a mere touch is no fill). */
    readonly through?: number;
  };

/** How an account trades. */
export interface AccountRules {
  /** Fill at the next bar's open (default), or at the very close that the decision was taken on. */
  readonly fill?: FillRule;
  /** Market orders (default) or resting limit orders. */
  readonly entry?: EntryRule;
  /** When a position that has drifted is brought back to its target (default a band of 0.1 of the target). */
  readonly rebalance?: Rebalance;
  /** Costs and margin (default none). */
  readonly costs?: CostModel;
  /** Stops and take-profit (default none). */
  readonly exits?: ExitRules | undefined;
  /** Shrinks wanted positions in a drawdown (default never). */
  readonly brake?: DrawdownBrake | undefined;
  /** Largest Σ|position| at any fill, above 0: what is wanted is cut to it, what has drifted past it is brought back (default none). */
  readonly maxGross?: number;
  /** Equity before the first bar, above 0 (default 10,000). */
  readonly initialCapital?: number;
}

/** Names of every rule. */
export const ACCOUNT_RULE_KEYS: OptionKeys<AccountRules> = {
  fill: true,
  entry: true,
  rebalance: true,
  costs: true,
  exits: true,
  brake: true,
  maxGross: true,
  initialCapital: true,
};

const REBALANCE_KEYS: KindKeys<Exclude<Rebalance, string>> = {
  band: { kind: true, width: true },
  always: { kind: true },
  never: { kind: true },
};
const ENTRY_KEYS: KindKeys<EntryRule> = { market: { kind: true }, limit: { kind: true, offset: true, through: true } };

/** Refuses names that no rule has, at every depth. */
export function requireRuleKeys(rules: AccountRules): void {
  const action = "Cannot execute";
  requireKnownKeys(action, "rules", rules, ACCOUNT_RULE_KEYS);
  requireKnownKeys(action, "brake", rules.brake, BRAKE_KEYS);
  if (typeof rules.rebalance !== "string") requireKindKeys(action, "rebalance", rules.rebalance, REBALANCE_KEYS);
  requireKindKeys(action, "entry", rules.entry, ENTRY_KEYS);
  requireCostKeys(rules.costs);
  requireExitKeys(rules.exits);
}

/** Width of the default band, as a share of the target. */
const DEFAULT_BAND = 0.1;

/** A rebalancing rule as a width: 0 is always, infinity never. */
export function bandOf(rebalance: Rebalance = { kind: "band" }): number {
  const kind = typeof rebalance === "string" ? rebalance : rebalance.kind;
  if (kind === "always") return 0;
  if (kind === "never") return Infinity;
  return (rebalance as { readonly width?: number }).width ?? DEFAULT_BAND;
}

function refuse(name: string, wanted: string, got: unknown): never {
  throw new RangeError(`Cannot execute: ${name} must be ${wanted}, got ${String(got)}`);
}

function requireRebalance(rebalance: Rebalance): void {
  const kind = typeof rebalance === "string" ? rebalance : rebalance.kind;
  const isBand = typeof rebalance === "object" && kind === "band";
  if (!isBand && kind !== "always" && kind !== "never") {
    refuse("rebalance", '"always", "never" or { kind: "band", width }', kind);
  }
  const width = bandOf(rebalance);
  if (isBand && !(width >= 0 && width < Infinity)) refuse("rebalance.width", "finite and at least 0", width);
}

function requireEntry(entry: EntryRule, fill: FillRule): void {
  if (entry.kind === "market") return;
  if (entry.kind !== "limit") refuse("entry.kind", "market or limit", (entry as { kind: unknown }).kind);
  const { offset, through = 0 } = entry;
  if (!(offset >= 0 && offset < 1)) refuse("entry.offset", "within [0, 1)", offset);
  if (!(through >= 0 && through < 1)) refuse("entry.through", "within [0, 1)", through);
  if (fill === "close") refuse("fill", "next-open where entry is a limit order, for it rests in the next bar", fill);
}

/**
 * Throws unless rules make sense.
 *
 * @throws {RangeError} A value is out of range; the message names it.
 * @throws {TypeError} A rule has a name that is not known; the message says which is nearest.
 */
export function requireRules(rules: AccountRules): void {
  requireRuleKeys(rules);
  const { fill = "next-open", entry, rebalance, costs = {}, exits = {}, brake, maxGross = 1 } = rules;
  const { initialCapital = 10_000 } = rules;
  if (fill !== "next-open" && fill !== "close") refuse("fill", "next-open or close", fill);
  if (entry) requireEntry(entry, fill);
  if (rebalance !== undefined) requireRebalance(rebalance);
  if (!(maxGross > 0)) refuse("maxGross", "above 0", maxGross);
  if (!(initialCapital > 0 && initialCapital < Infinity)) {
    refuse("initialCapital", "finite and above 0", initialCapital);
  }
  requireCosts(costs);
  requireExits(exits);
  if (brake) drawdownBrake(0, brake);
}
