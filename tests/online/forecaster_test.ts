import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { quickForecaster, sharedForecaster, simulatedPool, sliceBars } from "../forecast/fixtures.ts";
import { expectedVolatility } from "../../lib/forecast/mod.ts";
import {
  decodeOnline,
  decodeTrader,
  encodeOnline,
  encodeTrader,
  momentsOf,
  type OnlineForecaster,
  type OnlinePrediction,
  type TraderRecord,
} from "../../lib/online/mod.ts";
import {
  backtest,
  type Candles,
  DataError,
  type Engine,
  forecast,
  type Forecaster,
  observe,
  onlineInit,
  openEngine,
  openTrader,
  paperTrade,
  type Trader,
  updateAndPredict,
} from "../../mod.ts";

/** Follows markets to their end; forecasts are made where `when` says so. */
async function follow(
  engine: Engine,
  state: OnlineForecaster,
  markets: readonly Candles[],
  when: (moment: number) => boolean,
): Promise<{ state: OnlineForecaster; predictions: OnlinePrediction[] }> {
  const predictions: OnlinePrediction[] = [];
  let i = 0;
  for (const { bars } of momentsOf(markets)) {
    for (const { symbol, bar } of bars) state = observe(state, bar, { symbol });
    if (!when(i++)) continue;
    const made = await updateAndPredict(engine, state);
    assertEquals(made.outcome, "idle");
    ({ state } = made);
    predictions.push(...made.predictions);
  }
  return { state, predictions };
}

async function trade(
  engine: Engine,
  markets: readonly Candles[],
  trader: Trader,
): Promise<{ trader: Trader; records: TraderRecord[] }> {
  const records: TraderRecord[] = [];
  for await (const step of paperTrade(engine, momentsOf(markets), { trader })) {
    records.push(step.record);
    ({ trader } = step);
  }
  return { trader, records };
}

/** Made to adapt and to take sides, whatever validation found. */
function daring(forecaster: Forecaster): Forecaster {
  return { ...forecaster, steps: 3, shrinkage: 1 };
}

Deno.test("a forecaster that follows markets bar by bar forecasts what forecast() does of their history, to the bit", async () => {
  const { engine, pool, forecaster: found } = await sharedForecaster();
  const forecaster = daring(found);
  // Longer than what is kept of it: a forecast must not rest on what was forgotten.
  const markets = pool.slice(0, 2).map((market) => sliceBars(market, 0, 520));
  const start = onlineInit(forecaster, markets);
  assert(start.config.history < 480, `${start.config.history} bars are kept`);
  const { state, predictions } = await follow(engine, start, markets, (i) => i < 30 || i >= 500);
  for (const market of markets) {
    const said = await forecast(engine, forecaster, market, { others: markets });
    const at = (time: number): number => said.time.indexOf(time);
    const made = predictions.filter(({ symbol }) => symbol === market.symbol);
    assertEquals(made.length, 50);
    assertEquals(made.map(({ value }) => value), made.map(({ time }) => said.value[at(time)]));
    assertEquals(made.map(({ spread }) => spread), made.map(({ time }) => said.spread[at(time)]));
    assertEquals(made.map(({ limited }) => limited), made.map(({ time }) => said.limited[at(time)] === 1));
    const adapted = made.filter(({ time, value }) => value !== said.unadapted[at(time)]);
    assert(adapted.length >= 20, `${adapted.length} forecasts are adapted`);
    const { score } = state.markets.find(({ symbol }) => symbol === market.symbol)!;
    const judged = made.filter(({ time }) => !Number.isNaN(said.labels[at(time)]));
    const loss = judged.reduce(
      (sum, { time, value }) => sum + ((value - said.labels[at(time)]) / forecaster.scaler.labelScale) ** 2,
      0,
    );
    assertEquals(score.count, 49);
    assertAlmostEquals(score.lossSum, loss, 1e-9 * loss);
  }
});

Deno.test("what a forecaster has followed is saved, and read for that forecaster alone", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const markets = [sliceBars(pool[0], 0, 60)];
  const { state } = await follow(engine, onlineInit(forecaster, markets), markets, () => true);
  const read = decodeOnline(state.config, encodeOnline(state));
  assertEquals(read, state);
  const other = onlineInit({ ...forecaster, shrinkage: forecaster.shrinkage / 2 }, markets);
  assertThrows(() => decodeOnline(other.config, encodeOnline(state)), DataError, "one of another");
});

Deno.test("onlineInit() refuses markets of another bar length, and options that a forecaster has not", async () => {
  const { forecaster } = await sharedForecaster();
  assertThrows(() => onlineInit(forecaster, [{ symbol: "X", interval: "1w" }]), DataError, "received X at 1w");
  const market = { symbol: "X", interval: forecaster.interval };
  assertThrows(() => onlineInit(forecaster, [market], { history: 1 }), RangeError, "received 1");
  assertThrows(() => onlineInit(forecaster, [market], { params: new Float32Array(1) } as object), TypeError, "params");
});

Deno.test("a paper trader of a forecaster of returns wants and earns what its backtest does, through a restart too", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const pool = simulatedPool(2, { bars: 500 });
  const forecaster = daring(
    await quickForecaster(engine, pool, {
      target: { kind: "return", horizon: 2 },
      seeds: 1,
      testFrom: pool[0].time[400],
    }),
  );
  const market = sliceBars(pool[0], 0, 120);
  const rules = { costs: { takerFee: 0.0005, slippage: 0.0002 }, initialCapital: 5000 };
  const options = { rules, sizing: { threshold: 1e-4 }, tradeFrom: market.time[60] };
  const fresh = openTrader(onlineInit(forecaster, [market]), options);
  const { records, trader } = await trade(engine, [market], fresh);
  const result = await backtest(engine, forecaster, market, {
    ...rules,
    threshold: 1e-4,
    from: market.time[60],
    others: [market],
  });
  const lived = records.slice(60);
  assertEquals(lived.map(({ predictions }) => predictions[0].value), [...result.predictions]);
  assertEquals(lived.map(({ positions }) => positions[0].wanted), [...result.wanted]);
  assert(new Set(result.wanted).size > 1, "it takes one side alone");
  assertEquals(lived.slice(1).map(({ equity }) => equity), [...result.equity]);

  const half = await trade(engine, [sliceBars(market, 0, 90)], fresh);
  const again = await trade(engine, [market], decodeTrader(fresh, encodeTrader(half.trader)));
  assertEquals([...half.records, ...again.records], records);
  assertEquals(encodeTrader(again.trader), encodeTrader(trader));
});

Deno.test("a paper trader of a forecaster of volatility holds its market at the risk asked for, or is refused", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const market = sliceBars(pool[1], 0, 40);
  const online = onlineInit(forecaster, [market]);
  assertThrows(
    () => openTrader(online),
    RangeError,
    'sizing { kind: "volatility", target }, received one of logVolatility',
  );
  const target = 0.004;
  const { records } = await trade(
    engine,
    [market],
    openTrader(online, { sizing: { sizing: { kind: "volatility", target } } }),
  );
  const said = await forecast(engine, forecaster, market, { others: [market] });
  const expected = expectedVolatility(forecaster, said).map((volatility) => Math.min(1, target / volatility));
  assertEquals(records.map(({ positions }) => positions[0].wanted), [...expected]);
  assert(expected.some((position) => position < 1), "no position is below the cap");
});
