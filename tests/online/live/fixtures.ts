/** Made-up markets and a small trader for the tests of live trading. */
import { type Bar, candlesOf } from "../../../lib/data/bar.ts";
import type { Candles } from "../../../lib/data/candles.ts";
import type { Engine } from "../../../lib/engine/engine.ts";
import type { Clock } from "../../../lib/online/live/clock.ts";
import type { Moment } from "../../../lib/online/live/moment.ts";
import { paperTrade } from "../../../lib/online/live/paper_trader.ts";
import { openTrader, type Trader, type TraderOptions } from "../../../lib/online/live/trader.ts";
import type { TraderRecord } from "../../../lib/online/live/trader_step.ts";
import type { MetaConfig } from "../../../lib/meta/config.ts";
import { metaGradient } from "../../../lib/meta/presets.ts";
import { mlp } from "../../../lib/net/mlp.ts";
import { random } from "../../../lib/net/random.ts";
import { smallLearner } from "../fixtures.ts";
import { LAGS } from "../jump_stream.ts";

/** One bar in ms: the fixtures' markets have hourly bars. */
export const STEP = 3_600_000;
/** Open time of the first bar, ms UTC. */
export const FIRST = 1_700_006_400_000;

/** A market whose returns alternate, so that there is something to learn; prices have two decimals, as on the wire. */
export function liveMarket(symbol: string, bars: number, seed: number): Candles {
  const stream = random(seed);
  let close = 100;
  let last = 0;
  const made = Array.from({ length: bars }, (_, i): Bar => {
    const open = close;
    last = -0.6 * last + 0.01 * stream.normal();
    close = Math.round(close * (1 + last) * 100) / 100;
    const high = Math.round((Math.max(open, close) + 0.3 * stream.uniform()) * 100) / 100;
    const low = Math.round((Math.min(open, close) - 0.3 * stream.uniform()) * 100) / 100;
    return { time: FIRST + i * STEP, open, high, low, close, volume: Math.round(1000 * stream.uniform()) / 10 };
  });
  return candlesOf({ symbol, interval: "1h" }, made);
}

/** Costs of every kind, stops in units of volatility. */
export const OPTIONS: TraderOptions = {
  rules: {
    costs: { takerFee: 0.0005, makerFee: 0.0002, spread: 0.0002, rangeSlippage: 0.01, funding: { rate: 0.0001 } },
    exits: { stop: { volatility: 3, window: 6, trailing: true }, takeProfit: { volatility: 4, window: 6 } },
  },
  sizing: { sizing: { kind: "kelly", fraction: 0.5 } },
};

/** A trader before its first bar, of a learner of short windows. */
export function smallTrader(symbols: readonly string[], options: TraderOptions = OPTIONS): Trader {
  return openTrader(smallLearner({ members: 2 }, symbols), options);
}

/** Every record of a feed, and the trader at its end. */
export async function trade(
  engine: Engine,
  feed: AsyncIterable<Moment> | Iterable<Moment>,
  trader: Trader,
): Promise<{ records: TraderRecord[]; trader: Trader }> {
  const records: TraderRecord[] = [];
  for await (const step of paperTrade(engine, feed, { trader })) {
    records.push(step.record);
    ({ trader } = step);
  }
  return { records, trader };
}

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets time pass: those who wait for less are woken, in the order of their times. */
  advance(ms: number): void;
}

/** A clock that starts at `now`. */
export function manualClock(now: number): ManualClock {
  const waiting = new Set<{ readonly at: number; readonly wake: () => void }>();
  return {
    now: (): number => now,
    sleep: (ms: number, signal?: AbortSignal): Promise<void> =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const sleeper = { at: now + ms, wake: resolve };
        waiting.add(sleeper);
        signal?.addEventListener("abort", () => {
          waiting.delete(sleeper);
          reject(signal.reason);
        }, { once: true });
      }),
    advance(ms: number): void {
      now += ms;
      const due = [...waiting].filter(({ at }) => at <= now).sort((a, b) => a.at - b.at);
      for (const sleeper of due) {
        waiting.delete(sleeper);
        sleeper.wake();
      }
    },
  };
}

/** Waits, in real time, until something is so; `meanwhile` runs between looks. */
export async function until(what: string, isSo: () => boolean, meanwhile: () => void = () => {}): Promise<void> {
  for (let look = 0; !isSo(); look++) {
    if (look > 3000) throw new Error(`Waited in vain until ${what}`);
    meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** The market of the trader that is killed. */
export function killedMarket(bars: number): Candles {
  return liveMarket("BTCUSDT", bars, 77);
}

/** The trader that is killed, before its first bar: two hidden units, one inner step; all that can be learned is. */
export function killedTrader(): Trader {
  const meta: MetaConfig = metaGradient({
    net: mlp({ inputs: LAGS, hidden: [2], outputs: 1 }),
    inner: { steps: 1, lr: 0.05 },
    learn: { params: true, lr: true, loss: true },
  });
  return openTrader(smallLearner({ meta, trainRows: 6, validationRows: 3 }, ["BTCUSDT"]), OPTIONS);
}
