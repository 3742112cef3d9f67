// Purged, embargoed combinatorial cross-validation against its definition, row by row; paths; overfitting.
import fc from "fast-check";
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { backtestPaths } from "../../lib/statistics/backtest_paths.ts";
import { binomial, combinations } from "../../lib/statistics/combinations.ts";
import { combinatorialSplits } from "../../lib/statistics/combinatorial_splits.ts";
import { overfittingProbability } from "../../lib/statistics/overfitting_probability.ts";
import { random } from "../../lib/net/random.ts";

const rowsOf = (ranges: readonly { start: number; end: number }[]): number[] =>
  ranges.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, i) => start + i));

Deno.test("combinations() lists n over k different choices", () => {
  assertEquals([...combinations(4, 2)], [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]);
  assertEquals([[...combinations(3, 0)], [...combinations(2, 3)]], [[[]], []]);
  fc.assert(fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 12 }), (n, k) => {
    const all = [...combinations(n, k)];
    assertEquals([all.length, new Set(all.map(String)).size], [binomial(n, k), k > n ? 0 : all.length]);
  }));
});

Deno.test("combinatorialSplits() trains on no label that overlaps a test or lies in its embargo, and on all others", () => {
  const input = fc.record({
    steps: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 12, maxLength: 60 }),
    horizon: fc.integer({ min: 0, max: 6 }),
    groups: fc.integer({ min: 2, max: 7 }),
    tested: fc.integer({ min: 1, max: 6 }),
    embargo: fc.integer({ min: 0, max: 5 }),
  });
  fc.assert(fc.property(input, ({ steps, horizon, groups, tested, embargo }) => {
    fc.pre(tested < groups);
    let time = 0;
    const times = Float64Array.from(steps, (step) => time += step);
    const knownAt = times.map((from, i) => from + (i % 3 === 0 ? horizon : 1));
    const plan = combinatorialSplits({ times, knownAt, groups, testGroups: tested, embargo });
    assertEquals(rowsOf(plan.groups), steps.map((_, row) => row));
    for (const { testGroups, test, train } of plan.splits) {
      const isTested = new Set(rowsOf(test));
      // A stretch of tested groups in a row is one test.
      const stretches: number[][] = [];
      for (const g of testGroups) {
        const rows = rowsOf([plan.groups[g]]);
        if (stretches.at(-1)?.at(-1) === rows[0] - 1) stretches.at(-1)!.push(...rows);
        else stretches.push(rows);
      }
      const expected = steps.map((_, row) => row).filter((row) =>
        !isTested.has(row) && stretches.every((rows) => {
          const [from, to] = [times[rows[0]], Math.max(...rows.map((r) => knownAt[r]))];
          const overlaps = times[row] <= to && knownAt[row] >= from;
          const embargoed = row > rows[0] && times[row] <= to + embargo;
          return !overlaps && !embargoed;
        })
      );
      assertEquals(rowsOf(train), expected);
    }
  }));
});

Deno.test("combinatorialSplits() covers each group k/N of the time, and each path each row once (20 over 2: 19 paths)", () => {
  const times = Float64Array.from({ length: 103 }, (_, i) => i);
  for (const [groups, testGroups, splits, paths] of [[6, 2, 15, 5], [10, 2, 45, 9], [20, 2, 190, 19], [5, 4, 5, 4]]) {
    const plan = combinatorialSplits({ times, knownAt: times, groups, testGroups });
    assertEquals([plan.splits.length, plan.paths.length], [splits, paths]);
    assertEquals(paths, splits * testGroups / groups);
    const used = new Set(plan.paths.flatMap((path) => path.map((split, group) => `${split} ${group}`)));
    assertEquals(used.size, splits * testGroups);
    for (const path of plan.paths) {
      path.forEach((split, group) => assert(plan.splits[split].testGroups.includes(group)));
    }
  }
});

Deno.test("backtestPaths() uses every test result once, at its own row", () => {
  const times = Float64Array.from({ length: 23 }, (_, i) => i);
  const plan = combinatorialSplits({ times, knownAt: times, groups: 5, testGroups: 3 });
  const results = plan.splits.map(({ test }, i) => Float64Array.from(rowsOf(test), (row) => 1000 * i + row));
  const paths = backtestPaths(plan, results);
  for (const path of paths) path.forEach((value, row) => assertEquals(value % 1000, row));
  const used = paths.flatMap((path) => [...path]).sort((a, b) => a - b);
  assertEquals(used, results.flatMap((values) => [...values]).sort((a, b) => a - b));
  assertThrows(() => backtestPaths(plan, results.slice(1)), TypeError, "10 splits, received 9");
  assertThrows(() => backtestPaths(plan, results.with(2, new Float64Array(1))), TypeError, "of split 2, received 1");
});

Deno.test("combinatorialSplits() refuses what cannot be split", () => {
  const times = Float64Array.of(0, 1, 2, 3);
  const split = (options: object) => () =>
    combinatorialSplits({ times, knownAt: times, groups: 3, testGroups: 1, ...options });
  assertThrows(split({ knownAt: times.subarray(1) }), TypeError, "expected 4 knownAt, received 3");
  assertThrows(split({ knownAt: Float64Array.of(0, 0, 2, 3) }), RangeError, "at row 1");
  assertThrows(split({ times: Float64Array.of(0, 1, 0, 3) }), RangeError, "at row 2");
  assertThrows(split({ groups: 5 }), RangeError, "groups");
  assertThrows(split({ testGroups: 3 }), RangeError, "testGroups");
  assertThrows(split({ embargo: -1 }), RangeError, "embargo");
  const many = Float64Array.from({ length: 60 }, (_, i) => i);
  assertThrows(split({ times: many, knownAt: many, groups: 30, testGroups: 15 }), RangeError, "at most 10000 splits");
});

function noises(strategies: number, bars: number, seed: number): Float64Array[] {
  const stream = random(seed);
  return Array.from(
    { length: strategies },
    () => Float64Array.from({ length: bars }, () => 0.01 * stream.normal()),
  );
}

Deno.test("overfittingProbability() is about a half without skill, and near 0 where one strategy has some", () => {
  const rounds = [1, 2, 3, 4, 5, 6, 7, 8].map((seed) =>
    overfittingProbability(noises(10, 600, seed), { blocks: 8 }).probability
  );
  const mean = rounds.reduce((a, b) => a + b) / rounds.length;
  assert(mean > 0.35 && mean < 0.7, `mean ${mean}`);
  const skilled = noises(10, 600, 1);
  skilled[4] = skilled[4].map((r) => r + 0.004);
  const found = overfittingProbability(skilled, { blocks: 8 });
  assertEquals(found.logits.length, binomial(8, 4));
  assertLess(found.probability, 0.02);
  assertLess(found.lossProbability, 0.02);
  assertAlmostEquals(found.logits[0], Math.log(10), 1e-12);
});

Deno.test("overfittingProbability() is near 1 where what is best in one half is worst in the other", () => {
  // Each strategy earns in its own half of the blocks and loses in the other.
  const series = [0, 1].map((half) =>
    Float64Array.from({ length: 80 }, (_, t) => (Math.floor(t / 40) === half ? 0.01 : -0.01) + 0.001 * Math.sin(t * t))
  );
  const { probability, lossProbability } = overfittingProbability(series, { blocks: 2 });
  assertEquals([probability, lossProbability], [1, 1]);
});

Deno.test("overfittingProbability() agrees with Sharpe ratios computed bar by bar", () => {
  const returns = noises(5, 43, 7);
  const { logits } = overfittingProbability(returns, { blocks: 4 });
  const borders = [0, 10, 21, 32, 43];
  const sharpe = (series: Float64Array, blocks: readonly number[]): number => {
    const values = blocks.flatMap((b) => [...series.subarray(borders[b], borders[b + 1])]);
    const mean = values.reduce((a, b) => a + b) / values.length;
    return mean / Math.sqrt(values.reduce((sum, r) => sum + (r - mean) ** 2, 0) / (values.length - 1));
  };
  [...combinations(4, 2)].forEach((inside, i) => {
    const outside = [0, 1, 2, 3].filter((b) => !inside.includes(b));
    const inSample = returns.map((series) => sharpe(series, inside));
    const best = inSample.indexOf(Math.max(...inSample));
    const outSample = returns.map((series) => sharpe(series, outside));
    const rank = 1 + outSample.filter((ratio) => ratio < outSample[best]).length;
    assertAlmostEquals(logits[i], Math.log(rank / 6 / (1 - rank / 6)), 1e-12);
  });
});

Deno.test("overfittingProbability() counts strategies that never trade as ratio 0, and refuses bad input", () => {
  const idle = [new Float64Array(40), new Float64Array(40), noises(1, 40, 2)[0]];
  const { probability, logits } = overfittingProbability(idle, { blocks: 4 });
  assert(probability >= 0 && probability <= 1 && logits.every(Number.isFinite));
  const returns = noises(3, 40, 1);
  assertThrows(() => overfittingProbability(returns, { blocks: 3 }), RangeError, "even");
  assertThrows(() => overfittingProbability(returns, { blocks: 20 + 2 }), RangeError, "within 2 and 20");
  assertThrows(() => overfittingProbability(noises(3, 7, 1), { blocks: 4 }), RangeError, "at least 8 bars");
  assertThrows(() => overfittingProbability(returns.slice(0, 1)), RangeError, "at least 2 strategies");
  assertThrows(() => overfittingProbability([returns[0], returns[1].subarray(1)], { blocks: 4 }), TypeError);
  assertGreater(overfittingProbability(returns, { blocks: 4 }).logits.length, 0);
});
