// The linear rule that networks add to changes with the length of history: at each knot it is the rule fitted there.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { sampleMarkets } from "../../lib/data/sample.ts";
import { atOnce } from "../../lib/event_loop.ts";
import { ruleValue } from "../../lib/forecast/decisions.ts";
import { fitRules, fitRulesByHistory, harColumns, meanOfRules, openPool } from "../../lib/forecast/pool.ts";

const options = {
  target: { kind: "logVolatility", horizon: 5 },
  to: Date.UTC(2010, 0, 1),
  cutShare: 0.7,
  marketWide: false,
} as const;

Deno.test("a rule that changes with history is at its knots the one fitted there, and between them between", async () => {
  const pool = atOnce(openPool(await sampleMarkets({ symbols: ["DAX", "FTSE", "SP500"] }), options));
  const columns = harColumns(pool, false);
  const [rule] = atOnce(fitRulesByHistory(pool, [columns], options));
  const { column, knots } = rule.byHistory!;
  assertEquals([knots.length, rule.beta.length], [6, 6 * 4]);
  assert(knots.every((knot, i) => i === 0 || knot > knots[i - 1]));
  const x = Float32Array.from({ length: pool.columns.length }, (_, j) => Math.sin(j));
  const at = (history: number): number => {
    x[column] = history;
    return ruleValue(rule, x, 0);
  };
  const [twenty] = atOnce(fitRules(pool, [columns], { ...options, history: 20, penalty: 10 }));
  assertAlmostEquals(at(knots[3]), ruleValue(twenty, x, 0), 1e-6);
  assertAlmostEquals(at((knots[3] + knots[4]) / 2), (at(knots[3]) + at(knots[4])) / 2, 1e-6);
  assertEquals([at(-9), at(9)], [at(knots[0]), at(knots[5])], "no rule is stretched beyond what it was fitted on");
  assert(Math.abs(at(knots[1]) - at(knots[5])) > 0.01, "five bars are read otherwise than a year");
});

Deno.test("rules that are fitted together are those fitted alone, to the bit", async () => {
  const pool = atOnce(openPool(await sampleMarkets({ symbols: ["DAX", "FTSE", "SP500"] }), options));
  const sets = [harColumns(pool, false), pool.columns.map((_, j) => j)];
  assertEquals(
    atOnce(fitRules(pool, sets, options)),
    sets.flatMap((columns) => atOnce(fitRules(pool, [columns], options))),
  );
});

Deno.test("slopes stay small where few bars make columns coincide", async () => {
  const pool = atOnce(openPool(await sampleMarkets({ symbols: ["DAX", "FTSE", "SP500"] }), options));
  const [{ beta }] = atOnce(fitRulesByHistory(pool, [pool.columns.map((_, j) => j)], options));
  assert(beta.every((slope) => Math.abs(slope) < 3), `the largest is ${Math.max(...beta.map(Math.abs))}`);
});

Deno.test("the mean of two rules says the mean of what they say, at every length of history, and is no copy of one", async () => {
  const pool = atOnce(openPool(await sampleMarkets({ symbols: ["DAX", "FTSE", "SP500"] }), options));
  const sets = [harColumns(pool, false), pool.columns.map((_, j) => j)];
  const [few, many] = atOnce(fitRulesByHistory(pool, sets, options));
  const copy = structuredClone([few, many]);
  const mean = meanOfRules(few, many);
  const x = Float32Array.from({ length: pool.columns.length }, (_, j) => Math.sin(j));
  for (const history of [-9, -1.3, 0, 0.4, 9]) {
    x[many.byHistory!.column] = history;
    assertAlmostEquals(ruleValue(mean, x, 0), (ruleValue(few, x, 0) + ruleValue(many, x, 0)) / 2, 1e-9);
  }
  assert(Math.abs(ruleValue(few, x, 0) - ruleValue(many, x, 0)) > 0.001);
  assertEquals([few, many], copy);
});
