import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { forecastMarket, walkOf } from "../../lib/backtest/mod.ts";
import { expectedVolatility } from "../../lib/forecast/mod.ts";
import { volatilityTargetPositions } from "../../lib/trading/mod.ts";
import {
  backtest,
  backtestPortfolio,
  backtestPositions,
  executePortfolio,
  forecast,
  openEngine,
  simulateMarket,
} from "../../mod.ts";
import { quickForecaster, simulatedPool, sliceBars } from "../forecast/fixtures.ts";

const unseen = simulateMarket({ bars: 900, seed: 41, symbol: "NEW", garch: { alpha: 0.12, beta: 0.85 } }).candles;

Deno.test("backtest() of a forecaster of returns trades its forecasts, made once, and says what it was trained on", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const pool = simulatedPool(3, { bars: 700 });
  const found = await quickForecaster(engine, pool, { target: { kind: "return", horizon: 1 }, seeds: 1 });
  // Shrunk to what validation found, which on random walks is nothing: unshrunk it takes sides.
  const forecaster = { ...found, shrinkage: 1 };
  const options = { from: unseen.time[750], others: pool, costRate: 0.001, threshold: 0 };
  const result = await backtest(engine, forecaster, unseen, options);
  const said = await forecast(engine, forecaster, unseen, { from: options.from, others: pool });
  assertEquals(result.predictions, said.value);
  assertEquals(result.wanted, said.value.map(Math.sign));
  assertEquals(result.trainedOn, forecaster.trainedOn);
  const known = Array.from(said.labels.keys()).filter((i) => !Number.isNaN(said.labels[i]));
  const loss = known.reduce((sum, i) => sum + ((said.value[i] - said.labels[i]) / said.anchor[i]) ** 2, 0) /
    known.length;
  assertAlmostEquals(result.queryLoss!, loss, 1e-12);
  const early = await backtest(engine, forecaster, unseen, { ...options, from: unseen.time[300] });
  assertEquals(early.notes.some((note) => note.includes("trained on labels known until")), true);
});

Deno.test("a forecaster of volatility is refused where returns are traded, and sizes a holding instead", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const pool = simulatedPool(3, { bars: 700 });
  const forecaster = await quickForecaster(engine, pool, { seeds: 1 });
  await assertRejects(() => backtest(engine, forecaster, unseen), RangeError, "volatilityTargetPositions");
  const said = await forecast(engine, forecaster, unseen, { from: unseen.time[750], others: pool });
  const wanted = volatilityTargetPositions(expectedVolatility(forecaster, said), { target: 0.005 });
  const result = backtestPositions("held at a risk", unseen, { walk: walkOf(said), wanted, options: { costRate: 0 } });
  assertEquals(result.decisionTime, said.time);
  const deviation = Math.sqrt(result.netReturns.reduce((sum, r) => sum + r * r, 0) / result.netReturns.length);
  assertAlmostEquals(deviation / 0.005, 1, 0.3);
  const sizing = { kind: "volatility", target: 0.005, cap: 2 } as const;
  const options = { from: unseen.time[750], others: pool, costRate: 0, sizing };
  const direct = await backtest(engine, forecaster, unseen, options);
  assertEquals([direct.wanted, direct.equity, direct.queryLoss], [wanted, result.equity, null]);
  assertEquals(direct.trainedOn, forecaster.trainedOn);

  const alone = await backtestPortfolio(engine, forecaster, [unseen], { ...options, maxGross: 2 });
  assertEquals([alone.equity.slice(1), alone.strategy], [direct.equity, "held at a risk"]);
  assertEquals(alone.trainedOn?.markets, forecaster.trainedOn.markets);
  // Weights read what is forecast of each market: two of one size, in inverse of it.
  const other = { ...simulateMarket({ bars: 900, seed: 42, volatility: 0.03 }).candles, symbol: "WILD" };
  const markets = [unseen, other];
  const weighting = { kind: "inverse-volatility" } as const;
  const weighed = await backtestPortfolio(engine, forecaster, markets, { ...options, weighting });
  const decided = await Promise.all(markets.map(async (candles) => {
    const made = await forecast(engine, forecaster, candles, { from: unseen.time[750], others: pool });
    const volatility = expectedVolatility(forecaster, made);
    const sizes = volatilityTargetPositions(volatility, { target: 0.005 });
    return { candles, start: made.bar[0], sizes, volatility, horizon: made.horizon };
  }));
  assertEquals(weighed.positions, executePortfolio(decided, { costRate: 0, weighting }).positions);
});

Deno.test("forecastMarket() and backtestPortfolio() of a forecaster of returns take its forecasts of each market", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const pool = simulatedPool(3, { bars: 500 });
  const testFrom = pool[0].time[400];
  const found = await quickForecaster(engine, pool, { target: { kind: "return", horizon: 1 }, seeds: 1, testFrom });
  const forecaster = { ...found, shrinkage: 1 };
  const options = { from: pool[0].time[420], others: pool, costRate: 0.001 };
  const one = await forecastMarket(engine, forecaster, pool[0], options);
  const said = await forecast(engine, forecaster, pool[0], { from: options.from, others: pool });
  assertEquals([one.predictions, one.start, one.horizon], [said.value, 420, 1]);
  assertEquals(one.trainedOn, forecaster.trainedOn);
  const all = await backtestPortfolio(engine, forecaster, [pool[0]], options);
  const alone = await backtest(engine, forecaster, pool[0], options);
  // A portfolio's course begins at its first decision, that of one market at its first bar held.
  assertEquals(all.equity.slice(1), alone.equity);
  const early = await backtestPortfolio(engine, forecaster, pool.slice(0, 2), { ...options, from: pool[0].time[300] });
  assertEquals(early.notes.some((note) => note.includes("trained on labels known until")), true);
  const risk = await quickForecaster(engine, [sliceBars(pool[0], 0, 300)], { seeds: 1 });
  await assertRejects(() => backtestPortfolio(engine, risk, pool), RangeError, "volatilityTargetPositions");
});
