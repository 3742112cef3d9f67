// Linear rules under networks are kept where they say more than nothing on validation.
import { assert, assertEquals, assertLess } from "@std/assert";
import { sampleMarkets } from "@adaptrade/adaptrade";
import type { Candles } from "@adaptrade/adaptrade/data";
import { inTurns } from "../../lib/event_loop.ts";
import { decisionRows, ruleValues } from "../../lib/forecast/ensemble.ts";
import { openPool, type PoolOptions } from "../../lib/forecast/pool.ts";
import { chooseSkips } from "../../lib/forecast/skip_rules.ts";
import { type ResolvedTraining, resolveTraining } from "../../lib/forecast/train_options.ts";
import { layValidation, meanSquaredError, validationLabels } from "../../lib/forecast/validation.ts";

const TARGET = { kind: "logVolatility", horizon: 5 } as const;
const SYMBOLS = ["SP500", "WTI", "DAX", "SMI", "CAC", "FTSE"];

/** Bars before a time. */
function before(candles: Candles, to: number): Candles {
  const end = candles.time.findIndex((time) => time >= to);
  const bars = end < 0 ? candles.time.length : end;
  const { time, open, high, low, close, volume } = candles;
  const arrays = Object.entries({ time, open, high, low, close, volume })
    .map(([name, values]) => [name, values.subarray(0, bars)]);
  return { ...candles, ...Object.fromEntries(arrays) };
}

/** What is chosen for a training that ends at a time, and errors on validation. */
async function chosenAt(testFrom: number, skip: ResolvedTraining["skip"], symbols = SYMBOLS) {
  const markets = await sampleMarkets({ symbols });
  const plan = resolveTraining(markets, { target: TARGET, testFrom, skip });
  const options: PoolOptions = {
    ...{ target: TARGET, features: "risk", to: plan.validationFrom, cutShare: plan.cutShare },
    marketWide: plan.marketWide !== "none",
  };
  const pool = await inTurns(openPool(markets.map((market) => before(market, testFrom)), options), undefined);
  const validation = layValidation(pool.markets, { from: plan.validationFrom, to: testFrom }, TARGET.horizon);
  const labels = validationLabels(validation);
  const found = await inTurns(chooseSkips(plan.skip, pool, { options, validation }), undefined);
  const rows = validation.map(({ market, decisions }) => decisionRows(market, decisions, pool.columns.length));
  const errorOf = (which: "own" | "all"): number =>
    meanSquaredError(Float64Array.from(rows.flatMap((part) => [...ruleValues(found.rules![which], part)])), labels);
  return { ...found, own: pool.own, errorOf, nothing: meanSquaredError(new Float64Array(labels.length), labels) };
}

Deno.test("a rule that validation bears out is the one that was asked for", async () => {
  const { rules, marketWide, notes, own, errorOf, nothing } = await chosenAt(Date.UTC(2014, 0), "mean");
  assertEquals([marketWide, notes], [true, []]);
  assertEquals(rules!.own.columns.length, own);
  assertLess(own, rules!.all.columns.length);
  assertLess(Math.max(errorOf("own"), errorOf("all")), nothing);
  const none = await chosenAt(Date.UTC(2014, 0), "none");
  assertEquals([none.rules, none.marketWide, none.notes], [null, true, []]);
});

Deno.test("where the others of training are gone, rules are shrunk to what validation bears out, and no network reads them", async () => {
  // Four of six markets end in 1998; validation, from 1999 on, has two, each beside the other alone.
  for (const skip of ["linear", "mean"] as const) {
    const { marketWide, notes, errorOf, nothing } = await chosenAt(Date.UTC(2004, 6, 26), skip);
    assert(!marketWide);
    assertLess(errorOf("own"), nothing);
    assertLess(errorOf("own"), errorOf("all"));
    assert(/^Validation bears out 0\.\d\d of the linear rule over own columns$/.test(notes[0]), notes[0]);
    assert(/^No network reads the other markets: .* \(0\.\d{4} against 0\.\d{4}\)$/.test(notes[1]), notes[1]);
  }
});
