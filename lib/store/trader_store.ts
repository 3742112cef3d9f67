/**
 * A paper trader's life in a SQLite file: bars, forecasts, positions, fills, what was learned, and the trader itself, so that it
 * goes on after a kill where the last commit left it. It is written in whole moments: all of one, or nothing.
 * @module
 */
import { DataError } from "../data/candles.ts";
import type { TraderLog } from "../online/live/paper_trader.ts";
import type { Trader } from "../online/live/trader.ts";
import { decodeTrader, encodeTrader } from "../online/live/trader_snapshot.ts";
import type { TraderRecord, TraderStep } from "../online/live/trader_step.ts";
import { type Database, openDatabase } from "./database.ts";
import { TRADER_MIGRATIONS } from "./trader_schema.ts";
import { shareTraderFile } from "./trader_lock.ts";

/** An open trader's file. */
export interface TraderStore extends TraderLog, Disposable {
  /** The database, for readers. */
  readonly database: Database;
  /** Open time of the last moment written, ms UTC; null before the first. */
  readonly time: number | null;
  /**
   * The trader as it was last written, or `fresh` itself where nothing was.
   *
   * @param fresh The trader as it was opened at first: same markets, learner's layout and settings.
   * @throws {DataError} The file is of a trader with other settings, or was damaged.
   */
  load(fresh: Trader): Trader;
  /**
   * Writes steps and the trader after the last, all or nothing.
   *
   * @throws {DataError} The first step does not follow what the file holds: another process writes to it.
   */
  commit(steps: readonly TraderStep[]): void;
  /** When the trader was away since it began to trade, oldest first. */
  away(): AwayPeriod[];
  /** Closes the file. */
  close(): void;
}

/** A stretch in which a trader was away: it traded nothing, and learned from the bars later. */
export interface AwayPeriod {
  /** Open time of the first bar it missed, ms UTC. */
  readonly from: number;
  /** Open time of the last, ms UTC. */
  readonly to: number;
  /** Moments missed. */
  readonly bars: number;
}

/**
 * Opens a trader's file, or makes it. An empty file `PATH-lock` beside it tells that it is in use.
 *
 * @param path The file, or `":memory:"`.
 * @throws {DataError} The file cannot be opened, is none of a trader, or was written by a newer version.
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
 *   openTraderStore,
 *   paperTrade,
 *   replayFeed,
 *   sampleMarkets,
 * } from "@adaptrade/adaptrade";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu", threads: 1 });
 * const markets = await sampleMarkets({ symbols: ["DAX"] });
 * const meta = metaGradient({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 2, lr: 0.05 } });
 * const online = onlineInit(onlineConfig({ meta }), markets);
 * const folder = await Deno.makeTempDir();
 * using store = await openTraderStore(`${folder}/trader.sqlite`);
 * for await (const { record } of paperTrade(engine, replayFeed(markets), { trader: openTrader(online), log: store })) {
 *   assertEquals(store.time, record.time); // the bar is on the disk before anybody hears of it
 *   if (record.time > markets[0].time[300]) break;
 * }
 * ```
 */
export async function openTraderStore(path: string): Promise<TraderStore> {
  const { createHash } = await import("node:crypto");
  const hashOf = (row: { readonly time: number; readonly moments: number; readonly snapshot: string }): string =>
    createHash("sha256").update(`${row.time} ${row.moments} ${row.snapshot}`).digest("hex");
  const share = path === ":memory:" ? undefined : await shareTraderFile(path);
  let database: Database;
  try {
    database = await openDatabase(path, TRADER_MIGRATIONS);
  } catch (error) {
    share?.[Symbol.dispose]();
    throw error;
  }
  const close = (): void => {
    database.close();
    share?.[Symbol.dispose]();
  };
  const lastTime = (): number | null => {
    const time = database.prepare("SELECT time FROM trader").get()?.time;
    return time === undefined ? null : Number(time);
  };
  return {
    database,
    get time(): number | null {
      return lastTime();
    },
    load(fresh: Trader): Trader {
      const row = database.prepare("SELECT time, moments, snapshot, hash FROM trader").get();
      if (row === undefined) return fresh;
      const snapshot = String(row.snapshot);
      if (
        row.hash !== null && row.hash !== hashOf({ time: Number(row.time), moments: Number(row.moments), snapshot })
      ) {
        throw new DataError(
          `Cannot read the trader of ${path}: its checksum does not match: the file was damaged; go back to a copy, or begin anew`,
        );
      }
      return decodeTrader(fresh, snapshot);
    },
    commit(steps: readonly TraderStep[]): void {
      if (steps.length === 0) return;
      const { trader } = steps[steps.length - 1];
      const snapshot = encodeTrader(trader);
      database.transaction(() => {
        requireNext(database, steps);
        for (const { record } of steps) writeRecord(database, record);
        const { time, moments } = trader;
        const hash = hashOf({ time: time!, moments, snapshot });
        database.prepare(
          "INSERT OR REPLACE INTO trader (id, time, moments, snapshot, hash) VALUES (1, ?, ?, ?, ?)",
        ).run(time, moments, snapshot, hash);
      });
    },
    away: () => awayPeriods(database),
    close,
    [Symbol.dispose]: close,
  };
}

/**
 * Stretches of missed bars behind the first that was lived.
 *
 * @param database A trader's file, opened for reading or writing.
 * @returns Oldest first.
 *
 * @example
 * ```ts
 * import { awayPeriods, openDatabase, TRADER_MIGRATIONS } from "@adaptrade/adaptrade/store";
 * import { assertEquals } from "@std/assert";
 *
 * using database = await openDatabase(":memory:", TRADER_MIGRATIONS);
 * assertEquals(awayPeriods(database), []); // a trader that has not lived was never away
 * ```
 */
export function awayPeriods(database: Database): AwayPeriod[] {
  const rows = database.prepare(`
    WITH known AS (SELECT time, lived FROM moments WHERE time > (SELECT min(time) FROM moments WHERE lived = 1)),
    numbered AS (SELECT time, lived, row_number() OVER (ORDER BY time)
                 - row_number() OVER (PARTITION BY lived ORDER BY time) AS run FROM known)
    SELECT min(time) AS first, max(time) AS last, count(*) AS bars FROM numbered WHERE lived = 0 GROUP BY run ORDER BY first
  `).all();
  return rows.map(({ first, last, bars }) => ({ from: Number(first), to: Number(last), bars: Number(bars) }));
}

/** Two traders on one file would each act on every bar; the second to write is stopped here, under the write lock. */
function requireNext(database: Database, steps: readonly TraderStep[]): void {
  const held = Number(database.prepare("SELECT moments FROM trader").get()?.moments ?? 0);
  const before = steps[0].trader.moments - 1;
  if (held === before) return;
  throw new DataError(
    `Cannot write to ${database.path}: expected ${before} moments in it, received ${held}: does another trader use it?`,
  );
}

function writeRecord(database: Database, record: TraderRecord): void {
  const { time, equity, costs: { fees, spread, slippage, funding, borrow }, learned } = record;
  database.prepare(
    "INSERT INTO moments (time, equity, fees, spread, slippage, funding, borrow, lived) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
  ).run(time, equity, fees, spread, slippage, funding, borrow, record.lived ? 1 : 0);
  const { outcome, loss, rates, phi, weightDecay } = learned;
  database.prepare("INSERT INTO meta_parameters VALUES (?, ?, ?, ?, ?, ?)")
    .run(time, outcome, loss, JSON.stringify(rates), JSON.stringify(phi), weightDecay);
  const bars = database.prepare("INSERT INTO bars VALUES (?, ?, ?, ?, ?, ?, ?)");
  for (const { symbol, bar: { open, high, low, close, volume } } of record.bars) {
    bars.run(symbol, time, open, high, low, close, volume);
  }
  const predictions = database.prepare("INSERT INTO predictions VALUES (?, ?, ?, ?, ?)");
  for (const { symbol, value, spread, deviation } of record.predictions) {
    predictions.run(symbol, time, value, spread, deviation);
  }
  const positions = database.prepare("INSERT INTO positions VALUES (?, ?, ?, ?)");
  for (const { symbol, held, wanted } of record.positions) positions.run(symbol, time, held, wanted);
  const fills = database.prepare("INSERT INTO fills VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const fill of record.fills) {
    fills.run(time, fill.market, fill.time, fill.price, fill.from, fill.to, fill.fee, fill.reason, fill.quantity);
  }
  const trades = database.prepare("INSERT INTO trades VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  for (const trade of record.closed) {
    const { market, side, entryTime, entryPrice, exitTime, exitPrice, exitReason, pnl, cost, stop, takeProfit } = trade;
    const entry = [market, side, entryTime, entryPrice];
    trades.run(time, ...entry, exitTime, exitPrice, exitReason, pnl, cost, stop, takeProfit);
  }
}
