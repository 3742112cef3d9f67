import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError } from "../../../lib/data/candles.ts";
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { type Moment, momentsOf } from "../../../lib/online/live/moment.ts";
import { paperTrade } from "../../../lib/online/live/paper_trader.ts";
import { replayFeed } from "../../../lib/online/live/replay_feed.ts";
import { openTrader } from "../../../lib/online/live/trader.ts";
import { decodeTrader, encodeTrader } from "../../../lib/online/live/trader_snapshot.ts";
import { type TraderRecord, type TraderStep, traderStep } from "../../../lib/online/live/trader_step.ts";
import { stepAccount } from "../../../lib/trading/account.ts";
import { smallLearner } from "../fixtures.ts";
import { FIRST, liveMarket, manualClock, OPTIONS, smallTrader, STEP, trade } from "./fixtures.ts";

const engine = openNaiveEngine();
const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
const MARKETS = SYMBOLS.map((symbol, i) => liveMarket(symbol, 70, 20 + i));

Deno.test("traderStep() fills at a bar's open what was decided at the close before it, and at no other", async () => {
  const { records } = await trade(engine, momentsOf(MARKETS), smallTrader(SYMBOLS, { rules: {} }));
  let fills = 0;
  records.forEach(({ time, fills: made, bars }, i) => {
    for (const { market, price, time: at } of made) {
      const bar = bars.find(({ symbol }) => symbol === market)!.bar;
      assertEquals([price, at], [bar.open, time]);
      // A flip is two fills: the last one reaches what was wanted.
      const last = made.findLast((fill) => fill.market === market)!;
      const { wanted } = records[i - 1].positions.find(({ symbol }) => symbol === market)!;
      assertAlmostEquals(last.to, wanted, 1e-12);
      fills++;
    }
  });
  assert(fills > 20, `${fills} fills`);
});

Deno.test("traderStep() keeps the account that the backtest's own steps give", async () => {
  const { records, trader } = await trade(engine, momentsOf(MARKETS), smallTrader(SYMBOLS));
  let account = smallTrader(SYMBOLS).account;
  records.forEach(({ bars }, i) => {
    const before = records[i - 1]?.positions ?? [];
    const orders = bars.map(({ symbol, bar }) => {
      const target = before.find((position) => position.symbol === symbol)?.wanted ?? 0;
      const closes = MARKETS[SYMBOLS.indexOf(symbol)].close.subarray(Math.max(0, i - 7), i);
      const returns = Array.from(closes.subarray(1), (close, k) => close / closes[k] - 1);
      const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
      const squares = returns.reduce((sum, value) => sum + (value - mean) ** 2, 0);
      const volatility = returns.length === 6 ? Math.sqrt(squares / 5) : 0;
      return { market: symbol, bar, interval: STEP, target, volatility };
    });
    ({ account } = stepAccount(account, orders, OPTIONS.rules));
  });
  assert(Math.abs(account.equity - trader.account.equity) < 1e-6, `${account.equity}, ${trader.account.equity}`);
  assert(trader.account.equity !== 10_000);
});

Deno.test("traderStep() wants nothing before tradeFrom and learns all the same", async () => {
  const tradeFrom = FIRST + 50 * STEP;
  const early = await trade(engine, momentsOf(MARKETS), smallTrader(SYMBOLS));
  const late = await trade(engine, momentsOf(MARKETS), smallTrader(SYMBOLS, { ...OPTIONS, tradeFrom }));
  assertEquals(late.trader.online, early.trader.online);
  const wanted = (records: typeof late.records, before: boolean): boolean =>
    records.some(({ time, positions }) => time < tradeFrom === before && positions.some(({ wanted }) => wanted !== 0));
  assertEquals([wanted(early.records, true), wanted(late.records, true), wanted(late.records, false)], [
    true,
    false,
    true,
  ]);
});

Deno.test("traderStep() lets a market without a bar be", async () => {
  const [one, two] = [...momentsOf(MARKETS)].slice(40, 42);
  let trader = smallTrader(SYMBOLS);
  for (const moment of [...momentsOf(MARKETS)].slice(0, 41)) ({ trader } = await traderStep(engine, trader, moment));
  const { trader: next, record } = await traderStep(engine, trader, { ...two, bars: two.bars.slice(0, 1) });
  assertEquals(record.positions.map(({ symbol }) => symbol), ["BTCUSDT"]);
  assertEquals(record.predictions.map(({ symbol }) => symbol), ["BTCUSDT"]);
  assertEquals(next.wishes.ETHUSDT, trader.wishes.ETHUSDT);
  assertEquals(next.account.holdings.ETHUSDT.time, one.time);
});

Deno.test("traderStep() holds nothing across a hole behind which another instrument may trade", async () => {
  const moments = [...momentsOf(MARKETS)];
  let trader = smallTrader(SYMBOLS, { rules: { costs: {} } });
  for (const moment of moments.slice(0, 45)) ({ trader } = await traderStep(engine, trader, moment));
  const held = trader.account.holdings.BTCUSDT;
  assert(held.units !== 0, "the trader holds something to begin with");
  const later = (change: number) => {
    const [{ symbol, bar }] = moments[45].bars;
    const scaled = Object.fromEntries(Object.entries(bar).map(([name, value]) => [name, change * value]));
    const time = bar.time + 500 * STEP;
    return { time, bars: [{ symbol, bar: { ...bar, ...scaled, volume: bar.volume, time } }] };
  };
  const { record } = await traderStep(engine, trader, later(10));
  assertEquals(record.fills.map(({ price, quantity, reason }) => [price, quantity, reason]), [
    [held.close, -held.units, "hole"],
  ]);
  const { record: same } = await traderStep(engine, trader, later(1.2));
  assert(same.fills.every(({ reason }) => reason !== "hole"));
});

Deno.test("traderStep() leaves the trader before it as it was, and refuses a moment that is not later", async () => {
  let trader = smallTrader(SYMBOLS);
  const moments = [...momentsOf(MARKETS)];
  for (const moment of moments.slice(0, 45)) ({ trader } = await traderStep(engine, trader, moment));
  const before = encodeTrader(trader);
  await traderStep(engine, trader, moments[45]);
  assertEquals(encodeTrader(trader), before);
  await assertRejects(() => traderStep(engine, trader, moments[44]), RangeError, "expected a moment after");
});

Deno.test("decodeTrader() gives the trader that was encoded, which goes on bit for bit", async () => {
  const fresh = smallTrader(SYMBOLS);
  const whole = await trade(engine, momentsOf(MARKETS), fresh);
  let { trader } = await trade(engine, [...momentsOf(MARKETS)].slice(0, 50), fresh);
  const read = decodeTrader(fresh, encodeTrader(trader));
  assertEquals(read, trader);
  const rest = await trade(engine, momentsOf(MARKETS, { after: trader.time! }), read);
  assertEquals(rest.records, whole.records.slice(50));
  ({ trader } = rest);
  assertEquals(encodeTrader(trader), encodeTrader(whole.trader));
});

Deno.test("decodeTrader() keeps when the saved trader began to trade", () => {
  for (const tradeFrom of [FIRST, -Infinity, Infinity]) {
    const text = encodeTrader(smallTrader(SYMBOLS, { ...OPTIONS, tradeFrom }));
    assertEquals(decodeTrader(smallTrader(SYMBOLS, { ...OPTIONS, tradeFrom: 5 }), text).settings.tradeFrom, tradeFrom);
  }
});

Deno.test("decodeTrader() throws on what is no trader, or one of other settings, markets or layout", () => {
  const fresh = smallTrader(SYMBOLS);
  const text = encodeTrader(fresh);
  const reject = (other: typeof fresh, saved: string, message: string): void => {
    assertThrows(() => decodeTrader(other, saved), DataError, message);
  };
  reject(fresh, "{", "expected JSON");
  reject(fresh, "{}", "expected a saved trader");
  reject(fresh, text.replace('"version":2', '"version":7'), "format version 2, received 7");
  reject(smallTrader(SYMBOLS, { rules: {} }), text, "expected the settings");
  reject(smallTrader(["BTCUSDT", "SOLUSDT"]), text, "expected the settings");
  reject(openTrader(smallLearner({ horizon: 2, members: 2 }, SYMBOLS), OPTIONS), text, "received one of another");
});

Deno.test("openTrader() throws on options out of range", () => {
  const learner = smallLearner();
  assertThrows(() => openTrader(learner, { weight: 0 }), RangeError, "weight");
  assertThrows(() => openTrader(learner, { tradeFrom: NaN }), RangeError, "tradeFrom");
  assertThrows(() => openTrader(learner, { volatilityWindow: 7 }), RangeError, "below the learner's history of 7");
  assertThrows(
    () => openTrader(learner, { rules: { exits: { stop: { volatility: 2, window: 4 } } }, volatilityWindow: 5 }),
    RangeError,
    "that of the exits, 4",
  );
  assertThrows(
    () => openTrader(learner, { sizing: { sizing: { kind: "kelly", fraction: 2 } } }),
    RangeError,
    "fraction",
  );
  assertThrows(() => openTrader(learner, { rules: { initialCapital: 0 } }), RangeError, "initialCapital");
});

Deno.test("paperTrade() never acts twice on a bar that its feed repeats", async () => {
  const moments = [...momentsOf(MARKETS)];
  const repeated = [...moments.slice(0, 30), ...moments.slice(10, 30), ...moments.slice(5)];
  const { records, trader } = await trade(engine, repeated, smallTrader(SYMBOLS));
  assertEquals(records.map(({ time }) => time), moments.map(({ time }) => time));
  assertEquals(trader.moments, moments.length);
});

Deno.test("paperTrade() writes before it hands on, and what it has lived through when its feed fails", async () => {
  const moments = [...momentsOf(MARKETS)].slice(0, 10);
  const failing = function* (): Generator<typeof moments[0]> {
    yield* moments;
    throw new Error("on purpose");
  };
  const written: number[] = [];
  const log = {
    commit: (steps: readonly TraderStep[]): number => written.push(...steps.map(({ record }) => record.time)),
  };
  let handedOn = 0;
  await assertRejects(
    async () => {
      for await (const _ of paperTrade(engine, failing(), { trader: smallTrader(SYMBOLS), log, commitEvery: 4 })) {
        handedOn++;
        assertEquals(written.length, 4 * Math.ceil(handedOn / 4));
      }
    },
    Error,
    "on purpose",
  );
  assertEquals(handedOn, 8);
  assertEquals(written, moments.map(({ time }) => time));
  await assertRejects(
    () => paperTrade(engine, moments, { trader: smallTrader(SYMBOLS), commitEvery: 0 }).next(),
    RangeError,
    "commitEvery",
  );
});

Deno.test("replayFeed() keeps the market's time, divided by the speed", async () => {
  const slept: number[] = [];
  const clock = { ...manualClock(0), sleep: (ms: number): Promise<void> => Promise.resolve(void slept.push(ms)) };
  const holed = { ...MARKETS[0], time: MARKETS[0].time.map((time, i) => i < 3 ? time : time + STEP) };
  const times: number[] = [];
  for await (const { time } of replayFeed([holed], { speed: 3600, clock })) times.push(time);
  assertEquals(times, [...holed.time]);
  assertEquals(slept.slice(0, 4), [1000, 1000, 2000, 1000]);
});

Deno.test("replayFeed() stops when asked to, and refuses a bad speed or a market given twice", async () => {
  const ended = new AbortController();
  const feed = replayFeed(MARKETS, { signal: ended.signal });
  await feed.next();
  ended.abort(new DOMException("Enough", "AbortError"));
  await assertRejects(() => feed.next(), DOMException, "Enough");
  await assertRejects(() => replayFeed(MARKETS, { speed: -1 }).next(), RangeError, "speed");
  await assertRejects(() => replayFeed([MARKETS[0], MARKETS[0]]).next(), RangeError, "different markets");
});

/** Moments of the markets, of which those in [from, to) were missed. */
function missedBetween(from: number, to: number): Moment[] {
  return [...momentsOf(MARKETS)].map((moment, i) => i >= from && i < to ? { ...moment, lived: false } : moment);
}

Deno.test("traderStep() fills nothing in bars that were missed, nor in the first behind them, and learns from all", async () => {
  const fresh = smallTrader(SYMBOLS);
  const always = await trade(engine, momentsOf(MARKETS), fresh);
  const away = await trade(engine, missedBetween(40, 55), fresh);
  assertEquals(away.trader.online, always.trader.online);
  assertEquals(away.records.slice(0, 40), always.records.slice(0, 40));
  assert(always.records.slice(40, 56).some(({ fills }) => fills.length > 0), "there was something to trade");
  const missed = away.records.slice(40, 56);
  assertEquals(missed.map(({ lived }) => lived), Array.from({ length: 16 }, (_, i) => i === 15));
  assertEquals(missed.flatMap(({ fills, closed }) => [...fills, ...closed]), []);
  // What is held is marked to market all the same.
  assert(new Set(missed.map(({ equity }) => equity)).size > 10, "the equity moves");
  const units = (record: TraderRecord) => record.positions.map(({ held }) => held === 0);
  assertEquals(missed.map(units), Array(16).fill(units(away.records[39])));
  // The first decision that trades is that of the first moment that was handed out in time, at index 55: filled at 56.
  assert(away.records.slice(56).some(({ fills }) => fills.length > 0));
});

Deno.test("a trader that stops in time and goes on late fills nothing in the bar that it did not live to see", async () => {
  const { trader } = await trade(engine, [...momentsOf(MARKETS)].slice(0, 40), smallTrader(SYMBOLS));
  assert(trader.lived && Object.values(trader.wishes).some(({ position }) => position !== 0));
  const again = decodeTrader(smallTrader(SYMBOLS), encodeTrader(trader));
  const { records } = await trade(engine, missedBetween(40, 50).slice(40), again);
  assertEquals(records.slice(0, 11).flatMap(({ fills }) => fills), []);
});
