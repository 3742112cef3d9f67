/**
 * A log of every backtest that was ever made, by market, in SQLite: what a deflated Sharpe ratio must count, whether or not the
 * backtests themselves were kept. Nothing can be taken out of it. It judges nothing.
 * @module
 */
import { excessReturns } from "../statistics/risk_free.ts";
import type { TrialLog } from "../statistics/trial_log.ts";
import { sharpeEstimate } from "../statistics/sharpe_estimate.ts";
import { type Database, type DatabaseOptions, openDatabase } from "./database.ts";

/** Migration `i` makes schema version `i + 1`; only ever appended to. */
const TRIAL_MIGRATIONS: readonly string[] = [
  `CREATE TABLE trials (
     number INTEGER PRIMARY KEY AUTOINCREMENT,
     market TEXT NOT NULL,
     interval TEXT NOT NULL,
     strategy TEXT NOT NULL,
     course TEXT NOT NULL,
     sharpe REAL,
     periods_per_year REAL NOT NULL,
     bars INTEGER NOT NULL,
     first INTEGER,
     last INTEGER,
     recorded_at INTEGER NOT NULL
   ) STRICT;
   CREATE INDEX trials_by_market ON trials (market, course);`,
];

/** What of a backtest is logged; `BacktestResult` is one. */
export interface TriedBacktest {
  /** What was run. */
  readonly strategy: string;
  /** The market. */
  readonly market: string;
  /** Bar length. */
  readonly interval: string;
  /** Open time of each bar, ms UTC, `[bars]`. */
  readonly time: Float64Array;
  /** Net return of each bar, `[bars]`. */
  readonly netReturns: Float64Array;
  /** Bars a year. */
  readonly periodsPerYear: number;
  /** Risk-free rate a year that its ratio is taken beyond (default 0). */
  readonly riskFreeRate?: number;
}

/** A trial as logged. */
export interface TrialRecord {
  /** The market. */
  readonly market: string;
  /** Bar length. */
  readonly interval: string;
  /** What was run. */
  readonly strategy: string;
  /** SHA-256 of the times and net returns: what ran twice to the last bit has it twice, and is counted once. */
  readonly course: string;
  /** Sharpe ratio a bar, not annualised; null where undefined. */
  readonly sharpe: number | null;
  /** Bars a year. */
  readonly periodsPerYear: number;
  /** Bars. */
  readonly bars: number;
  /** Open time of the first bar, ms UTC; null without bars. */
  readonly from: number | null;
  /** Open time of the last bar, ms UTC; null without bars. */
  readonly to: number | null;
  /** When it was logged, ms UTC. */
  readonly recordedAt: number;
}

/** The open log. */
export interface TrialStore extends Disposable {
  /**
   * Logs the backtests of one comparison, and gives the trials before it that deflate its Sharpe ratios, for
   * `deflateTogether(comparisons, earlier)`: each course of the same market once, whatever its bar length (ratios are scaled to
   * that of the backtests given), but those that are among the ones given.
   */
  record(backtests: readonly TriedBacktest[]): TrialLog;
  /** Everything logged of a market, or of all, oldest first. */
  list(market?: string): TrialRecord[];
}

type Hash = (backtest: TriedBacktest) => string;

interface Row {
  readonly course: string;
  readonly sharpe: number | null;
  readonly periods_per_year: number;
}

function requireOneMarket(backtests: readonly TriedBacktest[]): TriedBacktest {
  const [first, ...others] = backtests;
  if (first === undefined) throw new TypeError("Cannot record trials: expected at least 1 backtest, received 0");
  for (const { market, periodsPerYear } of others) {
    if (market === first.market && periodsPerYear === first.periodsPerYear) continue;
    throw new RangeError(
      `Cannot record trials: expected backtests of ${first.market} with ${first.periodsPerYear} bars a year, ` +
        `received ${market} with ${periodsPerYear}`,
    );
  }
  return first;
}

function storeOf(db: Database, hash: Hash): TrialStore {
  return {
    record(backtests) {
      const { market, periodsPerYear } = requireOneMarket(backtests);
      const courses = backtests.map(hash);
      return db.transaction(() => {
        const rows = db.prepare(
          "SELECT course, sharpe, periods_per_year FROM trials WHERE market = ? GROUP BY course ORDER BY min(number)",
        ).all(market) as unknown as Row[];
        const add = db.prepare(
          `INSERT INTO trials (market, interval, strategy, course, sharpe, periods_per_year, bars, first, last, recorded_at)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        );
        backtests.forEach(({ interval, strategy, time, netReturns, riskFreeRate = 0 }, i) => {
          const { sharpe } = sharpeEstimate(excessReturns(netReturns, riskFreeRate, periodsPerYear));
          const [first, last] = [time.at(0) ?? null, time.at(-1) ?? null];
          add.run(market, interval, strategy, courses[i], sharpe, periodsPerYear, time.length, first, last, Date.now());
        });
        const sharpes = rows.filter(({ course }) => !courses.includes(course)).map(({ sharpe, periods_per_year }) =>
          sharpe === null ? null : sharpe * Math.sqrt(periods_per_year / periodsPerYear)
        );
        return { sharpes };
      });
    },
    list(market) {
      const where = market === undefined ? "" : "WHERE market = ? ";
      const rows = db.prepare(`SELECT * FROM trials ${where}ORDER BY number`)
        .all(...(market === undefined ? [] : [market])) as Record<string, unknown>[];
      return rows.map((row) => ({
        market: row.market as string,
        interval: row.interval as string,
        strategy: row.strategy as string,
        course: row.course as string,
        sharpe: row.sharpe as number | null,
        periodsPerYear: row.periods_per_year as number,
        bars: row.bars as number,
        from: row.first as number | null,
        to: row.last as number | null,
        recordedAt: row.recorded_at as number,
      }));
    },
    [Symbol.dispose]: () => db.close(),
  };
}

/**
 * Opens the log of trials, and makes it if it is not there. Several processes may have it open at once.
 *
 * @param path The SQLite file, or `":memory:"`.
 * @param options Waiting and writing.
 * @throws {DataError} The file cannot be opened, or is no such log.
 *
 * @example
 * ```ts
 * import { openTrials } from "@adaptrade/adaptrade/store";
 * import { assertEquals } from "@std/assert";
 *
 * using trials = await openTrials(":memory:");
 * const run = { market: "DAX", interval: "1d", periodsPerYear: 252, time: Float64Array.of(1, 2, 3) };
 * const first = { ...run, strategy: "first", netReturns: Float64Array.of(0.01, -0.01, 0.02) };
 * const second = { ...run, strategy: "second", netReturns: Float64Array.of(0.01, 0, 0.01) };
 * assertEquals(trials.record([first]).sharpes.length, 0);
 * assertEquals(trials.record([second]).sharpes.length, 1); // the first counts against it
 * assertEquals(trials.record([second]).sharpes.length, 1); // and itself only once
 * assertEquals(trials.list("DAX").length, 3);
 * ```
 */
export async function openTrials(path: string, options: DatabaseOptions = {}): Promise<TrialStore> {
  const db = await openDatabase(path, TRIAL_MIGRATIONS, options);
  const { createHash } = await import("node:crypto");
  return storeOf(db, ({ time, netReturns }) => {
    const bytes = ({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array =>
      new Uint8Array(buffer, byteOffset, byteLength);
    return createHash("sha256").update(bytes(time)).update(bytes(netReturns)).digest("hex");
  });
}
