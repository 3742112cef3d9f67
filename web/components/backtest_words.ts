/**
 * What a backtest was asked to test, in words: how much, at what cost, and when it leaves. The same on both sides; draws nothing.
 * @module
 */
import type { BacktestRequest } from "../server/backtest_request.ts";
import type { TargetKind } from "../server/run_config.ts";
import { REENTRY } from "./form_fields.ts";
import { exactPercent, marketName } from "./format.ts";

/** What was asked for, by name; a forecast of volatility takes no side, it holds the market at a risk. */
export function requestWords(
  request: BacktestRequest,
  target: TargetKind,
): (readonly [name: string, words: string])[] {
  const { mode, every, threshold, fee, spread, slippage, stop, takeProfit, risk } = request;
  const leaves = stop !== "none" || takeProfit > 0;
  const [ofTwo, ofOne] = REENTRY[request.reentry];
  const positions: (readonly [string, string])[] = target === "return"
    ? [
      ["Positions", mode === "long-short" ? "long and short" : "long or flat"],
      ["Size", sizeWords(request)],
      ["Stays flat within a forecast of", `±${exactPercent(threshold)}`],
    ]
    : [["Held at", `a volatility of ${exactPercent(risk)} a year, by the forecast of it`]];
  return [
    ["Market", marketName(request.market)],
    ...positions,
    ["Decides", every === 1 ? "at every bar" : `every ${every} bars`],
    ["Stop", stopWords(request)],
    ["Take-profit", takeProfit > 0 ? `at a gain of ${exactPercent(takeProfit)}` : "none"],
    ...(leaves ? [["After such an exit", (target === "return" ? ofTwo : ofOne).toLowerCase()] as const] : []),
    [
      "Costs of an order",
      `fee ${exactPercent(fee)}, half of a spread of ${exactPercent(spread)}, slippage ${exactPercent(slippage)}`,
    ],
  ];
}

function sizeWords({ sizing, sizingScale }: BacktestRequest): string {
  if (sizing === "proportional") return `in proportion to the forecast, full at ${exactPercent(sizingScale)}`;
  if (sizing === "volatility") return `towards a deviation of ${exactPercent(sizingScale)} a bar`;
  return sizing === "kelly" ? `${exactPercent(sizingScale)} of Kelly` : "all or nothing";
}

function stopWords({ stop, stopDistance }: BacktestRequest): string {
  if (stop === "none") return "none";
  if (stop === "volatility") return `${stopDistance} times the volatility a bar from the entry`;
  return `${exactPercent(stopDistance)} from the ${stop === "trailing" ? "best price since" : "entry"}`;
}
