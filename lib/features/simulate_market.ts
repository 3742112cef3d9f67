/**
 * Simulated markets whose volatility is known: for tests, for teaching, and to see what a method makes of data that hold
 * nothing. It is seeded and claims no realism beyond its formulas.
 * @module
 */
import type { Candles } from "../data/candles.ts";
import { intervalMs } from "../data/interval.ts";
import { type OptionKeys, requireKnownKeys } from "../options.ts";
import { type Random, random } from "../net/random.ts";

/** What moves a simulated price. */
export interface SimulateMarketOptions {
  /** Bars, at least 2 (default 1,000). */
  readonly bars?: number;
  /** Seed, a safe integer (default 1). */
  readonly seed?: number;
  /** Market name (default `SIM`). */
  readonly symbol?: string;
  /** Bar length (default `1h`). */
  readonly interval?: string;
  /** Open time of the first bar, ms UTC (default 2020-01-01). */
  readonly start?: number;
  /** First price (default 100). */
  readonly price?: number;
  /** Volatility a bar, a fraction: of the log price where nothing else is asked for (default 0.01). */
  readonly volatility?: number;
  /** Mean log return a bar (default 0). */
  readonly trend?: number;
  /** Share of the distance to the trend line that is taken back each bar, in [0, 1) (default 0: a random walk). */
  readonly meanReversion?: number;
  /** GARCH(1,1) (Bollerslev 1986): h' = ω + α r² + β h with ω = (1 − α − β) volatility². */
  readonly garch?: { readonly alpha: number; readonly beta: number };
  /**
   * Two regimes: volatility times `factor`, at least 0, in the second; each bar leaves its regime with probability `leave`. Beside
   * `garch`, whose r² the factor is in, the variance must stay bounded over both.
   */
  readonly regimes?: { readonly factor: number; readonly leave: number };
  /** Jumps of ± `size` (log), each bar with probability `probability`. */
  readonly jumps?: { readonly probability: number; readonly size: number };
}

/** A simulated market, and what is known of it. */
export interface SimulatedMarket {
  /** Its bars; volume is 1,000 times the bar's absolute move over its volatility, plus 1,000. */
  readonly candles: Candles;
  /** Volatility of each bar's log return before it was drawn, jumps left out, `[bars]`. */
  readonly volatility: Float64Array;
  /** Regime of each bar, 0 or 1, `[bars]`. */
  readonly regime: Uint8Array;
}

const KEYS: OptionKeys<SimulateMarketOptions> = {
  bars: true,
  seed: true,
  symbol: true,
  interval: true,
  start: true,
  price: true,
  volatility: true,
  trend: true,
  meanReversion: true,
  garch: true,
  regimes: true,
  jumps: true,
};

/** Steps within a bar, from which its high and low are taken. */
const STEPS = 32;

function requireRange(name: string, value: number, range: { min: number; max?: number; open?: boolean }): void {
  const { min, max = Infinity, open = false } = range;
  if (Number.isFinite(value) && value >= min && (open ? value < max : value <= max)) return;
  throw new RangeError(
    `Cannot simulate a market: ${name} must be at least ${min}${
      max < Infinity ? ` and ${open ? "below" : "at most"} ${max}` : ""
    }, got ${String(value)}`,
  );
}

function check(
  options: Required<Pick<SimulateMarketOptions, "bars" | "volatility" | "meanReversion" | "price">>,
): void {
  if (!Number.isInteger(options.bars)) requireRange("bars, an integer,", NaN, { min: 2 });
  requireRange("bars", options.bars, { min: 2 });
  requireRange("volatility", options.volatility, { min: 0 });
  requireRange("meanReversion", options.meanReversion, { min: 0, max: 1, open: true });
  requireRange("price", options.price, { min: Number.MIN_VALUE });
}

/**
 * What the expected variance grows by each bar, in the long run, where GARCH's r² goes through regimes. By regime it is
 * m' = P diag(α f² + β) m + ω π, P the transitions, π the regimes' shares: this is the largest eigenvalue of P diag(α f² + β).
 */
function varianceGrowth(
  { alpha, beta }: NonNullable<SimulateMarketOptions["garch"]>,
  { factor, leave }: NonNullable<SimulateMarketOptions["regimes"]>,
): number {
  const [calm, wild] = [alpha + beta, alpha * factor ** 2 + beta];
  // A market that never leaves the first regime knows no other.
  if (leave === 0) return calm;
  const discriminant = ((1 - leave) * (calm - wild)) ** 2 + 4 * leave ** 2 * calm * wild;
  return ((1 - leave) * (calm + wild) + Math.sqrt(discriminant)) / 2;
}

function checkMix({ garch, regimes }: Pick<SimulateMarketOptions, "garch" | "regimes">): void {
  if (garch) {
    requireRange("garch.alpha", garch.alpha, { min: 0 });
    requireRange("garch.beta", garch.beta, { min: 0 });
    requireRange("garch.alpha + garch.beta", garch.alpha + garch.beta, { min: 0, max: 1, open: true });
  }
  if (regimes) {
    requireRange("regimes.factor", regimes.factor, { min: 0 });
    requireRange("regimes.leave", regimes.leave, { min: 0, max: 1 });
  }
  if (!garch || !regimes) return;
  const growth = varianceGrowth(garch, regimes);
  if (growth < 1) return;
  const wild = garch.alpha * regimes.factor ** 2 + garch.beta;
  throw new RangeError(
    `Cannot simulate a market: garch and regimes together must keep the variance bounded, but garch.alpha times regimes.factor ` +
      `squared plus garch.beta is ${
        wild.toPrecision(4)
      } in the second regime, and over both the variance grows by a factor of ` +
      `${growth.toPrecision(4)} a bar; expected below 1`,
  );
}

/** Requires a price that a market can have. */
function requirePrice(price: number, bar: number): void {
  if (price > 0 && price < Infinity) return;
  throw new RangeError(
    `Cannot simulate a market: its price is ${price} at bar ${bar}; expected trend, volatility, garch, regimes and jumps that ` +
      `keep it above 0 and finite over all bars`,
  );
}

/** A bar's path of log prices from `from`, ending `move` away: a Brownian bridge of {@linkcode STEPS} steps. */
function bridge(stream: Random, move: number, deviation: number): { low: number; high: number } {
  let [low, high, at] = [Math.min(0, move), Math.max(0, move), 0];
  for (let k = 1; k < STEPS; k++) {
    const left = STEPS - k + 1;
    at += (move - at) / left + deviation / Math.sqrt(STEPS) * Math.sqrt((left - 1) / left) * stream.normal();
    low = Math.min(low, at);
    high = Math.max(high, at);
  }
  return { low, high };
}

/**
 * Simulates one market: a log price with trend, mean reversion, GARCH or switching volatility, and jumps.
 *
 * @param options What moves it; by default a random walk of 1% a bar.
 * @returns Bars and the volatility that each was drawn with.
 * @throws {RangeError} An option is out of range, garch and regimes together let the variance grow without bound, or a price
 * leaves what a number can hold.
 * @throws {TypeError} An option is unknown.
 *
 * @example
 * ```ts
 * import { simulateMarket } from "@adaptrade/adaptrade";
 * import { assert, assertEquals } from "@std/assert";
 *
 * const { candles, volatility } = simulateMarket({ bars: 500, seed: 3, garch: { alpha: 0.1, beta: 0.85 } });
 * assertEquals(candles.close.length, 500);
 * assert(Math.max(...volatility) > 1.5 * Math.min(...volatility));
 * ```
 */
export function simulateMarket(options: SimulateMarketOptions = {}): SimulatedMarket {
  requireKnownKeys("Cannot simulate a market", "options", options, KEYS);
  const { bars = 1000, seed = 1, symbol = "SIM", interval = "1h", start = Date.UTC(2020, 0), price = 100 } = options;
  const { volatility: base = 0.01, trend = 0, meanReversion = 0, garch, regimes, jumps } = options;
  check({ bars, volatility: base, meanReversion, price });
  checkMix({ ...(garch && { garch }), ...(regimes && { regimes }) });
  if (jumps) requireRange("jumps.probability", jumps.probability, { min: 0, max: 1 });
  const stream = random(seed);
  const [time, open, high, low, close, volume] = Array.from({ length: 6 }, () => new Float64Array(bars));
  const volatility = new Float64Array(bars);
  const regime = new Uint8Array(bars);
  const length = intervalMs(interval);
  let [log, line, h, state] = [Math.log(price), Math.log(price), base ** 2, 0];
  for (let t = 0; t < bars; t++) {
    if (regimes && stream.uniform() < regimes.leave) state = 1 - state;
    const deviation = Math.sqrt(h) * (regimes && state === 1 ? regimes.factor : 1);
    const shock = deviation * stream.normal();
    const jump = jumps && stream.uniform() < jumps.probability ? jumps.size * (stream.uniform() < 0.5 ? -1 : 1) : 0;
    line += trend;
    const move = trend + meanReversion * (line - trend - log) + shock + jump;
    const path = bridge(stream, move, deviation);
    time[t] = start + t * length;
    open[t] = Math.exp(log);
    high[t] = Math.exp(log + path.high);
    low[t] = Math.exp(log + path.low);
    close[t] = Math.exp(log + move);
    requirePrice(low[t], t);
    requirePrice(high[t], t);
    volume[t] = 1000 * (1 + (deviation > 0 ? Math.abs(shock) / deviation : 0));
    volatility[t] = deviation;
    regime[t] = state;
    log += move;
    if (garch) h = (1 - garch.alpha - garch.beta) * base ** 2 + garch.alpha * shock ** 2 + garch.beta * h;
  }
  return { candles: { symbol, interval, time, open, high, low, close, volume }, volatility, regime };
}
