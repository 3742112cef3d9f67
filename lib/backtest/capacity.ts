/**
 * How much money a strategy could trade before its own trades move the price against it by more than it earns. A backtest's
 * fills move nothing; here the square-root law says what they would have moved.
 * @module
 */
import { type Candles, DataError } from "../data/candles.ts";
import { bisectLeft } from "../features/bisect.ts";
import { trailingVolatility } from "../features/trailing_volatility.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type Figure, figure, undefinedFigure } from "../statistics/figure.ts";
import type { Fill } from "../trading/fill.ts";
import { gainOf, type TradedCourse } from "../statistics/break_even_cost.ts";

/** What {@linkcode capacity} takes. */
export interface CapacityOptions {
  /** Y of the square-root law, above 0 (default 1). */
  readonly coefficient?: number;
  /** Bars before a fill that volume and volatility are taken over, at least 2 (default 20). */
  readonly window?: number;
}

const CAPACITY_KEYS: OptionKeys<CapacityOptions> = { coefficient: true, window: true };

/** A capital, in account currency, beyond which none is believed: more than the largest markets hold. */
const MOST_CAPITAL = 1e12;

/** What a strategy's size would do to it. Capitals are in account currency. */
export interface Capacity {
  /** What its trades' own impact would have cost at the capital that it was run with, in account currency. */
  readonly impact: Figure;
  /** Capital at which impact takes half of what it earns. */
  readonly half: Figure;
  /** Capital at which it earns the most money: two thirds of what it earns go into impact. */
  readonly best: Figure;
  /** Capital at which impact takes all that it earns. */
  readonly breakEven: Figure;
}

/** Mean volume and volatility of the bars before a time. */
interface Liquidity {
  readonly volume: number;
  readonly volatility: number;
}

/** Looks up the liquidity of a market before a bar; zeros where too few bars came before. */
function liquidityOf({ time, close, volume }: Candles, window: number): (at: number) => Liquidity {
  const volatility = trailingVolatility(close, window);
  return (at) => {
    const index = bisectLeft(time, at);
    if (index < window) return { volume: 0, volatility: NaN };
    let sum = 0;
    for (let i = index - window; i < index; i++) sum += volume[i];
    return { volume: sum / window, volatility: volatility[index - 1] };
  };
}

/** What a fill's own impact costs at the size it had: Y σ √(Q / V) of its value. */
function impactOf({ quantity, price }: Fill, { volume, volatility }: Liquidity, coefficient: number): number {
  const units = Math.abs(quantity);
  return coefficient * volatility * Math.sqrt(units / volume) * units * price;
}

/**
 * Reckons the capacity of a strategy by the square-root law: a trade of Q units in a market that trades V units a bar and moves
 * by σ a bar costs Y σ √(Q/V) of its value (Almgren, Thum, Hauptmann & Li 2005; Tóth et al. 2011); over n bars σ grows as √n and V
 * as n, so that bars of any length give the same. With k times the capital every trade is k times as large: gains grow as k,
 * impact as k^1.5.
 *
 * @param course A result of a backtest, or a portfolio's.
 * @param markets The candles that it was run on, with volumes in units.
 * @param options Coefficient and window.
 * @returns Capitals; null with a reason where nothing was traded or earned, a volume is not known, or the
 * capital is beyond 1e12.
 * @throws {DataError} A market that was traded is not among those given.
 * @throws {RangeError} An option is out of range.
 *
 * @example
 * ```ts
 * import { backtest, maml, metaInit, mlp, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
 * import { capacity } from "@adaptrade/adaptrade/backtest";
 * import { assertEquals } from "@std/assert";
 *
 * await using engine = await openEngine({ backend: "cpu" });
 * const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [8], outputs: 1 }) }));
 * const [dax] = await sampleMarkets({ symbols: ["DAX"] });
 * const result = await backtest(engine, state, dax, { from: Date.UTC(1998, 0) });
 * const { impact } = capacity(result, [dax]);
 * assertEquals(impact.reason, "the volume of DAX is not known at a fill"); // the DAX sample has none
 * ```
 */
export function capacity(course: TradedCourse, markets: readonly Candles[], options: CapacityOptions = {}): Capacity {
  requireKnownKeys("Cannot reckon a capacity", "options", options, CAPACITY_KEYS);
  const { coefficient = 1, window = 20 } = options;
  if (!(coefficient > 0 && coefficient < Infinity)) {
    throw new RangeError(
      `Cannot reckon a capacity: coefficient must be finite and above 0, got ${String(coefficient)}`,
    );
  }
  if (!Number.isInteger(window) || window < 2) {
    throw new RangeError(`Cannot reckon a capacity: window must be an integer of at least 2, got ${String(window)}`);
  }
  const known = new Map(markets.map((candles) => [candles.symbol, liquidityOf(candles, window)]));
  const all = (of: Figure): Capacity => ({ impact: of, half: of, best: of, breakEven: of });
  let impact = 0;
  for (const fill of course.fills) {
    const at = known.get(fill.market);
    if (!at) throw new DataError(`Cannot reckon a capacity: ${fill.market} was traded, and its candles are not given`);
    const liquidity = at(fill.time);
    if (!(liquidity.volume > 0)) return all(undefinedFigure(`the volume of ${fill.market} is not known at a fill`));
    impact += impactOf(fill, liquidity, coefficient);
  }
  if (course.fills.length === 0) return all(undefinedFigure("nothing was traded"));
  const gain = gainOf(course);
  if (!(gain > 0)) return { ...all(undefinedFigure("it earns nothing")), impact: figure(impact) };
  // A share s of the gain goes into impact at the capital k where k^0.5 · impact = s · gain.
  const at = (share: number): Figure => {
    const capital = course.initialCapital * (share * gain / impact) ** 2;
    if (capital <= MOST_CAPITAL) return figure(capital);
    return undefinedFigure(
      `${
        capital.toExponential(1)
      } is beyond reason: volumes must be in units of what the price is of, and an index's are not`,
    );
  };
  return { impact: figure(impact), half: at(0.5), best: at(2 / 3), breakEven: at(1) };
}
