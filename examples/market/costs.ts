/**
 * What trading costs, off a command line: one option for each part of a cost model. Programs set their own defaults.
 * @module
 */
import type { CostModel } from "@adaptrade/adaptrade";
import { numberOption, UsageError } from "../cli.ts";

/** Options of a cost model, for `parseArgs`; none has a default. */
export const COST_OPTIONS = {
  account: { type: "string" },
  cost: { type: "string" },
  maker: { type: "string" },
  spread: { type: "string" },
  slippage: { type: "string" },
  borrow: { type: "string" },
  funding: { type: "string" },
  margin: { type: "string" },
  "liquidation-fee": { type: "string" },
  "min-order": { type: "string" },
  "max-position": { type: "string" },
} as const;

/** What {@linkcode COST_OPTIONS} do but for `--cost`, whose default is the program's. */
export const COST_HELP =
  `  --maker RATE       fee of limit and take-profit orders (default --cost; a rebate as --maker=-0.0001)
  --spread RATE      bid-ask spread as a fraction of the price
  --slippage SHARE   slippage as a share of the range of the bar that is filled in
  --borrow RATE      interest a year on what is borrowed, units for shorts and cash for leverage
  --funding RATE     what longs pay to shorts every 8 hours (--funding=-0.0001 for the reverse)
  --account KIND     spot, perpetual or cash-only (default: what is given is charged)
  --margin RATE      maintenance margin: everything is closed where the equity falls to this share of what is held
  --liquidation-fee RATE  fee of such a closing beside the taker's
  --min-order UNITS  orders are rounded down to multiples of this many units of the asset
  --max-position P   largest position as a fraction of equity`;

/** What a kind of account knows nothing of. */
const FOREIGN: Readonly<Record<string, readonly (keyof CostValues)[]>> = {
  spot: ["funding"],
  perpetual: ["borrow"],
  "cash-only": ["funding", "borrow", "margin", "liquidation-fee"],
};

/** Options as they were typed; those that were not are undefined. */
export type CostValues = { readonly [name in keyof typeof COST_OPTIONS]?: string };

/**
 * The cost model that options describe.
 *
 * @throws {UsageError} A value is out of range, or says nothing of the kind of account.
 */
export function costModel(values: CostValues): CostModel {
  const read = (name: keyof CostValues, range: { min: number; max?: number }): number | undefined => {
    const text = values[name];
    return text === undefined ? undefined : numberOption(name, text, range);
  };
  const share = { min: 0, max: 0.99 };
  const signed = { min: -0.99, max: 0.99 };
  const rate = read("funding", signed);
  const { account: kind } = values;
  if (kind !== undefined && kind !== "spot" && kind !== "perpetual" && kind !== "cash-only") {
    throw new UsageError(`--account must be spot, perpetual or cash-only, got "${kind}"`);
  }
  const foreign = FOREIGN[kind ?? ""]?.find((name) => values[name] !== undefined);
  if (foreign) throw new UsageError(`--${foreign} says nothing of an account that is ${kind}: leave it out`);
  const model = {
    kind,
    takerFee: read("cost", share),
    makerFee: read("maker", signed),
    spread: read("spread", share),
    rangeSlippage: read("slippage", share),
    borrow: read("borrow", share),
    funding: rate === undefined ? undefined : { rate, hours: 8 },
    maintenanceMargin: read("margin", share),
    liquidationFee: read("liquidation-fee", share),
    minOrder: read("min-order", { min: 0 }),
    maxPosition: read("max-position", { min: 1e-6 }),
  };
  return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined));
}

/** Cost options that were given, under the names that a report prints. */
export function costSettings(values: CostValues): Record<string, string> {
  const names: Record<keyof CostValues, string> = {
    account: "account",
    cost: "cost",
    maker: "maker fee",
    spread: "spread",
    slippage: "slippage, of the bar's range",
    borrow: "borrow a year",
    funding: "funding, each 8 h",
    margin: "maintenance margin",
    "liquidation-fee": "liquidation fee",
    "min-order": "order step",
    "max-position": "largest position",
  };
  return Object.fromEntries(
    Object.entries(names).flatMap(([option, name]) => {
      const value = values[option as keyof CostValues];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
