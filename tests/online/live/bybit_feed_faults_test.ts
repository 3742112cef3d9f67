import { assertEquals } from "@std/assert";
import type { FeedEvent } from "../../../lib/online/live/feed_events.ts";
import { envelope } from "../../data/bybit_server.ts";
import { FIRST, liveMarket, manualClock, STEP, until } from "./fixtures.ts";
import { testWith } from "../../permissions.ts";
import { barsIn, live } from "./live_feed.ts";

const test = testWith("net");

function textsOf(events: readonly FeedEvent[], kind: string): string[] {
  return events.filter((event) => event.kind === kind).map(({ text }) => text);
}

test("bybitFeed() asks again where an answer lacks a bar that the stream proves closed, empty or behind", async () => {
  const market = liveMarket("BTCUSDT", 9, 1);
  const { server, clock, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.now += 2 * STEP;
  server.faults.push(() => envelope(0, "OK", { list: [] }, server.now)); // bar 5 was missed, and one answer is empty
  server.sendBar("BTCUSDT", 6);
  await until("bars 5 and 6 are here", () => moments.length === 7, () => clock.advance(50));
  server.now += 2 * STEP;
  const behind = server.now - 3 * STEP; // an answer that stops two bars before the stream
  server.faults.push(() => {
    const now = server.now;
    server.now = behind;
    const rows = [6].map((i) =>
      [market.time[i], market.open[i], market.high[i], market.low[i], market.close[i], market.volume[i], 1].map(String)
    );
    server.now = now;
    return envelope(0, "OK", { list: rows }, now);
  });
  server.sendBar("BTCUSDT", 8);
  await until("all bars are here", () => moments.length === 9, () => clock.advance(50));
  await stop();
  assertEquals(barsIn(moments, "BTCUSDT"), market);
  assertEquals(textsOf(events, "refill failed").length, 2);
  assertEquals(textsOf(events, "missing"), []);
});

test("bybitFeed() gives a bar up aloud when every answer lacks it", async () => {
  const market = liveMarket("BTCUSDT", 8, 1);
  const { server, clock, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.now += 2 * STEP;
  for (let i = 0; i < 3; i++) server.faults.push(() => envelope(0, "OK", { list: [] }, server.now));
  server.sendBar("BTCUSDT", 6);
  await until("bar 6 is here", () => moments.length === 6, () => clock.advance(1000));
  await stop();
  assertEquals(moments.at(-1)!.time, market.time[6]);
  const time = new Date(market.time[5]).toISOString();
  assertEquals(textsOf(events, "missing"), [`BTCUSDT: the bar of ${time} did not come and is given up`]);
});

test("bybitFeed() goes on with the other markets when one is delisted, and takes it up again when it comes back", async () => {
  const markets = ["BTCUSDT", "LUNAUSDT"].map((symbol, i) => liveMarket(symbol, 14, 30 + i));
  const { server, clock, moments, events, stop } = live(markets, 5);
  await until("history is here", () => moments.length === 5);
  const advance = (): void => clock.advance(1000);
  for (let i = 5; i < 10; i++) {
    server.now += STEP;
    // From now on REST knows the market no more, and the stream is silent about it.
    server.gone.add("LUNAUSDT");
    server.sendBar("BTCUSDT", i);
    await until(`bar ${i} is here`, () => moments.length === i + 1, advance);
  }
  assertEquals(moments.slice(5).map(({ bars }) => bars.map(({ symbol }) => symbol)), Array(5).fill(["BTCUSDT"]));
  assertEquals(textsOf(events, "gone"), ["LUNAUSDT: Bybit does not know it any more; the others go on"]);
  server.gone.clear();
  server.now += STEP;
  server.sendBar("LUNAUSDT", 10);
  server.sendBar("BTCUSDT", 10);
  await until("both are here", () => moments.length === 11, advance);
  await stop();
  assertEquals(moments[10].bars.map(({ symbol }) => symbol), ["BTCUSDT", "LUNAUSDT"]);
});

test("bybitFeed() leaves a market behind that answers, but brings no bars any more", async () => {
  const markets = ["BTCUSDT", "ETHUSDT"].map((symbol, i) => liveMarket(symbol, 14, 30 + i));
  const { server, clock, moments, events, stop } = live(markets, 5);
  await until("history is here", () => moments.length === 5);
  server.silent.add("ETHUSDT");
  for (let i = 5; i < 12; i++) {
    server.now += STEP;
    server.sendBar("BTCUSDT", i);
    await until(`bar ${i} is here`, () => moments.length === i + 1, () => clock.advance(1000));
  }
  await stop();
  assertEquals(textsOf(events, "missing").length, 3);
  assertEquals(textsOf(events, "gone"), ["ETHUSDT: it brings no bars any more; the others go on"]);
});

test("bybitFeed() survives a subscription that is refused on reconnecting, and one that is never answered", async () => {
  const market = liveMarket("BTCUSDT", 8, 1);
  const { server, clock, moments, events, stop } = live([market], 5);
  await until("history is here", () => moments.length === 5);
  server.refusal = "too many visits";
  server.disconnect();
  await until("it is refused", () => textsOf(events, "refused").length > 0, () => clock.advance(100));
  server.refusal = undefined;
  await until("it is connected again", () => server.listeners > 0, () => clock.advance(1000));
  server.mute = true;
  server.disconnect();
  const unanswered = (): boolean => textsOf(events, "disconnected").some((text) => text.includes("no answer"));
  // Slower than a socket opens, or it would be given up before it is subscribed.
  await until("the silence is noticed", unanswered, () => clock.advance(500));
  server.mute = false;
  await until("it is connected once more", () => server.listeners > 0, () => clock.advance(1000));
  server.now += STEP;
  server.sendBar("BTCUSDT", 5);
  await until("bar 5 is here", () => moments.length === 6, () => clock.advance(100));
  await stop();
  assertEquals(moments.at(-1)!.time, market.time[5]);
});

test("bybitFeed() subscribes market by market where one of them is refused on reconnecting", async () => {
  const markets = ["BTCUSDT", "LUNAUSDT"].map((symbol, i) => liveMarket(symbol, 8, 30 + i));
  const { server, clock, moments, events, stop } = live(markets, 5);
  await until("history is here", () => moments.length === 5);
  server.gone.add("LUNAUSDT");
  server.disconnect();
  await until("it is connected again", () => server.listeners > 0, () => clock.advance(100));
  server.now += STEP;
  server.sendBar("BTCUSDT", 5);
  await until("bar 5 is here", () => moments.length === 6, () => clock.advance(1000));
  await stop();
  assertEquals(moments.at(-1)!.bars.map(({ symbol }) => symbol), ["BTCUSDT"]);
  assertEquals(textsOf(events, "refused").length, 2); // all at once, then the one
});

test("bybitFeed() waits by time that has passed: a clock that is set forth or back changes nothing", async () => {
  const market = liveMarket("BTCUSDT", 9, 1);
  const steady = manualClock(FIRST + 5 * STEP);
  let offset = 0;
  const clock = { now: () => steady.now() + offset, elapsed: () => steady.now(), sleep: steady.sleep };
  const { server, moments, events, stop } = live([market], 5, { clock });
  await until("history is here", () => moments.length === 5);
  for (const [i, set] of [[5, -50 * STEP], [6, 90 * STEP], [7, 0]]) {
    offset = set;
    server.now += STEP;
    server.sendBar("BTCUSDT", i);
    await until(`bar ${i} is here`, () => moments.length === i + 1, () => steady.advance(10));
  }
  offset = -50 * STEP;
  server.now += STEP;
  // Nobody sends bar 8: overdue by the time that has passed, it is asked for.
  await until("bar 8 is here", () => moments.length === 9, () => {
    steady.advance(15_000);
    server.send(JSON.stringify({ op: "pong" }));
  });
  await stop();
  assertEquals(textsOf(events, "disconnected"), []);
  assertEquals(barsIn(moments, "BTCUSDT"), market);
});
