/**
 * Wanted positions on a price history, run through an account: the series that figures and charts are drawn from.
 * It knows no model, and how a bar is reckoned is `lib/trading`'s; it refuses positions that do not fit the bars.
 * @module
 */
import type { Bar } from "../data/bar.ts";
import type { Candles } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import { trailingVolatility } from "../features/trailing_volatility.ts";
import { type OptionKeys, pickKeys, requireKnownKeys } from "../options.ts";
import { ledgerOf, openAccount, openTrades } from "../trading/account.ts";
import { ACCOUNT_RULE_KEYS, type AccountRules, type FillRule } from "../trading/account_rules.ts";
import { type CostBreakdown, type CostModel, totalCosts } from "../trading/cost_model.ts";
import { exitWindow } from "../trading/exits.ts";
import type { Fill } from "../trading/fill.ts";
import { applyBars } from "../trading/ledger.ts";
import type { Trade } from "../trading/trade.ts";
import { BACKTEST_KEYS } from "./option_keys.ts";

/** Bars of volatility where no rule names its own. */
export const VOLATILITY_WINDOW = 20;

/** How an account trades a backtest. */
export interface ExecutionOptions extends AccountRules {
  /**
   * Cost per unit traded, as a fraction of what is traded: short for `costs: { takerFee }` and refused beside `costs`
   * (default 0.001 where `costs` is absent: 10 basis points of fee and slippage).
   */
  readonly costRate?: number;
}

/** Names of the options of an execution. */
export const EXECUTION_KEYS: OptionKeys<ExecutionOptions> = { ...ACCOUNT_RULE_KEYS, costRate: true };

/** What an account went through; series have one entry a bar. */
export interface AccountCourse {
  /** Equity before the first bar. */
  readonly initialCapital: number;
  /** Open time of each bar, ms UTC, `[bars]`. */
  readonly time: Float64Array;
  /** Equity at the close of each bar, net of costs: cash + Σ units · price, `[bars]`. */
  readonly equity: Float64Array;
  /** Net return of each bar, `[bars]`; their product is equity / initialCapital. */
  readonly netReturns: Float64Array;
  /** Return of each bar had nothing been paid for its fills and for holding, `[bars]`. */
  readonly grossReturns: Float64Array;
  /** Most Σ|position| held at once within each bar, as a fraction of the equity when it was traded or opened, `[bars]`. */
  readonly exposure: Float64Array;
  /** Σ|quantity · price| of each bar's fills, as a fraction of the equity at each, `[bars]`. */
  readonly traded: Float64Array;
  /** How many fills each bar had, `[bars]`. */
  readonly filled: Float64Array;
  /** Every purchase and sale, in the order they happened. */
  readonly fills: readonly Fill[];
  /** Trades in the order they were closed; open ones last. */
  readonly trades: readonly Trade[];
  /** All costs, in account currency. */
  readonly costs: number;
  /** All costs by kind, in account currency. */
  readonly costBreakdown: CostBreakdown;
  /** Bars in which the margin was called and everything closed. */
  readonly liquidations: number;
  /** Open time of the bar in which nothing was left, ms UTC; from then on equity is 0. Null if it never was. */
  readonly ruinedAt: number | null;
  /** What a ruined account owes beyond its equity, in account currency; 0 for one that is not. */
  readonly owed: number;
}

/** What an account went through in one market, after the first decision. */
export interface Execution extends AccountCourse {
  /** How positions were filled: `next-close` when `next-open` was asked for a market that has closes alone. */
  readonly fill: FillRule | "next-close";
  /** Position at the close of each bar, as a fraction of equity, `[bars]`. */
  readonly positions: Float64Array;
  /** Level of the stop for the bar that follows each close; NaN where there is none. `[bars]` */
  readonly stops: Float64Array;
}

/** True when a market's opens carry no information of their own. */
export function isCloseOnly(candles: Candles): boolean {
  return candles.closeOnly === true || candles.close.every((price, i) => price === candles.open[i]);
}

/** An account's rules out of options that may name a single cost rate. */
export function executionRules(options: ExecutionOptions): AccountRules {
  requireKnownKeys("Cannot execute", "options", options, BACKTEST_KEYS);
  const { costRate, costs } = options;
  if (costRate !== undefined && costs !== undefined) {
    throw new RangeError("Cannot execute: expected costRate or costs, received both");
  }
  const rate = costRate ?? 0.001;
  if (!(rate >= 0 && rate < 1)) {
    throw new RangeError(`Cannot execute: costRate must be within [0, 1), got ${String(costRate)}`);
  }
  const model: CostModel = costs ?? { takerFee: rate };
  return { ...pickKeys(options, ACCOUNT_RULE_KEYS), costs: model };
}

function requireExecution(candles: Candles, start: number, targets: Float64Array): void {
  if (!Number.isInteger(start) || start < 0 || start + targets.length > candles.time.length || targets.length === 0) {
    throw new RangeError(
      `Cannot execute: ${targets.length} positions from bar ${start} do not fit the ${candles.time.length} bars of ` +
        candles.symbol,
    );
  }
  const bad = targets.findIndex((target) => !Number.isFinite(target));
  if (bad >= 0) {
    throw new TypeError(`Cannot execute: positions must be finite, got positions[${bad}] = ${targets[bad]}`);
  }
}

/** Bar `at` of a market. */
export function barAt({ time, open, high, low, close }: Candles, at: number): Bar {
  return { time: time[at], open: open[at], high: high[at], low: low[at], close: close[at], volume: 0 };
}

/** Where the fills of bars and what is drawn from them are gathered, bar by bar. */
export interface CourseRecorder {
  /** What `applyBars` takes. */
  readonly run: Parameters<typeof applyBars>[2];
  /** Fills since the last bar that was noted. */
  fresh(): readonly Fill[];
  /** Notes a bar: its time, equity before and after it, and what the step came to. */
  note(bar: number, step: { time: number; before: number; after: number; gross: number; exposure: number }): void;
  /** Everything noted. */
  course(ledger: ReturnType<typeof ledgerOf>): AccountCourse;
}

/** Gathers a course of so many bars. */
export function recordCourse(rules: AccountRules, bars: number): CourseRecorder {
  const series = (): Float64Array => new Float64Array(bars);
  const [time, equity, netReturns, grossReturns] = [series(), series(), series(), series()];
  const [exposure, traded, filled] = [series(), series(), series()];
  const fills: Fill[] = [];
  const trades: Trade[] = [];
  let seen = 0;
  return {
    run: { rules, onFill: (fill) => void fills.push(fill), onClosed: (trade) => void trades.push(trade) },
    fresh: () => fills.slice(seen),
    note(bar, step): void {
      time[bar] = step.time;
      equity[bar] = step.after;
      netReturns[bar] = step.before > 0 ? step.after / step.before - 1 : 0;
      grossReturns[bar] = step.before > 0 ? step.gross - 1 : 0;
      exposure[bar] = step.exposure;
      filled[bar] = fills.length - seen;
      for (; seen < fills.length; seen++) traded[bar] += Math.abs(fills[seen].to - fills[seen].from);
    },
    course(ledger): AccountCourse {
      const called = fills.filter(({ reason }) => reason === "liquidation").map((fill) => fill.time);
      return {
        initialCapital: ledger.initialCapital,
        time,
        equity,
        netReturns,
        grossReturns,
        exposure,
        traded,
        filled,
        fills,
        trades: [...trades, ...openTrades(ledger)],
        costs: totalCosts(ledger.costs),
        costBreakdown: { ...ledger.costs },
        liquidations: new Set(called).size,
        ruinedAt: ledger.ruined?.time ?? null,
        owed: ledger.ruined?.owed ?? 0,
      };
    },
  };
}

/** What a reader must know of how a course went: that the margin was called, and that nothing was left. */
export function endNotes({ liquidations, ruinedAt, owed }: AccountCourse): string[] {
  const notes: string[] = [];
  if (liquidations > 0) {
    notes.push(
      `Liquidated in ${liquidations} bar${liquidations === 1 ? "" : "s"}: everything was closed at its worst price`,
    );
  }
  if (ruinedAt !== null) {
    const debt = owed > 0 ? `, and ${owed.toFixed(2)} beyond it is owed` : "";
    notes.push(`Equity fell to 0 on ${new Date(ruinedAt).toISOString()}${debt}`);
  }
  return notes;
}

/**
 * Trades the wanted positions. The position wanted at the close of bar `start + i` is filled at the open of the next bar
 * (or at that close) and held in units until another is wanted or it has drifted past `rebalance`; levels, limit orders and
 * margin are minded within the bar, and it is marked to market at every close. The last one wanted is never filled.
 *
 * @param candles Prices; those before the first decision are read for the volatility of exits alone.
 * @param wanted First bar decided on, the position wanted at the close of each bar from there, `[bars + 1]`, and the indices of
 *   the bars that may be of another instrument than the one before (default none).
 * @param options Fill, costs, exits and capital.
 * @throws {RangeError} The positions do not fit the candles, or an option is out of range.
 * @throws {TypeError} A position is not finite.
 */
export function execute(
  candles: Candles,
  wanted: { readonly start: number; readonly positions: Float64Array; readonly relisted?: readonly number[] },
  options: ExecutionOptions = {},
): Execution {
  const { start, positions: targets, relisted } = wanted;
  requireExecution(candles, start, targets);
  const rules = executionRules(options);
  const ledger = ledgerOf(openAccount(rules));
  const { symbol: market, close } = candles;
  const interval = intervalMs(candles.interval);
  const window = exitWindow(rules.exits ?? {});
  const volatility = window > 0 ? trailingVolatility(close, window) : undefined;
  const bars = targets.length - 1;
  const [positions, stops] = [new Float64Array(bars), new Float64Array(bars)];
  const recorder = recordCourse(rules, bars);
  const isRelisted = new Set(relisted);
  applyBars(ledger, [{ market, bar: barAt(candles, start), interval, target: 0 }], recorder.run);
  for (let i = 0; i < bars; i++) {
    const before = ledger.equity;
    const at = start + 1 + i;
    const bar = barAt(candles, at);
    const order = { market, bar, interval, target: targets[i], volatility: volatility?.[at - 1] };
    const step = applyBars(ledger, [isRelisted.has(at) ? { ...order, relisted: true } : order], recorder.run);
    recorder.note(i, { time: bar.time, before, after: ledger.equity, ...step });
    const { position, trade } = ledger.holdings[market];
    positions[i] = position;
    stops[i] = trade?.stop ?? NaN;
  }
  const { fill = "next-open" } = rules;
  return {
    ...recorder.course(ledger),
    fill: fill === "next-open" && isCloseOnly(candles) ? "next-close" : fill,
    positions,
    stops,
  };
}
