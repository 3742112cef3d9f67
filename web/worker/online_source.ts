/**
 * From a paper trader's settings to the trader before its first bar and the bars it lives on: a market played back, or Bybit's
 * stream. The same settings always give the same trader, so one that is taken up again is the one that was left.
 * @module
 */
import {
  bybitFeed,
  type Candles,
  checkCandles,
  DataError,
  type Forecaster,
  metaGradient,
  mlp,
  onlineConfig,
  onlineInit,
  openTrader,
  periodsPerYear,
  replayFeed,
  type Trader,
} from "@adaptrade/adaptrade";
import { intervalMs } from "@adaptrade/adaptrade/data";
import { type Clock, type MarketName, type Moment, type OnlineConfig, SYSTEM_CLOCK } from "@adaptrade/adaptrade/online";
import { openRuns } from "@adaptrade/adaptrade/store";
import { HttpError } from "fresh";
import type { SizingOptions } from "@adaptrade/adaptrade/trading";
import { bybitServers } from "../server/bybit_servers.ts";
import { loadMarket } from "../server/markets.ts";
import type { OnlineSettings } from "../server/online_config.ts";
import { runsDatabase } from "../server/paths.ts";
import { trainedRun } from "../server/run_training.ts";

/** What a trader lives on. */
export interface OnlineSource {
  /** What it is, in words. */
  readonly title: string;
  /** The trader before its first bar. */
  readonly trader: Trader;
  /** Bars of the whole replay; null live. */
  readonly total: number | null;
  /** Bars a write. */
  readonly commitEvery: number;
  /** The bars behind a trader's last. */
  feed(from: Trader): AsyncIterable<Moment>;
}

/** What a source is opened with. */
export interface SourceOptions {
  /** Ends its feed. */
  readonly signal: AbortSignal;
  /** Told of gaps and of the connection. */
  readonly tell: (kind: string, text: string, at?: number) => void;
}

/** A market that never closes: what is streamed. */
const YEAR_MS = 365 * 86_400_000;
/** The ten features of `tradingFeatures`. */
const INPUTS = 10;
/** Where the learned weight decay begins: it moves in log space, so not at 0. */
const WEIGHT_DECAY = 1e-4;
/** Before so many bars there are no features and no full windows, so nothing to watch: a replay runs through them at once. */
const WARM_UP_BARS = 320;
/** A sync to disk each bar would be most of the time of a replay at full speed. */
const FULL_SPEED_COMMIT = 16;

/** Opens a source. @throws {DataError} The market or the run cannot be read. */
export async function openSource(settings: OnlineSettings, options: SourceOptions): Promise<OnlineSource> {
  return await (settings.source === "live" ? liveSource(settings, options) : replaySource(settings, options));
}

async function replaySource(settings: OnlineSettings, { signal, tell }: SourceOptions): Promise<OnlineSource> {
  const candles = await loadMarket(settings.market);
  const { speed } = settings;
  return {
    title: `A replay of ${candles.symbol}${speed > 0 ? ` at ${speed} bars a second` : " as fast as it goes"}`,
    trader: await freshTrader(candles, settings, { periods: periodsPerYear(candles) }),
    total: candles.time.length,
    commitEvery: speed > 0 ? 1 : FULL_SPEED_COMMIT,
    async *feed({ time, moments }) {
      const gaps = gapsOf(candles);
      let taken = moments;
      const clock: Clock = {
        ...SYSTEM_CLOCK,
        // A weekend or a hole is no longer than a bar; what is still warming up does not wait.
        sleep: (ms, signal) => SYSTEM_CLOCK.sleep(taken < WARM_UP_BARS ? 0 : Math.min(ms, 1000 / speed), signal),
      };
      const multiple = intervalMs(candles.interval) * speed / 1000;
      const options = { speed: multiple, ...(time !== null && { after: time }), clock, signal };
      for await (const next of replayFeed([candles], options)) {
        const gap = gaps.get(next.time);
        if (gap !== undefined) tell("gap", gap);
        taken++;
        yield next;
      }
    },
  };
}

function gapsOf(candles: Candles): Map<number, string> {
  const { findings } = checkCandles(candles);
  const gaps = findings.filter(({ kind }) => kind === "gap");
  return new Map(gaps.map(({ time, message }) => [
    time,
    `Before the bar of ${new Date(time).toISOString().slice(0, 16).replace("T", " ")}: ${message}`,
  ]));
}

async function liveSource(settings: OnlineSettings, { signal, tell }: SourceOptions): Promise<OnlineSource> {
  const { symbol, interval, category } = settings;
  const step = intervalMs(interval);
  const now = Date.now();
  return {
    title: `${symbol} ${interval} (${category}), live from Bybit`,
    // The bar that is open now is the first at whose close a position may be wanted.
    trader: await freshTrader({ symbol, interval }, settings, { periods: YEAR_MS / step, tradeFrom: now - step }),
    total: null,
    commitEvery: 1,
    feed: ({ time }) =>
      bybitFeed({
        symbols: [symbol],
        interval,
        category,
        start: time === null ? now - (WARM_UP_BARS + 80) * step : time + 1,
        ...bybitServers(),
        signal,
        onEvent: ({ kind, at, text }) => tell(kind, text, at),
      }),
  };
}

async function freshTrader(
  { symbol, interval }: MarketName,
  settings: OnlineSettings,
  market: { readonly periods: number; readonly tradeFrom?: number },
): Promise<Trader> {
  const { threshold, fee, slippage, stop, capital, risk } = settings;
  const rules = {
    initialCapital: capital,
    costs: { takerFee: fee, slippage },
    exits: stop > 0 ? { stop: { volatility: stop } } : {},
  };
  const { periods, ...from } = market;
  const names = [{ symbol, interval }];
  if (settings.run === "") {
    return openTrader(onlineInit(freshLearner(settings), names), { rules, sizing: { threshold }, ...from });
  }
  const forecaster = await forecasterOf(settings.run);
  const sizing: SizingOptions = forecaster.target.kind === "return"
    ? { threshold }
    : { sizing: { kind: "volatility", target: risk / Math.sqrt(periods) } };
  return openTrader(onlineInit(forecaster, names), { rules, sizing, ...from });
}

function freshLearner({ hidden, innerSteps, innerLr, members, seed }: OnlineSettings): OnlineConfig {
  const meta = metaGradient({
    net: mlp({ inputs: INPUTS, hidden: [hidden], outputs: 1 }),
    inner: { steps: innerSteps, lr: innerLr, weightDecay: WEIGHT_DECAY },
    learn: { params: false, lr: true, loss: true, weightDecay: true },
  });
  return onlineConfig({ meta, members, seed });
}

async function forecasterOf(id: string): Promise<Forecaster> {
  using store = await openRuns(runsDatabase());
  try {
    return (await trainedRun(store, id)).forecaster;
  } catch (error) {
    // What a page is answered with a status is said in the trader's log as it is.
    throw error instanceof HttpError ? new DataError(error.message) : error;
  }
}
