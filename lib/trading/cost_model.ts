/**
 * What trading costs and what may be borrowed for it: fees, spread, slippage, funding, borrow, margin, as one value. Every place
 * that counts money reads it from here. It moves no money itself; see `ledger.ts`. Bybit's terms are meant where terms differ
 * between exchanges.
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

/** What trading and holding cost. Everything is a fraction and 0 where it is left out, but for what `kind` says. */
export interface CostModel {
  /**
   * What the account may do, and what it pays for: `spot` borrows units for shorts and cash for leverage and pays `borrow` on
   * both; `perpetual` borrows nothing, pays funding and is liquidated at a `maintenanceMargin` of 0.005 where none is given;
   * `cash-only` neither sells short nor borrows: what it cannot pay for is cut. Left out, what is given is charged.
   */
  readonly kind?: "spot" | "perpetual" | "cash-only";
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
  /**
   * Slippage of one's own beside these, as a function: a share of the value traded, within [0, 1), for takers and makers. Of a
   * smaller fill it must not ask a larger share: what the cash buys is reckoned at the share of the whole order.
   */
  readonly impact?: (fill: CostedFill) => number;
  /** Funding of a perpetual: what longs pay to shorts. */
  readonly funding?: ConstantFunding | FundingSeries;
  /** Interest a year of 365 days on what is borrowed: the value of shorts, and of longs what exceeds the equity. */
  readonly borrow?: number;
  /** Everything is closed where the equity, at the worst prices of a bar, falls to this share of Σ|value|, within [0, 1). */
  readonly maintenanceMargin?: number;
  /** Fee of a liquidation beside the taker's, per unit closed. */
  readonly liquidationFee?: number;
  /** Smallest order step, in units of the asset; orders are rounded towards nothing, closing is always possible. */
  readonly minOrder?: number;
  /** Largest |position| as a fraction of equity, above 0 (default none). */
  readonly maxPosition?: number;
}

/** A fill that a cost is asked for. */
export interface CostedFill {
  /** Market name. */
  readonly market: string;
  /** Time of the fill, ms UTC. */
  readonly time: number;
  /** Its price. */
  readonly price: number;
  /** Units bought; sold below 0. */
  readonly quantity: number;
  /** Equity before it, in account currency. */
  readonly equity: number;
  /** (high − low) / price of the bar that it fills in; 0 for a maker. */
  readonly range: number;
  /** Whether a resting limit order is filled. */
  readonly maker: boolean;
}

const COST_KEYS: OptionKeys<CostModel> = {
  kind: true,
  takerFee: true,
  makerFee: true,
  spread: true,
  slippage: true,
  rangeSlippage: true,
  impact: true,
  funding: true,
  borrow: true,
  maintenanceMargin: true,
  liquidationFee: true,
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
  /** Interest on what is borrowed: shorts' units, and cash for leverage. */
  readonly borrow: number;
}

/** No costs. */
export const NO_COSTS: CostBreakdown = Object.freeze({ fees: 0, spread: 0, slippage: 0, funding: 0, borrow: 0 });

const HOUR_MS = 3_600_000;
const FRACTIONS = [
  "takerFee",
  "spread",
  "slippage",
  "rangeSlippage",
  "borrow",
  "maintenanceMargin",
  "liquidationFee",
] as const;

/** Maintenance margin of a perpetual that names none: the first tier of the large contracts at Bybit. */
const PERPETUAL_MARGIN = 0.005;

/** What a kind of account knows nothing of. */
const FOREIGN: Readonly<Record<NonNullable<CostModel["kind"]>, readonly (keyof CostModel)[]>> = {
  spot: ["funding"],
  perpetual: ["borrow"],
  "cash-only": ["funding", "borrow", "maintenanceMargin", "liquidationFee"],
};

/**
 * Sum of a breakdown, in account currency.
 *
 * @example
 * ```ts
 * import { NO_COSTS, totalCosts } from "@adaptrade/adaptrade/trading";
 * import { assertEquals } from "@std/assert";
 *
 * assertEquals(totalCosts({ ...NO_COSTS, fees: 2, funding: -0.5 }), 1.5);
 * ```
 */
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
  const { kind } = model;
  if (kind !== undefined) {
    if (!Object.hasOwn(FOREIGN, kind)) refuse("kind", "spot, perpetual or cash-only", kind);
    const foreign = FOREIGN[kind].find((name) => model[name] !== undefined && model[name] !== 0);
    if (foreign) refuse(foreign, `left out where kind is ${kind}`, foreign === "funding" ? "a rate" : model[foreign]);
  }
  for (const name of FRACTIONS) {
    const value = model[name] ?? 0;
    if (!(value >= 0 && value < 1)) refuse(name, "within [0, 1)", value);
  }
  const { makerFee = 0, minOrder = 0, maxPosition = 1, funding, impact } = model;
  if (impact !== undefined && typeof impact !== "function") {
    throw new TypeError(`Cannot charge costs: impact must be a function, got ${typeof impact}`);
  }
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
  /** Slippage; for a maker what is asked for by a function alone. */
  readonly slippage: number;
}

/** What a cost of one's own asks for a fill. */
function impactOf(impact: NonNullable<CostModel["impact"]>, fill: CostedFill): number {
  const rate = impact(fill);
  if (rate >= 0 && rate < 1) return rate;
  throw new RangeError(
    `Cannot charge costs: impact must give a share within [0, 1), got ${String(rate)} for ${fill.quantity} units of ` +
      `${fill.market} at ${fill.price}`,
  );
}

/**
 * Rates of one fill: fee + spread/2 + slippage + share · (high − low) / price for a taker, the fee alone for a maker; for both
 * what `impact` asks.
 *
 * @param model Costs.
 * @param fill The fill.
 */
export function fillRates(model: CostModel, fill: CostedFill): FillRates {
  const { takerFee = 0, makerFee = takerFee, spread = 0, slippage = 0, rangeSlippage = 0, impact } = model;
  const own = impact ? impactOf(impact, fill) : 0;
  if (fill.maker) return { fees: makerFee, spread: 0, slippage: own };
  return { fees: takerFee, spread: spread / 2, slippage: slippage + rangeSlippage * fill.range + own };
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

/** Share of Σ|value| that the equity must stay above. */
export function maintenanceOf(
  { kind, maintenanceMargin = kind === "perpetual" ? PERPETUAL_MARGIN : 0 }: CostModel,
): number {
  return maintenanceMargin;
}

/** What borrowing costs over `ms`, per unit of value borrowed. */
export function borrowDue(model: CostModel, ms: number): number {
  return (model.borrow ?? 0) * Math.max(0, ms) / (365 * DAY_MS);
}
