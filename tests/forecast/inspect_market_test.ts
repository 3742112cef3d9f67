/**
 * A forecast taken apart and explained: against the forecast itself, and against plain adaptation. Values by hand where there are.
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { forecast, type Forecaster, metaInit } from "../../mod.ts";
import { inspectMarket } from "../../lib/forecast/mod.ts";
import { sharedForecaster, simulatedPool, sliceBars } from "./fixtures.ts";

/** The forecaster with nothing held back, adapting in so many steps. */
function believing(forecaster: Forecaster, steps: number): Forecaster {
  return { ...forecaster, steps, trust: { share: 1, limit: Infinity } };
}

Deno.test("describe() says at every number of inner steps what forecast() says with so many, and leaves its markets", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const [unseen] = simulatedPool(1, { seed: 9 });
  const copy = structuredClone(unseen);
  const at = unseen.time[900];
  const market = inspectMarket(forecaster, unseen, { others: pool });
  const { forecasts, learned, pretrained, supportTime, adapts } = await market.describe(engine, { at, most: 6 });
  const range = { from: at, to: at + 1, others: pool };
  for (const steps of [0, 1, 5, 6]) {
    const { value } = await forecast(engine, believing(forecaster, steps), unseen, range);
    assertAlmostEquals(learned.value[steps], value[0], 1e-6);
  }
  assertEquals(forecasts, await forecast(engine, forecaster, unseen, range));
  assertEquals([adapts, supportTime.length, supportTime.at(-1)], [true, 60, unseen.time[899]]);
  assertEquals([learned.moved[0], learned.layers[0].map(({ change }) => change)], [0, [0, 0]]);
  assert(learned.moved[6] > learned.moved[1] && learned.supportLoss[6] < learned.supportLoss[0]);
  assert(pretrained.value[0] !== learned.value[0], "meta-learning moved the start");
  assertEquals(unseen, copy);
});

Deno.test("describe() says of its support what networks that say nothing lose on it", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const [unseen] = simulatedPool(1, { seed: 9 });
  const silent = {
    ...forecaster,
    members: forecaster.members.map((member) => {
      const { config, params } = member.pretrained;
      return { ...member, pretrained: metaInit(config, { params: new Float32Array(params.length) }) };
    }),
  };
  const options = { at: unseen.time[900], most: 0 };
  const { silentLoss, pretrained } = await inspectMarket(silent, unseen, { others: pool }).describe(engine, options);
  assertAlmostEquals(silentLoss!, pretrained.supportLoss[0], 1e-6);
  assert(silentLoss! > 0);
});

Deno.test("describe() of a market listed a moment ago adapts on nothing, and says so", async () => {
  const { engine, forecaster } = await sharedForecaster();
  const [unseen] = simulatedPool(1, { seed: 9 });
  const short = sliceBars(unseen, 0, 12);
  const market = inspectMarket(forecaster, short);
  assertEquals(market.adaptsFrom, null);
  const { adapts, learned, silentLoss } = await market.describe(engine, { at: Infinity, most: 2 });
  assertEquals(silentLoss, null);
  assertEquals([adapts, learned.supportLoss.length, learned.moved[2]], [false, 0, 0]);
  assertEquals(learned.value[2], learned.value[0]);
  await assertRejects(() => market.describe(engine, { at: short.time[0] - 1 }), Error, "Cannot forecast SIM0");
  await assertRejects(() => market.describe(engine, { at: Infinity, most: 0.5 }), RangeError, "most");
});

Deno.test("explain() splits the forecast over columns, and each row's influence is what leaving it out does", async () => {
  const { engine, pool, forecaster } = await sharedForecaster();
  const [unseen] = simulatedPool(1, { seed: 9 });
  const at = unseen.time[900];
  const market = inspectMarket(forecaster, unseen, { others: pool });
  const explained = await market.explain(engine, { at, steps: 3 });
  const { learned } = await market.describe(engine, { at, most: 3 });
  assertAlmostEquals(explained.value, learned.value[3], 1e-6);
  const sum = explained.contributions.reduce((total, value) => total + value, 0);
  assertAlmostEquals(sum, explained.value - explained.baseline, 2e-3);
  assertEquals([explained.columns, explained.influence.length], [forecaster.columns, 60]);
  assert(explained.influence.some((value) => value !== 0));
  const unmoved = await market.explain(engine, { at, steps: 0 });
  assert(unmoved.influence.every((value) => value === 0));
  await assertRejects(() => market.explain(engine, { at, steps: -1 }), RangeError, "steps");
});
