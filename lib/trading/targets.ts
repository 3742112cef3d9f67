/**
 * From targets to units: what an account will go for, when it is brought back to a target it has drifted from, and what of it
 * fits the limits. It buys nothing.
 * @module
 */
import { type AccountRules, bandOf } from "./account_rules.ts";
import type { BarOrder } from "./account_state.ts";
import type { Item, Ledger, LedgerHolding } from "./ledger_state.ts";
import { drawdownBrake } from "./sizing.ts";

/** Gross exposure past its limit by less than this share of it is a rounding error. */
const TOLERANCE = 1e-12;

/** What the account will go for: nothing once ruined or while an exit bars the side, less in a drawdown, never past the limit. */
export function targetOf(ledger: Ledger, holding: LedgerHolding, order: BarOrder, rules: AccountRules): number | null {
  if (ledger.ruined !== null) return 0;
  if (order.target === null || order.lived === false || order.relisted) return null;
  if (holding.barred !== 0) {
    if (Math.sign(order.target) === holding.barred) return 0;
    holding.barred = 0;
  }
  const { brake, maxGross = Infinity, costs: { maxPosition = Infinity, kind } = {} } = rules;
  const share = brake ? drawdownBrake(1 - ledger.equity / ledger.peak, brake) : 1;
  const most = Math.min(maxPosition, maxGross);
  const target = Math.max(-most, Math.min(most, order.target)) * share;
  return kind === "cash-only" ? Math.max(0, target) : target;
}

/** Units to go for before any limit. */
function unitsFor({ holding, target }: Item, equity: number, rules: AccountRules): number {
  const { units, close: price } = holding;
  if (target === null) return units;
  if (target !== 0 && units !== 0 && target === holding.target) {
    const drift = Math.abs(units * price / equity - target);
    if (!(drift > bandOf(rules.rebalance) * Math.abs(target))) return units;
  }
  return wholeSteps(target * equity / price, units, rules.costs?.minOrder ?? 0);
}

/** Units that whole order steps reach, rounded towards those held (towards nothing when they change sides); closing is always possible. */
function wholeSteps(wanted: number, held: number, step: number): number {
  if (step === 0 || wanted === 0) return wanted;
  const from = Math.sign(wanted) === Math.sign(held) ? held : 0;
  const steps = (wanted - from) / step;
  return from + Math.trunc(steps + Math.sign(steps) * 1e-9) * step;
}

/** Units in whole order steps, rounded towards nothing. */
export function wholeUnits(units: number, { costs: { minOrder: step = 0 } = {} }: AccountRules): number {
  return step === 0 ? units : Math.trunc(units / step + Math.sign(units) * 1e-9) * step;
}

/** Units after a cut, in whole steps that never leave more than asked for. */
function cut(units: number, share: number, { held, step }: { readonly held: number; readonly step: number }): number {
  const wanted = units * share;
  if (step === 0 || wanted === 0) return wanted;
  if (Math.sign(wanted) !== Math.sign(held)) return Math.trunc(wanted / step + Math.sign(wanted) * 1e-9) * step;
  const steps = Math.floor((Math.abs(wanted) - Math.abs(held)) / step + 1e-9);
  return Math.sign(wanted) * Math.max(0, Math.abs(held) + steps * step);
}

/**
 * Units to go for in each market at the prices they stand at: targets as fractions of the equity before any of it is charged, scaled
 * down together where Σ|position| would pass `maxGross`, what is held in other markets keeping its room.
 *
 * @returns Units, `[items]`.
 */
export function wantedUnits(
  ledger: Ledger,
  items: readonly Item[],
  { equity, rules }: { readonly equity: number; readonly rules: AccountRules },
): number[] {
  const wanted = items.map((item) => unitsFor(item, equity, rules));
  const { maxGross, costs: { minOrder: step = 0 } = {} } = rules;
  if (maxGross === undefined) return wanted;
  const own = (of: LedgerHolding): boolean => items.some(({ holding }) => holding === of);
  let fixed = 0;
  for (const other of ledger.list) {
    if (!own(other)) fixed += Math.abs(other.units) * other.close;
  }
  const moving = wanted.reduce((sum, units, i) => sum + Math.abs(units) * items[i].holding.close, 0);
  const room = Math.max(0, maxGross * equity - fixed);
  if (moving <= room * (1 + TOLERANCE) || moving === 0) return wanted;
  return wanted.map((units, i) => cut(units, room / moving, { held: items[i].holding.units, step }));
}

/** A purchase that cash must pay for. */
export interface Purchase {
  /** Units, above 0. */
  readonly units: number;
  readonly price: number;
  /** What it costs, per unit of value. */
  readonly rate: number;
}

/**
 * Share of the purchases that the cash at hand pays for, costs included. Cash is borrowed for leverage alone: where all longs
 * together are to be worth no more than the equity, what buying them costs comes out of what is bought.
 *
 * @param longs What longs are to be worth, these purchases among them.
 */
export function affordable(
  ledger: Ledger,
  purchases: readonly Purchase[],
  { rules, longs, equity }: { readonly rules: AccountRules; readonly longs: number; readonly equity: number },
): number {
  if (rules.costs?.kind !== "cash-only" && longs > equity * (1 + 1e-9)) return 1;
  const price = purchases.reduce((sum, one) => sum + one.units * one.price * (1 + one.rate), 0);
  return price > ledger.cash ? Math.max(0, ledger.cash) / price : 1;
}
