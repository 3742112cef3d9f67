// Means over other markets: the market itself is no other, whatever of its history lies among them, and none counts twice.
import { assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { forecast, simulateMarket } from "../../mod.ts";
import { quickForecaster, sharedForecaster, simulatedPool, sliceBars } from "./fixtures.ts";

const unseen = simulateMarket({ bars: 1500, seed: 77, symbol: "NEW", garch: { alpha: 0.12, beta: 0.85 } }).candles;

Deno.test("forecast() leaves the market itself out of the others, whatever stretch of it is among them", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const from = unseen.time[1300];
  const market = sliceBars(unseen, 900);
  const alone = await forecast(engine, forecaster, market, { from, others: pool });
  for (const itself of [market, unseen, sliceBars(unseen, 0, 1350), sliceBars(unseen, 1330)]) {
    const beside = await forecast(engine, forecaster, market, { from, others: [...pool, itself] });
    assertEquals(beside.others, alone.others);
    beside.value.forEach((value, i) => assertAlmostEquals(value, alone.value[i], 1e-5));
  }
});

Deno.test("forecast() and means over markets count each bar by those that have it", async () => {
  const { engine } = await sharedForecaster();
  const pool = simulatedPool(3, { bars: 500 });
  const forecaster = await quickForecaster(engine, pool, { marketWide: "all", seeds: 1 });
  const others = [sliceBars(pool[0], 0, 450), sliceBars(pool[1], 470), sliceBars(pool[2], 480, 490)];
  const { others: counts, value } = await forecast(engine, forecaster, sliceBars(unseen, 0, 500), {
    from: unseen.time[440],
    others,
  });
  assertEquals([counts[0], counts[15], counts[35], counts[45], counts[55]], [1, 0, 1, 2, 1]);
  assertEquals(value.every(Number.isFinite), true);
});

Deno.test("forecast() refuses another market that is there twice", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  await assertRejects(
    () => forecast(engine, forecaster, unseen, { others: [pool[0], pool[1], { ...pool[0] }] }),
    Error,
    "SIM0 is there twice",
  );
});
