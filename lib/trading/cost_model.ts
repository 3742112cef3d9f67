/**
 * What trading costs: fees, spread, slippage, funding, borrow, as one value. Every place that counts money reads it from here.
 * It moves no money itself; see `account.ts`. Bybit's terms are meant where terms differ between exchanges.
 * @module
 */
import { DAY_MS } from "../data/calendar.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";

/** A perpetual's funding at a constant rate, due at every multiple of `hours` since 1970 UTC. */
export interface ConstantFunding {
  /** Paid by longs to shorts each time, as a fraction of the position's value; may be negative. */
  readonly rate: number;
  /** Hours between payments, above 0 (default 8: 00:00, 08:00, 16:00 UTC). */
  readonly hours?: number;
}

/** A perpetual's funding as it was, joined by time. */
export interface FundingSeries {
  /** When each payment was due, ms UTC, ascending, `[payments]`. */
  readonly time: Float64Array;
  /** Paid by longs to shorts, as a fraction of the position's value, `[payments]`. */
  readonly rates: Float64Array;
}

/** What trading and holding cost. Everything is a fraction and 0 where it is left out. */
export interface CostModel {
  /** Fee of market orders and stops, per unit traded. */
  readonly takerFee?: number;
  /** Fee of take-profit limit orders, per unit traded; negative for a rebate (default the taker's). */
  readonly makerFee?: number;
  /** Whole bid-ask spread as a fraction of the price; a taker pays half of it. */
  readonly spread?: number;
  /** Fixed slippage of a taker, as a fraction of the price. */
  readonly slippage?: number;
  /** Slippage of a taker as a share of the range (high − low) / price of the bar that it fills in. */
  readonly rangeSlippage?: number;
  /** Funding of a perpetual: what longs pay to shorts. */
  readonly funding?: ConstantFunding | FundingSeries;
  /** What borrowing costs a short, as a fraction of its value a year of 365 days. */
  readonly borrow?: number;
  /** Smallest order step, in units of the asset; orders are rounded towards nothing, closing is always possible. */
  readonly minOrder?: number;
  /** Largest |position| as a fraction of equity, above 0 (default none). */
  readonly maxPosition?: number;
}

const COST_KEYS: OptionKeys<CostModel> = {
  takerFee: true,
  makerFee: true,
  spread: true,
  slippage: true,
  rangeSlippage: true,
  funding: true,
  borrow: true,
  minOrder: true,
  maxPosition: true,
};
const CONSTANT_FUNDING_KEYS: OptionKeys<ConstantFunding> = { rate: true, hours: true };
const FUNDING_SERIES_KEYS: OptionKeys<FundingSeries> = { time: true, rates: true };

/** Throws a `TypeError` on a cost that is not known by name: it would be charged as 0. */
export function requireCostKeys(model: CostModel | undefined): void {
  requireKnownKeys("Cannot charge costs", "costs", model, COST_KEYS);
  const funding = model?.funding;
  if (funding && "rates" in funding) requireKnownKeys("Cannot charge costs", "funding", funding, FUNDING_SERIES_KEYS);
  else requireKnownKeys("Cannot charge costs", "funding", funding, CONSTANT_FUNDING_KEYS);
}

/** Costs by kind, in account currency; funding and maker fees may be negative, an income. */
export interface CostBreakdown {
  /** Exchange fees. */
  readonly fees: number;
  /** Half the spread at each taker's fill. */
  readonly spread: number;
  /** Fixed and range-proportional slippage. */
  readonly slippage: number;
  /** Funding paid less received. */
  readonly funding: number;
  /** Interest on shorts. */
  readonly borrow: number;
}

/** No costs. */
export const NO_COSTS: CostBreakdown = Object.freeze({ fees: 0, spread: 0, slippage: 0, funding: 0, borrow: 0 });

const HOUR_MS = 3_600_000;
const FRACTIONS = ["takerFee", "spread", "slippage", "rangeSlippage", "borrow"] as const;

/** Sum of a breakdown, in account currency. */
export function totalCosts({ fees, spread, slippage, funding, borrow }: CostBreakdown): number {
  return fees + spread + slippage + funding + borrow;
}

/**
 * Throws unless a cost model makes sense.
 *
 * @throws {RangeError} A value is out of range; the message names it.
 * @throws {TypeError} A funding series' lengths differ.
 */
export function requireCosts(model: CostModel): void {
  const refuse = (name: string, wanted: string, got: unknown): never => {
    throw new RangeError(`Cannot charge costs: ${name} must be ${wanted}, got ${String(got)}`);
  };
  for (const name of FRACTIONS) {
    const value = model[name] ?? 0;
    if (!(value >= 0 && value < 1)) refuse(name, "within [0, 1)", value);
  }
  const { makerFee = 0, minOrder = 0, maxPosition = 1, funding } = model;
  if (!(Math.abs(makerFee) < 1)) refuse("makerFee", "within (-1, 1)", makerFee);
  if (!(minOrder >= 0 && minOrder < Infinity)) refuse("minOrder", "finite and at least 0", minOrder);
  if (!(maxPosition > 0)) refuse("maxPosition", "above 0", maxPosition);
  if (!funding) return;
  if ("rate" in funding) {
    const { rate, hours = 8 } = funding;
    if (!(Math.abs(rate) < 1)) refuse("funding.rate", "within (-1, 1)", rate);
    if (!(hours > 0 && hours < Infinity)) refuse("funding.hours", "finite and above 0", hours);
    return;
  }
  const { time, rates } = funding;
  if (time.length !== rates.length) {
    throw new TypeError(`Cannot charge costs: expected ${time.length} funding.rates, received ${rates.length}`);
  }
  const bad = rates.findIndex((rate, i) => !Number.isFinite(rate) || (i > 0 && !(time[i] > time[i - 1])));
  if (bad >= 0) refuse("funding", "finite rates at ascending times", `${rates[bad]} at time[${bad}] = ${time[bad]}`);
}

/** What one fill costs per unit traded. */
export interface FillRates {
  /** Exchange fee. */
  readonly fees: number;
  /** Half the spread; 0 for a maker. */
  readonly spread: number;
  /** Slippage; 0 for a maker. */
  readonly slippage: number;
}

/**
 * Rates of one fill: fee + spread/2 + slippage + share · (high − low) / price for a taker, the fee alone for a maker.
 *
 * @param model Costs.
 * @param isMaker Whether a resting limit order was filled.
 * @param range (high − low) / price of the bar it is filled in.
 */
export function fillRates(model: CostModel, isMaker: boolean, range: number): FillRates {
  const { takerFee = 0, makerFee = takerFee, spread = 0, slippage = 0, rangeSlippage = 0 } = model;
  if (isMaker) return { fees: makerFee, spread: 0, slippage: 0 };
  return { fees: takerFee, spread: spread / 2, slippage: slippage + rangeSlippage * range };
}

/** Index of the first time at or after `at`. */
function firstFrom(time: Float64Array, at: number): number {
  let [low, high] = [0, time.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sum of the funding rates due within [from, to), ms UTC: what a long pays per unit of its value. */
export function fundingDue(model: CostModel, from: number, to: number): number {
  const { funding } = model;
  if (!funding || !(to > from)) return 0;
  if ("rate" in funding) {
    const step = (funding.hours ?? 8) * HOUR_MS;
    return funding.rate * Math.max(0, Math.ceil(to / step) - Math.ceil(from / step));
  }
  let sum = 0;
  for (let i = firstFrom(funding.time, from); i < funding.time.length && funding.time[i] < to; i++) {
    sum += funding.rates[i];
  }
  return sum;
}

/** What borrowing costs a short over `ms`, per unit of its value. */
export function borrowDue(model: CostModel, ms: number): number {
  return (model.borrow ?? 0) * Math.max(0, ms) / (365 * DAY_MS);
}
