/**
 * The trader's loop: moments in, from wherever they come; each is lived through, logged, and handed on. It cannot tell a replay
 * from a live stream. It trades on paper unless it is given another broker; no order leaves it by itself.
 * @module
 */
import type { Engine } from "../../engine/engine.ts";
import type { Broker } from "./broker.ts";
import type { Moment } from "./moment.ts";
import type { Trader } from "./trader.ts";
import { type TraderStep, traderStep } from "./trader_step.ts";
import { type OptionKeys, requireKnownKeys } from "../../options.ts";

/** Where a trader's life is written down, such as `openTraderStore` gives. */
export interface TraderLog {
  /**
   * Writes steps, and the trader after the last of them, all or nothing.
   *
   * @param steps Steps in order; the first follows what was written last.
   */
  commit(steps: readonly TraderStep[]): void;
}

/** What {@linkcode paperTrade} takes. */
export interface PaperTradeOptions {
  /** The trader to begin with: fresh, or as the log has it. */
  readonly trader: Trader;
  /** Where to write; by default nowhere. */
  readonly log?: TraderLog;
  /** Moments a write, at least 1 (default 1). A kill loses at most so many less one, which then come again. */
  readonly commitEvery?: number;
  /** Who fills what is wanted (default the paper broker, by the trader's rules). */
  readonly broker?: Broker;
}

const PAPER_TRADE_KEYS: OptionKeys<PaperTradeOptions> = { trader: true, log: true, commitEvery: true, broker: true };

/**
 * Trades on paper for as long as the feed lasts. Each step is handed on once it is written. Moments that the trader has acted on
 * already are skipped, so a feed may begin early.
 *
 * @param engine Where to learn.
 * @param feed Moments, oldest first: `bybitFeed`, `replayFeed`, or any other.
 * @param options Trader and log.
 * @returns The steps. Those made but not yet written when it is ended early, or when the feed fails, are written then.
 * @throws {RangeError} `commitEvery` is no positive integer.
 *
 * @example
 * ```ts
 * import {
 *   metaGradient,
 *   mlp,
 *   onlineConfig,
 *   onlineInit,
 *   openEngine,
 *   openTrader,
 *   paperTrade,
 *   replayFeed,
 *   simulateMarket,
 * } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const { candles } = simulateMarket({ bars: 150, symbol: "SIM" });
 * const config = onlineConfig({ meta, history: 130, trainRows: 10, validationRows: 4 });
 * const trader = openTrader(onlineInit(config, [candles]));
 * let last = trader;
 * for await (const step of paperTrade(engine, replayFeed([candles]), { trader })) last = step.trader;
 * assertEquals(last.moments, 150);
 * ```
 */
export async function* paperTrade(
  engine: Engine,
  feed: AsyncIterable<Moment> | Iterable<Moment>,
  options: PaperTradeOptions,
): AsyncGenerator<TraderStep, void, void> {
  requireKnownKeys("Cannot trade", "options", options, PAPER_TRADE_KEYS);
  const { log, commitEvery = 1, broker } = options;
  if (!Number.isInteger(commitEvery) || commitEvery < 1) {
    throw new RangeError(`Cannot trade: expected commitEvery to be a positive integer, received ${commitEvery}`);
  }
  let { trader } = options;
  let steps: TraderStep[] = [];
  const write = (): TraderStep[] => {
    const written = steps;
    steps = [];
    if (written.length > 0) log?.commit(written);
    return written;
  };
  try {
    for await (const moment of feed) {
      if (trader.time !== null && moment.time <= trader.time) continue;
      const step = await traderStep(engine, trader, moment, { ...(broker && { broker }) });
      ({ trader } = step);
      steps.push(step);
      if (steps.length >= commitEvery) yield* write();
    }
    yield* write();
  } finally {
    write();
  }
}
