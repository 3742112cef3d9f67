import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Candles, FeatureMatrix } from "../../mod.ts";
import { quickForecaster, sharedForecaster, sliceBars } from "./fixtures.ts";

Deno.test("trainForecaster() on features of one's own adds to a linear rule of them by default, and refuses one of the risk ladder", async () => {
  const { engine, pool } = await sharedForecaster();
  const markets = pool.slice(0, 2).map((market) => sliceBars(market, 0, 400));
  const features = (candles: Candles): FeatureMatrix => {
    const values = candles.high.map((high, i) => Math.log(Math.log(high / candles.low[i])));
    return { names: ["range"], time: candles.time, rows: values.length, cols: 1, values, warmup: 0 };
  };
  const forecaster = await quickForecaster(engine, markets, { features, seeds: 1 });
  assertEquals(forecaster.skip!.own.columns, [0]);
  assert(Number.isFinite(forecaster.validation.chosen));
  await assertRejects(
    () => quickForecaster(engine, markets, { features, skip: "har" }),
    RangeError,
    "skip must be one of none, linear, got har",
  );
});
