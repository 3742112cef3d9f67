import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { assert, assertEquals, assertNotEquals, assertRejects } from "@std/assert";
import { DataError } from "../../../lib/data/candles.ts";
import { random } from "../../../lib/net/random.ts";
import { bybitFeed } from "../../../lib/online/live/bybit_feed.ts";
import type { BybitFeedOptions } from "../../../lib/online/live/bybit_feed_state.ts";
import type { FeedEvent } from "../../../lib/online/live/feed_events.ts";
import { type Moment, momentsOf } from "../../../lib/online/live/moment.ts";
import { paperTrade } from "../../../lib/online/live/paper_trader.ts";
import { encodeTrader } from "../../../lib/online/live/trader_snapshot.ts";
import type { TraderStep } from "../../../lib/online/live/trader_step.ts";
import { envelope } from "../../data/bybit_server.ts";
import { klineMessage, serveBybit } from "./bybit_server.ts";
import { FIRST, liveMarket, manualClock, smallTrader, STEP, trade, until } from "./fixtures.ts";
import { testWith } from "../../permissions.ts";
import { barsIn, kinds, live } from "./live_feed.ts";

const test = testWith("net");

const engine = openNaiveEngine();

test("bybitFeed() gives history, then closed bars alone, without a hole between them", async () => {
  const market = liveMarket("BTCUSDT", 12, 1);
  const { server, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  for (let i = 5; i < 12; i++) {
    server.sendBar("BTCUSDT", i, { closed: false });
    server.now += STEP;
    server.sendBar("BTCUSDT", i);
  }
  await until("all bars are here", () => moments.length === 12);
  assertEquals((await stop() as Error).message, "Enough");
  assertEquals(barsIn(moments, "BTCUSDT"), market);
  assertEquals(kinds(events), ["connected", "refilled"]);
  assertEquals(server.queries.length, 1);
});

test("bybitFeed() refills a bar that closed before the stream was subscribed and after REST was asked", async () => {
  const market = liveMarket("BTCUSDT", 8, 1);
  const { server, moments, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.now += 2 * STEP; // bars 5 and 6 close unheard
  server.sendBar("BTCUSDT", 7);
  server.now += STEP;
  await until("all bars are here", () => moments.length === 8);
  await stop();
  assertEquals(barsIn(moments, "BTCUSDT"), market);
});

test("bybitFeed() begins at a bar and not with the one that contains an earlier start", async () => {
  const market = liveMarket("BTCUSDT", 6, 1);
  const { moments, stop } = live([market], 6, { start: FIRST + 2 * STEP + 1 });
  await until("history is here", () => moments.length === 3);
  await stop();
  assertEquals(moments.map(({ time }) => time), [3, 4, 5].map((i) => FIRST + i * STEP));
});

test("bybitFeed() pings every 20 s and stays on a connection that answers", async () => {
  const { server, clock, moments, events, stop } = live([liveMarket("BTCUSDT", 3, 1)], 3);
  await until("history is here", () => moments.length === 3);
  for (let pings = 1; pings <= 6; pings++) {
    clock.advance(19_999);
    assertEquals(server.pings, pings - 1);
    clock.advance(1);
    await until("the ping is answered", () => server.pings === pings);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await stop();
  assertEquals(kinds(events), ["connected", "refilled"]);
});

test("bybitFeed() notices a connection that is dead for ten minutes, makes another and refills what it missed", async () => {
  const market = liveMarket("BTCUSDT", 9, 1);
  const { server, clock, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.stall();
  server.now += 2 * STEP;
  server.sendBar("BTCUSDT", 5); // nobody hears it
  for (let passed = 0; passed < 600_000; passed += 10_000) {
    clock.advance(10_000);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await until("it is connected again", () => server.subscriptions === 2, () => clock.advance(500));
  await until("the hole is filled", () => moments.length === 7);
  server.now += STEP;
  server.sendBar("BTCUSDT", 7);
  await until("bars come again", () => moments.length === 8);
  await stop();
  const dead = events.find(({ kind }) => kind === "disconnected");
  assertEquals(dead?.text, "nothing heard for 60000 ms");
  assertEquals([...barsIn(moments, "BTCUSDT").time], [...market.time.subarray(0, 8)]);
});

test("bybitFeed() waits longer and longer before it connects again, the same for the same seed", async () => {
  const waits = async (seed: number): Promise<number[]> => {
    const asked: number[] = [];
    const ended = new AbortController();
    const sleep = (ms: number, signal?: AbortSignal): Promise<void> => {
      if (ms === 60_000) {
        return new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)));
      }
      asked.push(ms);
      if (asked.length === 8) ended.abort(new DOMException("Enough", "AbortError"));
      return Promise.resolve();
    };
    const nobody = { streamUrl: "ws://127.0.0.1:1", clock: { now: (): number => FIRST, sleep } };
    const feed = bybitFeed({ symbols: ["BTCUSDT"], interval: "60", start: 0, seed, signal: ended.signal, ...nobody });
    await assertRejects(() => feed.next(), DOMException, "Enough");
    return asked;
  };
  const [first, again, other] = [await waits(1), await waits(1), await waits(2)];
  first.forEach((wait, i) => {
    const whole = Math.min(60_000, 1000 * 2 ** i);
    assert(wait >= 0.5 * whole && wait < whole, `wait ${i} is ${wait}`);
  });
  assertEquals(again, first);
  assertNotEquals(other, first);
});

test("bybitFeed() holds back later bars until REST, which fails at first, has filled the hole", async () => {
  const market = liveMarket("BTCUSDT", 8, 1);
  const { server, clock, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.faults.push(
    ...Array.from(
      { length: 7 },
      (_, i) => () =>
        i % 2 === 0 ? new Response("down", { status: 503 }) : envelope(10006, "Too many visits!", {}, server.now),
    ),
  );
  server.now += 3 * STEP;
  server.sendBar("BTCUSDT", 7);
  await until("REST is asked", () => server.queries.length >= 2);
  assertEquals(moments.length, 5);
  await until("the hole is filled", () => moments.length === 8, () => clock.advance(2000));
  await stop();
  assertEquals(barsIn(moments, "BTCUSDT"), market);
  assert(kinds(events).includes("refill failed"));
});

test("bybitFeed() asks REST for another market's lagging bar, and goes on without it when it does not exist", async () => {
  const [long, short] = [liveMarket("BTCUSDT", 8, 1), liveMarket("ETHUSDT", 6, 2)];
  const { server, clock, moments, stop } = live([long, short], 5);
  await until("history is here", () => moments.length === 5);
  server.now += STEP;
  server.sendBar("BTCUSDT", 5);
  await until("REST has the other bar", () => moments.length === 6, () => clock.advance(500));
  assertEquals(moments[5].bars.map(({ symbol }) => symbol), ["BTCUSDT", "ETHUSDT"]);
  const asked = server.queries.length;
  server.now += STEP;
  server.sendBar("BTCUSDT", 6);
  await until("it goes on without", () => moments.length === 7, () => clock.advance(500));
  assertEquals(moments[6].bars.map(({ symbol }) => symbol), ["BTCUSDT"]);
  assertEquals(server.queries.length - asked, 3 * 2);
  await stop();
});

test("bybitFeed() asks REST for a bar that is overdue on a connection that is alive", async () => {
  const market = liveMarket("BTCUSDT", 6, 1);
  const { server, clock, moments, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.now += STEP;
  // Pings are answered all the while; the topic alone is dead.
  await until("the bar is here", () => moments.length === 6, () => clock.advance(15_000));
  await stop();
  assertEquals(barsIn(moments, "BTCUSDT"), market);
});

test("bybitFeed() skips what makes no sense and says so", async () => {
  const market = liveMarket("BTCUSDT", 7, 1);
  const { server, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  const good = klineMessage(market, [5], { closed: true, now: server.now + STEP });
  const bad = [
    "{",
    "[]",
    "null",
    '{"hello":1}',
    good.replace("kline.60.", "tickers."),
    good.replace('"data":[', '"data":{"a":[').replace("],", "]},"),
    good.replace(`"open":"${market.open[5]}"`, '"open":"NaN"'),
    good.replace(`"close":"${market.close[5]}"`, '"close":"-1"'),
    good.replace(`"high":"${market.high[5]}"`, '"high":"1"'),
    good.replace('"confirm":true', '"confirm":"true"'),
    good.replace(`"ts":${server.now + STEP}`, `"ts":${market.time[5] - 1}`),
  ];
  bad.forEach((text) => server.send(text));
  server.send(good.replaceAll("BTCUSDT", "DOGEUSDT"));
  server.send(good.replace(String(market.time[5]), String(market.time[5] + 60_000)));
  server.sendBar("BTCUSDT", 4);
  server.now += STEP;
  server.send(good);
  server.send(good);
  server.now += STEP;
  server.sendBar("BTCUSDT", 6);
  await until("the good ones are here", () => moments.length === 7);
  await stop();
  assertEquals(barsIn(moments, "BTCUSDT"), market);
  const count = (kind: string): number => kinds(events).filter((one) => one === kind).length;
  // The second of two alike is a duplicate, or late where the first was handed out before it came.
  assertEquals([count("malformed"), count("foreign"), count("late") + count("duplicate")], [bad.length, 2, 2]);
  assertEquals(count("disconnected"), 0);
});

test("bybitFeed() throws when Bybit refuses the subscription, an unknown symbol or bad options", async () => {
  const refused = live([liveMarket("BTCUSDT", 3, 1)], 3);
  refused.server.refusal = "error:handler not found,topic:kline.60.BTCUSDT";
  const error = await refused.outcome;
  await refused.stop();
  assert(error instanceof DataError && error.message.includes("handler not found"), String(error));

  const unknown = live([liveMarket("BTCUSDT", 3, 1)], 3, { symbols: ["NONESUCH"] });
  const missing = await unknown.outcome;
  await unknown.stop();
  assert(missing instanceof DataError && missing.message.includes("unknown symbol"), String(missing));

  const open = (options: Partial<BybitFeedOptions>) => () =>
    bybitFeed({ symbols: ["BTCUSDT"], interval: "60", start: 0, ...options }).next();
  await assertRejects(open({ symbols: [] }), TypeError, "expected symbols");
  await assertRejects(open({ symbols: ["A", "A"] }), RangeError, "different symbols");
  await assertRejects(open({ interval: "7m" }), RangeError, "interval");
  await assertRejects(open({ start: NaN }), RangeError, "start");
  await assertRejects(open({ pingEvery: 0 }), RangeError, "pingEvery");
});

test("a paper trader decides alike, bit for bit, on a stream full of faults and on a replay of the same bars", async () => {
  const symbols = ["BTCUSDT", "ETHUSDT"];
  const bars = 130;
  const markets = symbols.map((symbol, i) => liveMarket(symbol, bars, 10 + i));
  const history = 40;
  const fresh = smallTrader(symbols);
  const now = FIRST + history * STEP;
  await using server = serveBybit(markets, now);
  const clock = manualClock(now);
  const ended = new AbortController();
  const events: FeedEvent[] = [];
  const feed = bybitFeed({
    symbols,
    interval: "60",
    start: FIRST,
    streamUrl: server.stream,
    baseUrl: server.rest,
    clock,
    signal: ended.signal,
    onEvent: (event) => events.push(event),
  });
  const steps: TraderStep[] = [];
  const moments: Moment[] = [];
  async function* watched(): AsyncGenerator<Moment> {
    for await (const moment of feed) {
      moments.push(moment);
      yield moment;
    }
  }
  const trading = (async () => {
    for await (const step of paperTrade(engine, watched(), { trader: fresh })) steps.push(step);
  })();
  const outcome = trading.catch((error) => error);
  await until("history is lived through", () => steps.length === history);

  const stream = random(99);
  const nudge = (): void => clock.advance(250);
  for (let i = history; i < bars; i++) {
    server.now += STEP;
    const order = stream.uniform() < 0.5 ? [0, 1] : [1, 0];
    const fault = stream.integer(9);
    if (fault === 1) server.send("{not json");
    if (fault === 2) symbols.forEach((symbol) => server.sendBar(symbol, i - 1 - stream.integer(5)));
    if (fault === 3) server.disconnect();
    if (fault === 4) server.faults.push(() => new Response("<html>", { status: 502 }));
    if (fault === 5) {
      server.stall();
      for (let passed = 0; passed < 600_000; passed += 10_000) {
        clock.advance(10_000);
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
    }
    for (const k of order) {
      if (fault === 6 || (fault === 7 && k === 1)) continue; // unheard: neither, or one of them
      server.sendBar(symbols[k], i, { closed: false });
      server.sendBar(symbols[k], i);
      if (fault === 8) { for (let again = 0; again < 3; again++) server.sendBar(symbols[k], i); }
    }
    await until("it is connected", () => server.listeners > 0, nudge);
    // A bar that nobody heard is left to the next one's arrival; whatever else came must be acted on by itself.
    if (fault !== 6) await until(`bar ${i} is acted on (fault ${fault})`, () => steps.length > i, nudge);
  }
  await until("all is acted on", () => steps.length === bars, () => clock.advance(15_000));
  ended.abort(new DOMException("Enough", "AbortError"));
  assertEquals((await outcome as Error).message, "Enough");

  // The same bars played back, those that were missed marked as such; what was lived was traded.
  const lived = new Map(moments.map(({ time, lived }) => [time, lived]));
  const played = [...momentsOf(markets)].map((one) => lived.get(one.time) === false ? { ...one, lived: false } : one);
  const replayed = await trade(engine, played, fresh);
  assert(replayed.records.some(({ closed }) => closed.length > 0), "the replay should trade");
  assertEquals(
    moments.slice(0, history).map((one) => one.lived !== false),
    moments.slice(0, history).map((_, i) => i === history - 1),
  );
  assertEquals(steps.map(({ record }) => record), replayed.records);
  assertEquals(encodeTrader(steps[steps.length - 1].trader), encodeTrader(replayed.trader));
  const seen = new Set(kinds(events));
  for (const kind of ["connected", "disconnected", "refilled", "malformed", "late"] as const) {
    assert(seen.has(kind), kind);
  }
});
