/**
 * Why something was bought or sold, in words; one list for trades and fills.
 * @module
 */
import type { ExitReason } from "@adaptrade/adaptrade/trading";

/** Each reason, and that of a trade that is still open. */
export const EXIT_WORDS: Readonly<Record<ExitReason | "open", string>> = {
  signal: "signal",
  stop: "stop",
  "take-profit": "take-profit",
  rebalance: "rebalance",
  liquidation: "liquidation",
  hole: "hole in the data",
  open: "still open",
};
