/**
 * What trading costs, off a command line: one option for each part of a cost model. Programs set their own defaults.
 * @module
 */
import type { CostModel } from "@adaptrade/adaptrade";
import { numberOption } from "../cli.ts";

/** Options of a cost model, for `parseArgs`; none has a default. */
export const COST_OPTIONS = {
  cost: { type: "string" },
  maker: { type: "string" },
  spread: { type: "string" },
  slippage: { type: "string" },
  borrow: { type: "string" },
  funding: { type: "string" },
  "min-order": { type: "string" },
  "max-position": { type: "string" },
} as const;

/** What {@linkcode COST_OPTIONS} do but for `--cost`, whose default is the program's. */
export const COST_HELP = `  --maker RATE       fee of take-profit orders (default --cost; a rebate as --maker=-0.0001)
  --spread RATE      bid-ask spread as a fraction of the price
  --slippage SHARE   slippage as a share of the range of the bar that is filled in
  --borrow RATE      interest on shorts a year
  --funding RATE     what longs pay to shorts every 8 hours (--funding=-0.0001 for the reverse)
  --min-order UNITS  orders are rounded down to multiples of this many units of the asset
  --max-position P   largest position as a fraction of equity`;

/** Options as they were typed; those that were not are undefined. */
export type CostValues = { readonly [name in keyof typeof COST_OPTIONS]?: string };

/**
 * The cost model that options describe.
 *
 * @throws {UsageError} A value is out of range.
 */
export function costModel(values: CostValues): CostModel {
  const read = (name: keyof CostValues, range: { min: number; max?: number }): number | undefined => {
    const text = values[name];
    return text === undefined ? undefined : numberOption(name, text, range);
  };
  const share = { min: 0, max: 0.99 };
  const signed = { min: -0.99, max: 0.99 };
  const rate = read("funding", signed);
  const model = {
    takerFee: read("cost", share),
    makerFee: read("maker", signed),
    spread: read("spread", share),
    rangeSlippage: read("slippage", share),
    borrow: read("borrow", share),
    funding: rate === undefined ? undefined : { rate, hours: 8 },
    minOrder: read("min-order", { min: 0 }),
    maxPosition: read("max-position", { min: 1e-6 }),
  };
  return Object.fromEntries(Object.entries(model).filter(([, value]) => value !== undefined));
}

/** Cost options that were given, under the names that a report prints. */
export function costSettings(values: CostValues): Record<string, string> {
  const names: Record<keyof CostValues, string> = {
    cost: "cost",
    maker: "maker fee",
    spread: "spread",
    slippage: "slippage, of the bar's range",
    borrow: "borrow a year",
    funding: "funding, each 8 h",
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
