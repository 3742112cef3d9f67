/**
 * What is said of settings that cannot be taken: numbers in the units of their field, tags, divergences, markets without a test.
 */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { maml, metaInit, mlp } from "../../mod.ts";
import { riskLayout } from "../../lib/features/risk_features.ts";
import { endsBeforeTest } from "../../web/components/market_spans.ts";
import { columnWords } from "../../web/components/column_words.ts";
import { checkedRun } from "../../web/server/run_check.ts";
import { parseBacktestRequest } from "../../web/server/backtest_request.ts";
import { divergenceInWords } from "../../web/server/divergence.ts";
import { FieldError } from "../../web/server/field_error.ts";
import { DEFAULT_RUN } from "../../web/server/run_config.ts";
import { parseTags } from "../../web/server/run_tags.ts";
import { testWith } from "../permissions.ts";

const BACKTEST = { run: "r", market: "sample:DAX" };

Deno.test("parseBacktestRequest() names a distance as its stop does, in the units that are typed", () => {
  const refused = (change: Readonly<Record<string, unknown>>) => {
    const error = assertThrows(() => parseBacktestRequest({ ...BACKTEST, ...change }), FieldError);
    return [error.field, error.message.replace("Cannot backtest: expected ", "")];
  };
  assertEquals(refused({ stop: "fixed", stopDistance: 2000 }), [
    "stopDistance",
    "“Distance from the entry, %” to be a number from 0.0001 to 100000, received 200000",
  ]);
  assertEquals(refused({ stop: "volatility", stopDistance: 2000 }), [
    "stopDistance",
    "“Multiple of the volatility a bar” to be a number from 0.000001 to 1000, received 2000",
  ]);
  assertEquals(refused({ every: null }), [
    "every",
    "“Bars between decisions” to be a whole number from 1 to 10000, received nothing",
  ]);
  assertEquals(refused({ stop: "soft" })[0], "stop");
  assertEquals(refused({ market: "" })[0], "market");
});

Deno.test("parseTags() takes words, trimmed, and refuses what is none", () => {
  const input = Object.freeze({ tags: Object.freeze([" keep ", "first"]) });
  assertEquals(parseTags(input), ["keep", "first"]);
  for (const bad of [null, {}, { tags: "keep" }, { tags: [1] }]) assertThrows(() => parseTags(bad), TypeError);
  for (const bad of [[" "], ["x".repeat(41)], Array(21).fill("x")]) {
    assertThrows(() => parseTags({ tags: bad }), RangeError);
  }
});

Deno.test("divergenceInWords() names the settings that the phase depends on", () => {
  const net = mlp({ inputs: 2, hidden: [2], outputs: 1 });
  const after = (steps: number) =>
    divergenceInWords({ state: metaInit(maml({ net, inner: { steps, lr: 0.1 } })), loss: NaN }, DEFAULT_RUN);
  assert(after(5).includes("Lower “Inner learning rate at the start” (now 0.005) or “Inner steps tried beside none”"));
  assert(after(0).includes("Raise “Tasks in a batch” (now 16)"));
  assert(!after(0).includes("Inner"));
});

Deno.test("endsBeforeTest() says so of a market whose last bar lies before the last quarter, once all spans are known", () => {
  const day = 86_400_000;
  const spans = Object.freeze({
    long: { from: 0, to: 100 * day },
    old: { from: 0, to: 75 * day },
    just: { from: 0, to: 76 * day },
  });
  assertEquals(endsBeforeTest(spans, "old", ["long"]), "ends 1970-03-17, the test begins 1970-03-17");
  assertEquals(endsBeforeTest(spans, "just", ["long"]), null);
  assertEquals(endsBeforeTest(spans, "long", ["old"]), null);
  assertEquals(endsBeforeTest(spans, "just", ["long"], "1970-01-02"), null); // the training ends later still
  assertEquals(
    endsBeforeTest(spans, "just", ["long"], "1970-03-18"),
    "ends 1970-03-18, the test begins 1970-03-18",
  );
  assertEquals(
    endsBeforeTest(spans, "old", ["unread"], "1970-04-01"),
    "ends 1970-03-17, the test begins 1970-04-01",
  );
  for (const [id, markets] of [["unread", ["long"]], ["old", ["long", "unread"]], ["old", []]] as const) {
    assertEquals(endsBeforeTest(spans, id, markets), null);
  }
});

testWith("read", "env")(
  "checkedRun() refuses to forecast the volume of markets that have none, by their names",
  async () => {
    const config = { ...DEFAULT_RUN, target: "logVolume", markets: ["sample:SP500", "sample:WTI"] };
    const error = await assertRejects(() => checkedRun(config), FieldError);
    assertEquals(error.field, "target");
    assertEquals(
      error.message,
      "Cannot start a run: volume cannot be forecast of WTI, which holds none. Choose markets that do",
    );
    assertEquals((await checkedRun({ ...config, target: "return" })).target, "return");
    assertEquals((await checkedRun({ ...config, markets: ["sample:SP500"] })).target, "logVolume");
  },
);

Deno.test("columnWords() says every column of the risk features in words, and leaves others alone", () => {
  for (const interval of ["1d", "1h"]) {
    const { names, shared } = riskLayout(interval);
    for (const name of [...names, ...names.slice(0, shared).map((name) => `market_${name}`)]) {
      assert(!/_/.test(columnWords(name)), columnWords(name));
    }
  }
  assertEquals(
    ["volatility_132", "market_move_1", "history", "own_7", "hour_sin_2"].map(columnWords),
    ["volatility, 132 bars", "other markets' move, 1 bar", "bars of history", "own_7", "half of the day, one"],
  );
});
