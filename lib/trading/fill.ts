/**
 * One purchase or sale in units and cash. Everything that says what was traded, how often and at what cost is a sum over
 * fills; the fill itself says nothing of the trade it belongs to, see `trade.ts`.
 * @module
 */

/**
 * Why something was bought or sold: a new target, an old one that the position had drifted from (or a limit that it had
 * outgrown), a level inside the bar, too little margin, or a hole behind which another instrument may trade.
 */
export type ExitReason = "signal" | "rebalance" | "stop" | "take-profit" | "liquidation" | "hole";

/** One purchase or sale. Over all fills of an account Σ (−quantity · price − fee) is what its cash changed by, but for what it paid to hold. */
export interface Fill {
  /** The market. */
  readonly market: string;
  /** Open time of the bar it was filled in, ms UTC. */
  readonly time: number;
  /** Price, before spread and slippage, which are in `fee`. */
  readonly price: number;
  /** Units bought; sold below 0. */
  readonly quantity: number;
  /** Position before, as a fraction of the equity at the fill. */
  readonly from: number;
  /** Position after, as a fraction of the equity at the fill, before it was charged. */
  readonly to: number;
  /** Exchange fee, spread and slippage, in account currency. */
  readonly fee: number;
  /** What caused it. */
  readonly reason: ExitReason;
}
