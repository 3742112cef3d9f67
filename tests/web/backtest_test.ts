/**
 * What a backtest is asked for, and what its thread keeps: the same figures as the library's own comparison. No browser.
 * @module
 */
import { backtest, compareBaselines, encodeState, metaInit, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { BacktestNews, BacktestOrder } from "../../web/server/backtest_worker.ts";
import { compareOptionsOf, DEFAULT_BACKTEST, parseBacktestRequest } from "../../web/server/backtest_request.ts";
import { type BacktestView, backtestView, summaryOf } from "../../web/server/backtest_view.ts";
import { DEFAULT_RUN } from "../../web/server/run_config.ts";
import { runMethod } from "../../web/server/run_plan.ts";
import { testWith } from "../permissions.ts";
import { ownDataFolder } from "./data_folder.ts";

const test = testWith("read", "write", "env");

await ownDataFolder("backtest");
const { keepBacktest, listBacktests, readBacktest, removeBacktest } = await import(
  "../../web/server/backtest_files.ts"
);

const WANTED = { run: "abc", market: "sample:NASDAQ" };

Deno.test("parseBacktestRequest() fills in the defaults and drops what it does not know", () => {
  const request = parseBacktestRequest({ ...WANTED, stranger: 1 });
  assertEquals(request, { ...DEFAULT_BACKTEST, ...WANTED });
});

Deno.test("parseBacktestRequest() throws on wrong types and on values out of range, naming the field", () => {
  for (const input of [null, [], "x", {}, { run: "", market: "m" }]) {
    assertThrows(() => parseBacktestRequest(input), TypeError, "Cannot backtest");
  }
  for (
    const [field, value] of [
      ["fee", -1],
      ["fee", NaN],
      ["every", 0.5],
      ["stop", "maybe"],
      ["sizing", "all"],
      [
        "steps",
        51,
      ],
      ["mode", "short"],
      ["stopDistance", 0],
    ] as const
  ) {
    assertThrows(() => parseBacktestRequest({ ...WANTED, [field]: value }), RangeError, field);
  }
  assertThrows(() => parseBacktestRequest({ ...WANTED, from: "yesterday" }), RangeError, "ISO date");
});

Deno.test("compareOptionsOf() turns each stop and size into the library's rules", () => {
  const options = (change: object) => compareOptionsOf(parseBacktestRequest({ ...WANTED, ...change }));
  assertEquals(options({}).exits, {});
  assertEquals(options({ stop: "fixed" }).exits, { stop: { fraction: 0.03, trailing: false } });
  assertEquals(options({ stop: "trailing", takeProfit: 0.1 }).exits, {
    stop: { fraction: 0.03, trailing: true },
    takeProfit: { fraction: 0.1 },
  });
  assertEquals(options({ stop: "volatility", stopDistance: 2 }).exits, { stop: { volatility: 2, trailing: false } });
  assertEquals(options({ sizing: "kelly", sizingScale: 0.5 }).sizing, { kind: "kelly", fraction: 0.5 });
  assertEquals(options({ sizing: "volatility" }).sizing, { kind: "volatility", target: 0.01 });
  assertEquals(options({ sizing: "proportional" }).sizing, { kind: "proportional", scale: 0.01 });
  assertEquals([options({}).steps, options({ steps: 0 }).steps], [undefined, 0]);
});

/** Hands an order to a thread of its own as the server does, and gives all that the thread says; its end comes last. */
async function runOrder(order: BacktestOrder): Promise<BacktestNews[]> {
  const worker = new Worker(new URL("../../web/server/backtest_worker.ts", import.meta.url), { type: "module" });
  const heard: BacktestNews[] = [];
  await new Promise<void>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<BacktestNews>) => {
      heard.push(data);
      if (data.kind === "ready") worker.postMessage(order);
      else if (data.kind !== "progress") resolve();
    };
  });
  worker.terminate();
  return heard;
}

test("the thread keeps what compareBaselines() gives: trades, equity, stops and figures of every strategy", async () => {
  const config = { ...DEFAULT_RUN, hidden: [8], markets: ["sample:SP500"] };
  const state = metaInit(runMethod(config, 10), { seed: 5 });
  const request = parseBacktestRequest({ ...WANTED, from: "2017-01-03", stop: "fixed", stopDistance: 0.01 });
  const heard = await runOrder({ id: "kept", request, config, runName: "a run", bytes: await encodeState(state) });
  assertEquals(heard.at(-1), { kind: "done" });
  const shares = heard.flatMap((news) => news.kind === "progress" ? [news.share] : []);
  assert(shares.length > 5 && shares.every((share, i) => share <= 1 && (i === 0 || share >= shares[i - 1])));

  const view: BacktestView = JSON.parse(new TextDecoder().decode((await readBacktest("kept", "view.json"))!));
  await using engine = await openEngine();
  const [candles] = await sampleMarkets({ symbols: ["NASDAQ"] });
  const { seed, supportRows, horizon } = config;
  const options = { ...compareOptionsOf(request), from: Date.parse(request.from), seed, supportRows, horizon };
  const expected = await backtest(engine, state, candles, options);
  assertEquals(view.trades, expected.trades as BacktestView["trades"]);
  assert(view.trades.some(({ exitReason }) => exitReason === "stop"));
  assertEquals(view.strategies[0].metrics.sharpe.value, expected.metrics.sharpe);
  assertEquals([view.time.length, view.stops.length, view.regimes.length], Array(3).fill(view.bars));
  assertEquals(view.chart.time.length, view.bars + 1);
  assertEquals(view.chart.time.slice(1), view.time);

  const [summary] = await listBacktests();
  assertEquals(summary, summaryOf(view));
  const csv = new TextDecoder().decode((await readBacktest("kept", "trades.csv"))!);
  assertEquals(csv.trimEnd().split("\r\n").length, 1 + view.trades.length);
  const fills = new TextDecoder().decode((await readBacktest("kept", "fills.csv"))!).trimEnd().split("\r\n");
  assertEquals(fills.length, 1 + expected.fills.length);
  await removeBacktest("kept");
  assertEquals([await listBacktests(), await readBacktest("kept", "view.json")], [[], null]);

  // The backtest is gone; that it was tried is not.
  assert(view.verdict.sentences.at(-1)!.includes(" over 4 trials"), view.verdict.sentences.at(-1));
  const second = parseBacktestRequest({ ...request, stopDistance: 0.02 });
  await runOrder({ id: "second", request: second, config, runName: "a run", bytes: await encodeState(state) });
  const after: BacktestView = JSON.parse(new TextDecoder().decode((await readBacktest("second", "view.json"))!));
  assert(/ over [56] trials/.test(after.verdict.sentences.at(-1)!), after.verdict.sentences.at(-1));
  assert(after.strategies[0].deflatedSharpe! < after.strategies[0].probabilisticSharpe!);
  await removeBacktest("second");
});

test("the thread refuses in words to test on bars before the end of training", async () => {
  const config = { ...DEFAULT_RUN, hidden: [8], markets: ["sample:SP500"] };
  const state = metaInit(runMethod(config, 10), { seed: 5 });
  const request = parseBacktestRequest({ ...WANTED, from: "2001-01-02" });
  const bytes = await encodeState(state);
  const news = (await runOrder({ id: "refused", request, config, runName: "a run", bytes })).at(-1)!;
  assert(news.kind === "failed" && news.message.includes("trained and selected on bars before"));
  assertEquals(await readBacktest("refused", "view.json"), null);
});

test("readBacktest() and removeBacktest() refuse names that lead out of their folder", async () => {
  for (const id of ["..", "../runs.sqlite", "", "/etc"]) {
    let refused: unknown;
    await readBacktest(id, "view.json").catch((error) => refused = error);
    assert(refused instanceof RangeError, id);
    await removeBacktest(id).then(() => assert(false, id), (error) => assert(error instanceof RangeError));
  }
});

test("backtestView() leaves the comparison as it was", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const [candles] = await sampleMarkets({ symbols: ["NASDAQ"] });
  const metaLearned = metaInit(runMethod({ ...DEFAULT_RUN, hidden: [4] }, 10), { seed: 1 });
  const options = { from: Date.UTC(2018, 6), supportRows: 10, shuffles: 20, resamples: 100 };
  const comparison = await compareBaselines(engine, { metaLearned }, candles, options);
  const before = structuredClone(comparison);
  const request = parseBacktestRequest(WANTED);
  const view = backtestView(comparison, candles, { id: "x", createdAt: 1, request, runName: "a run" });
  assertEquals(comparison, before);
  assertEquals(view.equity.length, comparison.strategies.length);
  await keepBacktest(view, { report: "r", trades: "t", fills: "f" });
  assertEquals((await listBacktests())[0].id, "x");
});
