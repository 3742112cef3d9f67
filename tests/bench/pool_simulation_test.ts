// The pool on paper: limits that can be told without running it.
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { type PoolModel, simulatePool } from "../../bench/pool_simulation.ts";

const MODEL: PoolModel = {
  workers: 10,
  jobs: 20_000,
  jobMs: 100,
  coordinatorMs: 0.1,
  brokerMs: 0.1,
  workerMs: 0,
  bytes: 1000,
  bytesPerMs: 100_000,
  atOnce: 100,
};

Deno.test("where nothing else is busy, the time is that of the jobs over the workers", () => {
  const { ms, limit, busy } = simulatePool(MODEL);
  assertAlmostEquals(ms, 20_000 * 100 / 10, 0.03 * 200_000);
  assertEquals(limit, "workers");
  assert(busy.workers > 0.95 && busy.coordinator < 0.02);
});

Deno.test("each station is the limit where it alone is slow, and the time is then that of its work", () => {
  for (
    const [limit, change] of [
      ["coordinator", { coordinatorMs: 20 }],
      ["broker", { brokerMs: 20 }],
      ["link", { bytes: 2_000_000 }],
    ] as const
  ) {
    const found = simulatePool({ ...MODEL, ...change, jobs: 2000 });
    assertEquals(found.limit, limit);
    assertAlmostEquals(found.ms, 2000 * 20, 1000);
  }
});

Deno.test("fewer jobs queued than there are workers leave the others idle", () => {
  const { busy } = simulatePool({ ...MODEL, atOnce: 5 });
  assertAlmostEquals(busy.workers, 0.5, 0.02);
});
