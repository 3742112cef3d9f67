import { assert, assertEquals, assertLess, assertNotEquals, assertRejects } from "@std/assert";
import { backtest } from "../../lib/backtest/backtest.ts";
import { backtestPortfolio } from "../../lib/backtest/backtest_portfolio.ts";
import {
  type RetrainedBacktest,
  type RetrainOptions,
  type RetrainProgress,
  retrainWalkForward,
} from "../../lib/backtest/retrain_walk_forward.ts";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { forwardReturns, type Labels } from "../../lib/features/labels.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { HOUR, randomWalk } from "../features/markets.ts";

const config = maml({
  net: mlp({ inputs: 10, hidden: [5], outputs: 1, activation: "tanh" }),
  inner: { steps: 2, lr: 0.05 },
  outer: { lr: 0.01 },
});
const MARKETS = [1, 2].map((seed) => randomWalk(420, seed));
const TARGET = randomWalk(420, 7, "TARGET");
const dateOf = (bar: number): number => TARGET.time[0] + bar * HOUR;
const DATES = [200, 270, 340].map(dateOf);
const SMALL = { supportRows: 20, queryRows: 10, batches: 6, tasks: 2, costRate: 0.0005, seed: 3 };

async function retrain(
  options: RetrainOptions = {},
  { markets = MARKETS, target = TARGET, retrainAt = DATES }: {
    readonly markets?: readonly Candles[];
    readonly target?: Candles;
    readonly retrainAt?: readonly number[];
  } = {},
): Promise<RetrainedBacktest> {
  await using engine = openNaiveEngine();
  return await retrainWalkForward(engine, { config, markets, target, retrainAt }, { ...SMALL, ...options });
}

/** The candles with every price from a bar on multiplied by something wild. */
function disturbed(candles: Candles, from: number): Candles {
  const change = (values: Float64Array): Float64Array =>
    values.map((price, i) => i < from ? price : price * (1.5 + Math.sin(i * i)));
  const { open, high, low, close } = candles;
  return { ...candles, open: change(open), high: change(high), low: change(low), close: change(close) };
}

Deno.test("retrainWalkForward() trains at each date on labels known before it, and trades every bar once", async () => {
  const { result, periods } = await retrain();
  assertEquals(periods.map(({ trainedAt }) => trainedAt), DATES);
  assertEquals(periods.map(({ from }) => from), DATES);
  for (const { trainedAt, lastKnownAt, state, loss } of periods) {
    assertEquals(lastKnownAt, trainedAt - HOUR);
    assertEquals(state.step, 6);
    assert(Number.isFinite(loss));
  }
  assertEquals(periods.map(({ decisions }) => decisions), [70, 70, 80]);
  assertEquals(result.decisionTime, TARGET.time.slice(200));
  assertEquals(result.time, TARGET.time.slice(201));
});

Deno.test("retrainWalkForward() keeps its books over a training: equity = initial + Σ pnl − Σ costs", async () => {
  const { result } = await retrain();
  const pnl = result.trades.reduce((sum, trade) => sum + trade.pnl, 0);
  const final = result.equity[result.equity.length - 1];
  assertLess(Math.abs(final - (result.initialCapital + pnl - result.costs)), 1e-6);
  assert(result.trades.length > 0);
});

Deno.test("retrainWalkForward() learns nothing from bars at or behind a date (traps 1 and 2)", async () => {
  const plain = await retrain();
  for (const [period, bar] of [[0, 200], [1, 270], [2, 340]]) {
    const changed = await retrain({}, {
      markets: MARKETS.map((market) => disturbed(market, bar)),
      target: disturbed(TARGET, bar),
    });
    for (let p = 0; p <= period; p++) assertEquals(changed.periods[p].state.params, plain.periods[p].state.params);
    assertEquals(changed.result.predictions.slice(0, bar - 200), plain.result.predictions.slice(0, bar - 200));
    assertNotEquals(changed.result.predictions, plain.result.predictions);
    if (period < 2) assertNotEquals(changed.periods[period + 1].state.params, plain.periods[period + 1].state.params);
  }
});

Deno.test("retrainWalkForward() forecasts in each period what backtest() does with that period's start", async () => {
  const { result, periods } = await retrain({ horizon: 3 });
  await using engine = openNaiveEngine();
  let at = 0;
  for (const [p, { state, from, decisions }] of periods.entries()) {
    const { supportRows, costRate } = SMALL;
    const to = periods[p + 1]?.from ?? Infinity;
    const alone = await backtest(engine, state, TARGET, { supportRows, costRate, horizon: 3, from, to });
    assertEquals(alone.predictions, result.predictions.slice(at, at += decisions));
  }
  assertEquals(at, result.predictions.length);
});

Deno.test("retrainWalkForward() is seeded, and warm starts go on from the start before", async () => {
  const [one, two, other, warm] = [
    await retrain(),
    await retrain(),
    await retrain({ seed: 4 }),
    await retrain({
      warmStart: true,
    }),
  ];
  assertEquals(one, two);
  assertNotEquals(one.periods[0].state.params, other.periods[0].state.params);
  assertEquals(warm.periods.map(({ state }) => state.step), [6, 12, 18]);
  assertEquals(warm.periods[0].state.params, one.periods[0].state.params);
});

Deno.test("retrainWalkForward() trains on a window of the time before each date", async () => {
  const plan = { retrainAt: [dateOf(340)] };
  const [window, begin] = [100 * HOUR, dateOf(240)];
  const wildBefore = (candles: Candles, horizon: number): Labels => {
    const labels = forwardReturns(candles, horizon);
    return { ...labels, values: labels.values.map((value, i) => labels.time[i] < begin ? 9 * Math.sin(i * i) : value) };
  };
  const paramsOf = async (options: RetrainOptions) => (await retrain(options, plan)).periods[0].state.params;
  assertEquals(await paramsOf({ window, labels: wildBefore }), await paramsOf({ window }));
  assertNotEquals(await paramsOf({ labels: wildBefore }), await paramsOf({}));
  await assertRejects(() => retrain({ window: 10 * HOUR }), DataError, "too short");
  await assertRejects(() => retrain({ window: 0 }), RangeError, "window");
});

Deno.test("retrainWalkForward() leaves out dates at which nothing could be decided yet", async () => {
  const { result, periods } = await retrain({}, { retrainAt: [dateOf(300), dateOf(5000)] });
  assertEquals(periods.length, 1);
  assertEquals(result.decisionTime[0], dateOf(300));
});

Deno.test("retrainWalkForward() reports progress and stops on a signal", async () => {
  const seen: RetrainProgress[] = [];
  await retrain({ onProgress: (progress) => seen.push(progress) });
  assertEquals(seen.filter(({ step }) => step === 6).map(({ period }) => period), [0, 1, 2]);
  assert(seen.every(({ periods, loss }) => periods === 3 && Number.isFinite(loss)));
  const stop = new AbortController();
  const reason = new Error("enough");
  const stopped = retrain({ signal: stop.signal, onProgress: ({ period }) => period === 1 && stop.abort(reason) });
  assertEquals(await stopped.catch((error) => error), reason);
});

Deno.test("retrainWalkForward() and backtestPortfolio() see an abort while they read markets, before the engine is asked", async () => {
  await using engine = openNaiveEngine();
  let asked = 0;
  const asking = ["adaptPredict", "metaGradient", "openTraining"];
  const counted = new Proxy(engine, {
    get: (of, name) => {
      if (asking.includes(String(name))) asked++;
      return Reflect.get(of, name);
    },
  });
  const long = randomWalk(20_000, 1, "LONG");
  const state = metaInit(config, { seed: 1 });
  const plan = { config, markets: [long], target: long, retrainAt: [long.time[10_000]] };
  for (
    const run of [
      (signal: AbortSignal) => retrainWalkForward(counted, plan, { ...SMALL, signal }),
      (signal: AbortSignal) => backtestPortfolio(counted, state, [long], { supportRows: 20, signal }),
    ]
  ) {
    const stop = new AbortController();
    setTimeout(() => stop.abort(new Error("enough")), 0);
    await assertRejects(() => run(stop.signal), Error, "enough");
    assertEquals(asked, 0);
  }
});

Deno.test("retrainWalkForward() refuses schedules and markets that cannot be traded honestly, and changes no input", async () => {
  await assertRejects(() => retrain({}, { retrainAt: [] }), RangeError, "at least 1 date");
  await assertRejects(() => retrain({}, { retrainAt: [DATES[1], DATES[0]] }), RangeError, "ascend");
  await assertRejects(() => retrain({ batches: 0 }), RangeError, "batches");
  await assertRejects(() => retrain({}, { retrainAt: [dateOf(40)] }), DataError, "too short");
  await assertRejects(() => retrain({}, { retrainAt: [dateOf(9000)] }), DataError, "TARGET");
  const daily = { ...MARKETS[0], interval: "1d" };
  await assertRejects(() => retrain({}, { markets: [daily] }), RangeError, "bars of 1d, expected 1h");
  const before = structuredClone([MARKETS, TARGET]);
  await retrain();
  assertEquals([MARKETS, TARGET], before);
});

Deno.test("retrainWalkForward() with one date is metaTrain() before it and backtest() from it", async () => {
  const { result, periods: [{ state }] } = await retrain({ warmStart: true }, { retrainAt: [DATES[1]] });
  await using engine = openNaiveEngine();
  const { supportRows, costRate } = SMALL;
  assertEquals(result, {
    ...await backtest(engine, state, TARGET, { supportRows, costRate, from: DATES[1] }),
    strategy: "meta-learned, retrained",
  });
});
