import { assert, assertAlmostEquals, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { random } from "../../lib/net/random.ts";
import { sharpeEstimate } from "../../lib/statistics/sharpe_estimate.ts";
import { openTrials, type TriedBacktest } from "../../lib/store/trial_store.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write");

function tried(seed: number, change: Partial<TriedBacktest> = {}): TriedBacktest {
  const stream = random(seed);
  const netReturns = Float64Array.from({ length: 50 }, () => 0.01 * stream.normal());
  const time = netReturns.map((_, i) => 3_600_000 * i);
  return { strategy: `s${seed}`, market: "A", interval: "1h", periodsPerYear: 8760, time, netReturns, ...change };
}

const sharpeOf = (backtest: TriedBacktest) => sharpeEstimate(backtest.netReturns).sharpe;

Deno.test("openTrials() counts every earlier course of the market once, of no other market", async () => {
  using trials = await openTrials(":memory:");
  assertEquals(trials.record([tried(1), tried(2)]), { sharpes: [] });
  trials.record([tried(9, { market: "B" })]);
  assertEquals(trials.record([tried(3)]).sharpes, [sharpeOf(tried(1)), sharpeOf(tried(2))]);
  // The same to the last bit is no new trial, under whatever name; it is logged all the same.
  assertEquals(trials.record([tried(2, { strategy: "again" })]).sharpes, [sharpeOf(tried(1)), sharpeOf(tried(3))]);
  assertEquals(trials.list("A").map(({ strategy }) => strategy), ["s1", "s2", "s3", "again"]);
  assertEquals(trials.list().length, 5);
  const [{ course, recordedAt, ...record }] = trials.list("A");
  assert(/^[0-9a-f]{64}$/.test(course) && recordedAt > Date.UTC(2024, 0));
  assertEquals(record, {
    market: "A",
    interval: "1h",
    strategy: "s1",
    sharpe: sharpeOf(tried(1)),
    periodsPerYear: 8760,
    bars: 50,
    from: 0,
    to: 49 * 3_600_000,
  });
});

Deno.test("openTrials() scales the ratios of other bar lengths, and keeps undefined ones as such", async () => {
  using trials = await openTrials(":memory:");
  const daily = tried(1, { interval: "1d", periodsPerYear: 365 });
  const idle = tried(2, { netReturns: new Float64Array(50) });
  trials.record([daily]);
  trials.record([idle]);
  const { sharpes } = trials.record([tried(3)]);
  assertAlmostEquals(sharpes[0]!, sharpeOf(daily)! * Math.sqrt(365 / 8760), 1e-15);
  assertEquals(sharpes[1], null);
});

test("openTrials() keeps its log across openings and processes' connections, and changes no backtest", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/trials.sqlite`;
    const given = tried(1);
    const before = structuredClone(given);
    {
      using trials = await openTrials(path);
      using other = await openTrials(path);
      trials.record([given]);
      assertEquals(other.record([tried(2)]).sharpes.length, 1);
    }
    assertEquals(given, before);
    using trials = await openTrials(path);
    assertEquals(trials.record([tried(3)]).sharpes.length, 2);
    await Deno.writeTextFile(`${folder}/none.sqlite`, "no database at all, but long enough to be looked at as one");
    await assertRejects(() => openTrials(`${folder}/none.sqlite`), DataError, "none.sqlite");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openTrials() refuses none, and several markets in one record", async () => {
  using trials = await openTrials(":memory:");
  assertThrows(() => trials.record([]), TypeError, "at least 1 backtest");
  assertThrows(() => trials.record([tried(1), tried(2, { market: "B" })]), RangeError, "received B");
  assertEquals(trials.list(), []);
});
