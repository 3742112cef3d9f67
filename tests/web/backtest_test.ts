/**
 * What a backtest is asked for, and what its thread keeps: the same figures as the library's own comparison. No browser.
 * @module
 */
import { compareForecasts, compareResults, judgeForecasts, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
import { encodeForecaster } from "@adaptrade/adaptrade/forecast";
import { holdAtRisk, tradeReturns } from "@adaptrade/adaptrade/backtest";
import { assert, assertEquals, assertThrows } from "@std/assert";
import { completeView } from "../../web/components/earlier_backtest.ts";
import { FieldError } from "../../web/server/field_error.ts";
import type { BacktestNews, BacktestOrder } from "../../web/server/backtest_worker.ts";
import { DEFAULT_BACKTEST, parseBacktestRequest, tradingOptionsOf } from "../../web/server/backtest_request.ts";
import { type BacktestView, backtestView, summaryOf } from "../../web/server/backtest_view.ts";
import { dataFolder } from "../../web/server/paths.ts";
import { testWith } from "../permissions.ts";
import { ownDataFolder } from "./data_folder.ts";
import { quickTraining } from "./stored_run.ts";

const test = testWith("read", "write", "env");

await ownDataFolder("backtest");
const { keepBacktest, listBacktests, readBacktest, removeBacktest } = await import(
  "../../web/server/backtest_files.ts"
);

const WANTED = { run: "abc", market: "sample:NASDAQ" };

Deno.test("parseBacktestRequest() fills in the defaults and refuses what it does not know", () => {
  assertEquals(parseBacktestRequest(WANTED), { ...DEFAULT_BACKTEST, ...WANTED });
  const error = assertThrows(() => parseBacktestRequest({ ...WANTED, stranger: 1 }), FieldError, "stopDistance");
  assertEquals(error.field, "stranger");
});

Deno.test("parseBacktestRequest() throws on wrong types and on values out of range, naming the field", () => {
  for (const input of [null, [], "x"]) {
    assertThrows(() => parseBacktestRequest(input), TypeError, "Cannot backtest");
  }
  for (const input of [{}, { run: "", market: "m" }, { run: 1, market: "m" }]) {
    assertEquals(assertThrows(() => parseBacktestRequest(input), FieldError, "Cannot backtest").field, "run");
  }
  for (
    const [field, value] of [
      ["fee", -1],
      ["fee", NaN],
      ["every", 0.5],
      ["stop", "maybe"],
      ["sizing", "all"],
      ["risk", 0],
      ["mode", "short"],
      ["reentry", "never"],
      ["stopDistance", 0],
    ] as const
  ) {
    assertEquals(assertThrows(() => parseBacktestRequest({ ...WANTED, [field]: value }), FieldError).field, field);
  }
  for (const from of ["yesterday", "2015", "2015-02-31", "2015-13-01", "2015-01-31T00:00"]) {
    const error = assertThrows(() => parseBacktestRequest({ ...WANTED, from }), FieldError, "“Test from” to be a date");
    assertEquals(error.field, "from");
  }
});

Deno.test("tradingOptionsOf() turns each stop and size into the library's rules; sizes and thresholds are of returns alone", () => {
  const options = (change: object) => tradingOptionsOf(parseBacktestRequest({ ...WANTED, ...change }), "return");
  assertEquals(options({}).exits, {});
  assertEquals(options({ stop: "fixed" }).exits, { stop: { fraction: 0.03, trailing: false } });
  assertEquals(options({ stop: "trailing", takeProfit: 0.1 }).exits, {
    stop: { fraction: 0.03, trailing: true },
    takeProfit: { fraction: 0.1 },
  });
  assertEquals(options({ stop: "volatility", stopDistance: 2 }).exits, { stop: { volatility: 2, trailing: false } });
  assertEquals(options({ takeProfit: 0.1, reentry: "bar" }).exits, {
    takeProfit: { fraction: 0.1 },
    reentry: "bar",
  });
  assertEquals(options({ sizing: "kelly", sizingScale: 0.5 }).sizing, { kind: "kelly", fraction: 0.5 });
  assertEquals(options({ sizing: "volatility" }).sizing, { kind: "volatility", target: 0.01 });
  assertEquals(options({ sizing: "proportional" }).sizing, { kind: "proportional", scale: 0.01 });
  const held = tradingOptionsOf(parseBacktestRequest(WANTED), "logVolatility");
  assertEquals(["sizing" in held, "threshold" in held, "mode" in held], [false, false, false]);
});

/** Hands an order to a thread of its own as the server does, and gives all that the thread says; its end comes last. */
async function runOrder(order: BacktestOrder): Promise<BacktestNews[]> {
  const worker = new Worker(new URL("../../web/server/backtest_worker.ts", import.meta.url), { type: "module" });
  const heard: BacktestNews[] = [];
  await new Promise<void>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<BacktestNews>) => {
      heard.push(data);
      if (data.kind === "ready") worker.postMessage(order);
      else if (data.kind === "done" || data.kind === "failed") resolve();
    };
  });
  worker.terminate();
  return heard;
}

/** An order for a run that was trained quickly. */
async function orderOf(id: string, change: object, target?: "return"): Promise<BacktestOrder> {
  const { config, forecaster } = await quickTraining(target);
  const request = parseBacktestRequest({ ...WANTED, from: "2017-01-03", ...change });
  return {
    id,
    request,
    config,
    runName: "a run",
    bytes: await encodeForecaster(forecaster),
    judged: null,
    folder: dataFolder(),
  };
}

/** What the library's own comparison gives for an order. */
async function expectedOf({ request, config }: BacktestOrder) {
  const { forecaster, markets: others } = await quickTraining(config.target === "return" ? "return" : undefined);
  const [market] = await sampleMarkets({ symbols: ["NASDAQ"] });
  const options = tradingOptionsOf(request, config.target);
  const plan = { market, others, from: Date.parse(request.from), seed: config.seed, options, alone: true };
  await using engine = await openEngine();
  return config.target === "return"
    ? await tradeReturns(engine, forecaster, plan)
    : (await holdAtRisk(engine, forecaster, { ...plan, risk: request.risk })).results;
}

async function viewOf(id: string): Promise<BacktestView> {
  return JSON.parse(new TextDecoder().decode((await readBacktest(id, "view.json"))!));
}

test("the thread keeps what holdAtRisk() gives: trades, equity, stops and figures of every strategy", async () => {
  const order = await orderOf("kept", { stop: "fixed", stopDistance: 0.01, risk: 0.2 });
  const heard = await runOrder(order);
  assertEquals(heard.at(-1), { kind: "done" });
  const shares = heard.flatMap((news) => news.kind === "progress" ? [news.share] : []);
  assert(shares.length > 5 && shares.every((share, i) => share <= 1 && (i === 0 || share >= shares[i - 1])));

  const view = await viewOf("kept");
  const [expected, ...others] = await expectedOf(order);
  assertEquals(view.strategies.map(({ name }) => name), [expected, ...others].map(({ strategy }) => strategy));
  assertEquals(view.trades, expected.trades as BacktestView["trades"]);
  assert(view.trades.some(({ exitReason }) => exitReason === "stop"));
  assertEquals(view.strategies[0].metrics.sharpe.value, expected.metrics.sharpe);
  assertEquals([view.time.length, view.stops.length, view.regimes.length], Array(3).fill(view.bars));
  assertEquals(view.chart.time.length, view.bars + 1);
  assertEquals(view.chart.time.slice(1), view.time);

  // The tear sheet opens with what the forecasts are worth, and says the capital.
  const report = new TextDecoder().decode((await readBacktest("kept", "report.html"))!);
  const { forecaster, markets: pool } = await quickTraining();
  const [market] = await sampleMarkets({ symbols: ["NASDAQ"] });
  await using engine = await openEngine();
  const worth = await compareForecasts(engine, forecaster, [market], { pool, from: Date.parse(order.request.from) });
  const [sentence] = judgeForecasts(worth).sentences;
  const [opening, rest] = report.split('<section id="market-1">');
  assert(opening.includes(sentence.replaceAll("<", "&#60;").replaceAll("'", "&#39;")), opening.slice(-3000));
  assert(opening.includes("<dt>Capital</dt><dd>10,000</dd>") && rest.includes("After costs"));

  const [summary] = await listBacktests();
  assertEquals(summary, summaryOf(view));
  const csv = new TextDecoder().decode((await readBacktest("kept", "trades.csv"))!);
  assertEquals(csv.trimEnd().split("\r\n").length, 1 + view.trades.length);
  const fills = new TextDecoder().decode((await readBacktest("kept", "fills.csv"))!).trimEnd().split("\r\n");
  assertEquals(fills.length, 1 + expected.fills.length);
  await removeBacktest("kept");
  assertEquals([await listBacktests(), await readBacktest("kept", "view.json")], [[], null]);

  // The backtest is gone; that it was tried is not.
  assert(view.verdict.sentences.at(-1)!.includes(" over 5 trials"), view.verdict.sentences.at(-1));
  // What was said of the forecasts is handed on to a backtest of the very same ones, and to no other.
  const [judged] = heard.flatMap((news) => news.kind === "judged" ? [news.judged] : []);
  const noted = { ...judged, report: { ...judged.report!, notes: ["said before"] } };
  const again = await runOrder({
    ...await orderOf("second", { stop: "fixed", stopDistance: 0.02, risk: 0.2 }),
    judged: noted,
  });
  assertEquals(again.at(-1), { kind: "done" });
  const isHandedOn = async (id: string) =>
    new TextDecoder().decode((await readBacktest(id, "report.html"))!).includes("said before");
  assertEquals(await isHandedOn("second"), true);
  const later = await runOrder({ ...await orderOf("later", { from: "2018-01-02" }), judged: noted });
  assertEquals(later.at(-1), { kind: "done" });
  assertEquals(await isHandedOn("later"), false);
  await removeBacktest("later");
  const after = await viewOf("second");
  assert(/ over ([6-9]|10) trials/.test(after.verdict.sentences.at(-1)!), after.verdict.sentences.at(-1));
  assert(after.strategies[0].deflatedSharpe! < after.strategies[0].probabilisticSharpe!);
  await removeBacktest("second");
});

test("the thread trades a forecaster of returns by tradeReturns(), holding and saying zero beside it", async () => {
  const order = await orderOf("returns", { threshold: 0.0005 }, "return");
  assertEquals((await runOrder(order)).at(-1), { kind: "done" });
  const view = await viewOf("returns");
  const results = await expectedOf(order);
  assertEquals(view.strategies.map(({ name }) => name), [
    "return forecast, shrunk",
    "pretrained + fine-tuned",
    "from scratch",
    "zero predictor",
    "buy and hold",
  ]);
  assertEquals(view.strategies.map(({ trades }) => trades), results.map(({ trades }) => trades.length));
  await removeBacktest("returns");
});

Deno.test("completeView() fills in what earlier versions did not keep, and changes nothing that they did", () => {
  const { reentry: _later, ...older } = DEFAULT_BACKTEST;
  const kept = Object.freeze({ id: "x", capital: 5, request: Object.freeze({ ...WANTED, ...older }) });
  const { capital, fills, request } = completeView(kept as unknown as BacktestView);
  assertEquals([capital, fills, request], [5, [], { ...WANTED, ...DEFAULT_BACKTEST, reentry: "signal" }]);
  const { request: asked } = completeView({ ...kept, request: { ...request, reentry: "bar" } } as BacktestView);
  assertEquals(asked.reentry, "bar");
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
  const order = await orderOf("x", { from: "2018-07-02" });
  const [candles] = await sampleMarkets({ symbols: ["NASDAQ"] });
  const comparison = compareResults(await expectedOf(order), candles, { shuffles: 20, resamples: 100 });
  const before = structuredClone(comparison);
  const request = parseBacktestRequest(WANTED);
  const view = backtestView(comparison, candles, {
    id: "x",
    createdAt: 1,
    request,
    runName: "a run",
    target: "logVolatility",
  });
  assertEquals(comparison, before);
  assertEquals(view.equity.length, comparison.strategies.length);
  await keepBacktest(view, { report: "r", trades: "t", fills: "f" });
  assertEquals((await listBacktests())[0].id, "x");
});
