// fetchBybit() against a local server that answers as Bybit documents, its errors included.
import { assertEquals, assertRejects } from "@std/assert";
import { fetchBybit, type FetchBybitOptions, type FetchProgress } from "../../lib/data/bybit.ts";
import { sleepFor } from "../../lib/data/bybit_request.ts";
import { DataError } from "../../lib/data/candles.ts";
import { envelope, type KlineRequest, priceAt, serveKlines } from "./bybit_server.ts";
import { testWith } from "../permissions.ts";

const test = testWith("net");

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const NOW = START + 5000 * HOUR + 1234;

/** A request for `bars` hourly bars, with a sleep that only notes how long it was asked to wait. */
function ask(baseUrl: string, bars: number, more: Partial<FetchBybitOptions> = {}): {
  readonly options: FetchBybitOptions;
  readonly waits: number[];
} {
  const waits: number[] = [];
  const sleep = (ms: number): Promise<void> => {
    waits.push(ms);
    return Promise.resolve();
  };
  const end = START + bars * HOUR;
  return { options: { symbol: "BTCUSDT", interval: "1h", start: START, end, baseUrl, sleep, ...more }, waits };
}

/** A server that answers the first requests otherwise. */
function failing(times: number, response: (request: KlineRequest) => Response): ReturnType<typeof serveKlines> {
  return serveKlines({ now: NOW, fault: (request) => request.index < times ? response(request) : undefined });
}

test("fetchBybit() returns bars oldest first, as numbers (trap 10)", async () => {
  await using server = serveKlines({ now: NOW });
  const candles = await fetchBybit(ask(server.url, 3).options);
  const time = Float64Array.of(START, START + HOUR, START + 2 * HOUR);
  const open = time.map(priceAt);
  assertEquals(candles, {
    symbol: "BTCUSDT",
    interval: "1h",
    time,
    open,
    high: open.map((p) => p + 1),
    low: open.map((p) => p - 1),
    close: open.map((p) => p + 0.5),
    volume: open.map(() => 3.25),
  });
  assertEquals(Object.fromEntries(server.queries[0]), {
    category: "linear",
    symbol: "BTCUSDT",
    interval: "60",
    start: String(START),
    end: String(START + 3 * HOUR - 1),
    limit: "1000",
  });
});

test("fetchBybit() walks windows of at most 1,000 bars and tells its progress (trap 10)", async () => {
  await using server = serveKlines({ now: NOW });
  const progress: FetchProgress[] = [];
  const candles = await fetchBybit(ask(server.url, 2500, { onProgress: (step) => progress.push(step) }).options);
  assertEquals(candles.time, Float64Array.from({ length: 2500 }, (_, i) => START + i * HOUR));
  assertEquals(progress, [
    { fetched: 1000, total: 2500, from: START, to: START + 1000 * HOUR },
    { fetched: 2000, total: 2500, from: START + 1000 * HOUR, to: START + 2000 * HOUR },
    { fetched: 2500, total: 2500, from: START + 2000 * HOUR, to: START + 2500 * HOUR },
  ]);
});

test("fetchBybit() drops the bar that merely contains an unaligned start (trap 10)", async () => {
  await using server = serveKlines({ now: NOW });
  const short = await fetchBybit(ask(server.url, 4, { start: START + 1 }).options);
  assertEquals(short.time, Float64Array.of(START + HOUR, START + 2 * HOUR, START + 3 * HOUR));
  const candles = await fetchBybit(ask(server.url, 1500, { start: START + 1 }).options);
  assertEquals(candles.time, Float64Array.from({ length: 1499 }, (_, i) => START + (i + 1) * HOUR));
});

test("fetchBybit() drops the open bar by the server's clock and stops there (trap 10)", async () => {
  await using server = serveKlines({ now: START + 10 * HOUR + 1 });
  const candles = await fetchBybit(ask(server.url, 5000).options);
  assertEquals(candles.time.length, 10);
  assertEquals(server.queries.length, 1);
  await using full = serveKlines({ now: START + 10 * HOUR });
  assertEquals((await fetchBybit(ask(full.url, 5000).options)).time.length, 10);
});

test("fetchBybit() walks over windows before a listing, and returns none where there are none (trap 10)", async () => {
  await using server = serveKlines({ now: NOW, listed: START + 2100 * HOUR });
  const candles = await fetchBybit(ask(server.url, 2200).options);
  assertEquals(candles.time, Float64Array.from({ length: 100 }, (_, i) => START + (2100 + i) * HOUR));
  assertEquals((await fetchBybit(ask(server.url, 50).options)).time.length, 0);
});

test("fetchBybit() takes Bybit's codes, dates, Date objects and another category", async () => {
  await using server = serveKlines({ now: NOW });
  const { options } = ask(server.url, 0);
  const range = { start: "2024-01-01", end: new Date(Date.UTC(2024, 0, 4)) };
  const candles = await fetchBybit({ ...options, ...range, interval: "D", category: "spot" });
  assertEquals([candles.interval, candles.time.length], ["1d", 3]);
  assertEquals(server.queries[0].get("category"), "spot");
});

test("fetchBybit() holds each bar once when windows overlap", async () => {
  const row = (t: number): string[] => [t, 1, 2, 1, 1, 5, 5].map(String);
  await using server = failing(2, () => {
    const times = [START + 1000 * HOUR, START + 999 * HOUR, START + 999 * HOUR];
    return envelope(0, "OK", { list: times.map(row) }, NOW);
  });
  const candles = await fetchBybit(ask(server.url, 2000).options);
  assertEquals(candles.time, Float64Array.of(START + 999 * HOUR, START + 1000 * HOUR));
});

test("fetchBybit() waits twice as long after each rate limit in the body (10006)", async () => {
  await using server = failing(3, () => envelope(10006, "Too many visits!", {}, NOW));
  const { options, waits } = ask(server.url, 5);
  assertEquals((await fetchBybit(options)).time.length, 5);
  assertEquals(waits, [500, 1000, 2000]);
});

test("fetchBybit() waits as long as Bybit says after HTTP 429, 30 s at most", async () => {
  const limited = (ms: number): Response =>
    new Response("{}", {
      status: 429,
      headers: { "X-Bapi-Limit-Reset-Timestamp": String(NOW + ms), Timenow: String(NOW) },
    });
  await using server = failing(3, ({ index }) => limited([700, 90_000, -5][index]));
  const { options, waits } = ask(server.url, 5);
  assertEquals((await fetchBybit(options)).time.length, 5);
  assertEquals(waits, [700, 30_000, 2000]);
});

test("fetchBybit() tries again after HTTP 500 and after cut-off JSON", async () => {
  await using server = failing(2, ({ index }) => {
    return index === 0 ? new Response("oops", { status: 500 }) : new Response('{"retCode":0,"result":{"list":[["17');
  });
  const { options, waits } = ask(server.url, 5);
  assertEquals((await fetchBybit(options)).time.length, 5);
  assertEquals(waits.length, 2);
});

test("fetchBybit() gives up after its retries", async () => {
  await using limited = failing(Infinity, () => envelope(10006, "Too many visits!", {}, NOW));
  const first = ask(limited.url, 5, { retries: 2 });
  await assertRejects(() => fetchBybit(first.options), DataError, '10006 "Too many visits!"; gave up after 3 tries');
  assertEquals(limited.queries.length, 3);
  await using cut = failing(Infinity, () => new Response('{"retCode":0,'));
  await assertRejects(() => fetchBybit(ask(cut.url, 5, { retries: 0 }).options), DataError, "broken or cut-off text");
});

const FINAL: readonly (readonly [string, () => Response, string])[] = [
  ["HTTP 403", () => new Response("{}", { status: 403 }), "does not serve this region, or this address made too many"],
  ["HTTP 404", () => new Response("{}", { status: 404 }), "HTTP 404"],
  ["HTML", () => new Response("<!DOCTYPE html><title>Blocked</title>"), "expected JSON, got HTML"],
  ["another JSON", () => Response.json([1]), "expected an answer with retCode"],
  ["a retCode with HTTP 200", () => envelope(10002, "The request time exceeds the time window", {}, NOW), "10002"],
  ["no list", () => envelope(0, "OK", {}, NOW), "expected result.list"],
  [
    "a row with text",
    () => envelope(0, "OK", { list: [["1", "x", "1", "1", "1", "1", "1"]] }, NOW),
    "expected rows of",
  ],
  ["a short row", () => envelope(0, "OK", { list: [["1", "1"]] }, NOW), "expected rows of"],
  ["no server time", () => Response.json({ retCode: 0, retMsg: "OK", result: { list: [] } }), "server's time"],
];

for (const [what, response, message] of FINAL) {
  test(`fetchBybit() throws on ${what} at once (trap 10)`, async () => {
    await using server = failing(1, response);
    const { options, waits } = ask(server.url, 5);
    await assertRejects(() => fetchBybit(options), DataError, message);
    assertEquals(waits, []);
  });
}

test("fetchBybit() throws on an unknown symbol, naming it", async () => {
  await using server = serveKlines({ now: NOW });
  const { options } = ask(server.url, 5, { symbol: "NONESUCH" });
  const error = await assertRejects(() => fetchBybit(options), DataError, "unknown symbol");
  assertEquals(error.message.includes("NONESUCH 1h (linear)"), true);
});

test("fetchBybit() throws on a server that is down", async () => {
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const { port } = listener.addr;
  listener.close();
  const { options, waits } = ask(`http://127.0.0.1:${port}`, 5, { retries: 2 });
  await assertRejects(() => fetchBybit(options), DataError, `http://127.0.0.1:${port} cannot be reached`);
  assertEquals(waits, [500, 1000]);
});

test("fetchBybit() stops between windows when aborted", async () => {
  await using server = serveKlines({ now: NOW });
  const controller = new AbortController();
  const stop = new Error("enough");
  const { options } = ask(server.url, 5000, { signal: controller.signal, onProgress: () => controller.abort(stop) });
  assertEquals(await assertRejects(() => fetchBybit(options)), stop);
  assertEquals(server.queries.length, 1);
});

test("fetchBybit() stops while it waits to try again when aborted", async () => {
  const controller = new AbortController();
  await using server = failing(Infinity, () => {
    queueMicrotask(() => setTimeout(() => controller.abort(), 20));
    return envelope(10006, "Too many visits!", {}, NOW);
  });
  const { options } = ask(server.url, 5, { signal: controller.signal, sleep: (_, signal) => sleepFor(1e8, signal) });
  await assertRejects(() => fetchBybit(options), DOMException, "abort");
});

test("fetchBybit() stops during a request when aborted, and at once when aborted before", async () => {
  const controller = new AbortController();
  await using server = failing(1, () => {
    setTimeout(() => controller.abort(), 20);
    return new Response(new ReadableStream<Uint8Array>());
  });
  const { options } = ask(server.url, 5, { signal: controller.signal });
  await assertRejects(() => fetchBybit(options), DOMException, "abort");
  await assertRejects(() => fetchBybit(options), DOMException, "abort");
  assertEquals(server.queries.length, 1);
});

Deno.test("fetchBybit() throws on a bad interval, date, range and symbol before it asks", async () => {
  const { options } = ask("http://127.0.0.1:9", 5);
  await assertRejects(() => fetchBybit({ ...options, interval: "7m" }), RangeError, 'got "7m"');
  await assertRejects(() => fetchBybit({ ...options, interval: "M" }), RangeError, 'got "M"');
  await assertRejects(
    () => fetchBybit({ ...options, start: "soon" }),
    RangeError,
    'start must be ms, a Date or an ISO date, got "soon"',
  );
  await assertRejects(() => fetchBybit({ ...options, end: NaN }), RangeError, "end must be");
  await assertRejects(() => fetchBybit({ ...options, start: START / 1000 }), RangeError, "are they seconds?");
  await assertRejects(() => fetchBybit({ ...options, end: START }), RangeError, "start must be before end");
  await assertRejects(() => fetchBybit({ ...options, symbol: "" }), TypeError, "symbol must be a name");
});
