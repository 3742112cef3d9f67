// Behind a hole that another instrument may have begun after a forecaster knows nothing of what traded before it.
import { assert, assertEquals } from "@std/assert";
import { atOnce } from "../../lib/event_loop.ts";
import { readMarket } from "../../lib/forecast/forecast.ts";
import { type Candles, compareForecasts, type FeatureMatrix, forecast, simulateMarket } from "../../mod.ts";
import { quickForecaster, sharedForecaster, simulatedPool, sliceBars } from "./fixtures.ts";

const HOUR = 3_600_000;
const AT = 700;
const BARS = 1300;

/** A market, 2,000 hours without a bar before bar {@linkcode AT}, then another one under its name at `factor` times the price. */
function relisted(factor: number, symbol = "ZZZ"): Candles {
  const garch = { alpha: 0.12, beta: 0.85 };
  const [old, fresh] = [AT, BARS - AT].map((bars, i) => simulateMarket({ bars, seed: 60 + i, symbol, garch }).candles);
  const join = (name: "open" | "high" | "low" | "close", scale = factor): Float64Array =>
    Float64Array.of(...old[name], ...fresh[name].map((price) => scale * price));
  return {
    ...old,
    time: Float64Array.of(...old.time, ...fresh.time.map((time) => time + (AT + 2000) * HOUR)),
    open: join("open"),
    high: join("high"),
    low: join("low"),
    close: join("close"),
    volume: Float64Array.of(...old.volume, ...fresh.volume),
  };
}

const MARKET = relisted(64);

Deno.test("forecast() behind such a hole is the forecast of the new listing alone, to the bit", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const adapting = { ...forecaster, steps: 5 };
  const range = { from: MARKET.time[AT], to: MARKET.time[AT + 120], others: pool };
  for (const options of [range, { ...range, history: 40 }]) {
    const whole = await forecast(engine, adapting, MARKET, options);
    const alone = await forecast(engine, adapting, sliceBars(MARKET, AT), options);
    for (const name of ["value", "unadapted", "anchor", "labels", "limited"] as const) {
      assertEquals(whole[name], alone[name], name);
    }
    assert(whole.value.every(Number.isFinite));
    assert(whole.value.some((value, i) => value !== whole.unadapted[i]), "it adapts again once there are rows enough");
  }
});

Deno.test("no label reaches into another listing, of one's own targets neither", async () => {
  const { forecaster } = await sharedForecaster();
  const steady = {
    kind: "custom",
    name: "steady",
    horizon: 3,
    unit: "1",
    label: () => 1,
    anchor: () => 0,
    relative: (label: number, anchor: number) => label - anchor,
    value: (relative: number, anchor: number) => relative + anchor,
  } as const;
  for (const target of [{ kind: "return", horizon: 3 } as const, steady]) {
    const { table: { labels } } = atOnce(readMarket({ ...forecaster, target }, MARKET, { sums: null }));
    const missing = [...labels.keys()].filter((bar) => Number.isNaN(labels[bar]));
    assertEquals(missing, [AT - 3, AT - 2, AT - 1, BARS - 3, BARS - 2, BARS - 1]);
  }
});

Deno.test("trainForecaster() and compareForecasts() over such a market do not know how far its price jumped", async () => {
  const { engine } = await sharedForecaster();
  const [one, other] = await Promise.all([4, 1024].map(async (factor) => {
    const pool = [...simulatedPool(2, { bars: BARS }), relisted(factor)];
    const forecaster = await quickForecaster(engine, pool, { marketWide: "all" });
    const options = { pool, from: pool[2].time[AT - 20], to: pool[2].time[AT + 60], ownRows: Infinity };
    return { forecaster, comparison: await compareForecasts(engine, forecaster, [pool[2]], options) };
  }));
  assertEquals(one, other);
});

Deno.test("features of one's own are computed of each listing by itself", async () => {
  const { engine } = await sharedForecaster();
  const seen: number[][] = [];
  const lastMove = (candles: Candles): FeatureMatrix => {
    const { close, time } = candles;
    seen.push([time.length, close[0]]);
    const values = Float64Array.from({ length: time.length - 1 }, (_, i) => Math.log(close[i + 1] / close[i]));
    return { names: ["move"], time: time.slice(1), rows: values.length, cols: 1, values, warmup: 1 };
  };
  const pool = [...simulatedPool(2, { bars: 400 }), MARKET];
  const forecaster = await quickForecaster(engine, pool, { features: lastMove, seeds: 1 });
  assertEquals(seen.slice(2), [[AT, MARKET.close[0]], [BARS - AT, MARKET.close[AT]]]);
  const { value } = await forecast(engine, forecaster, MARKET, { features: lastMove, from: MARKET.time[AT - 1] });
  assertEquals(Array.from(value.slice(0, 3), Number.isNaN), [false, true, false]);
});
