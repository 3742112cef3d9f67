/**
 * What results of earlier versions lack, filled in so that their page says nothing that is not known. The same on both sides.
 * @module
 */
import type { BacktestView } from "../server/backtest_view.ts";

const LACKING = {
  periodsPerYear: 252,
  falls: [],
  benchmark: null,
  fills: [],
  fillCount: 0,
  findings: [],
  findingCount: 0,
  capital: 0,
  trials: 0,
  target: "return",
} as const;

/** What was done before it could be asked for: a stopped one waited. */
const UNASKED = { reentry: "signal" } as const;

/** A result as kept, of whatever version. */
export function completeView(kept: BacktestView): BacktestView {
  return { ...LACKING, ...kept, request: { ...UNASKED, ...kept.request } };
}
