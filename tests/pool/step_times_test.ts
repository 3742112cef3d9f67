// What steps took: by the size of batches, by the median of the last, and when the other side is worth another look.
import { assertEquals } from "@std/assert";
import { openStepTimes } from "../../lib/pool/step_times.ts";

Deno.test("the first step of a side is not counted, and the median of the last three is", () => {
  const times = openStepTimes();
  times.note("engine", 100, 9000);
  assertEquals(times.taskMs("engine", 100), undefined);
  for (const ms of [100, 500, 200, 300]) times.note("engine", 100, ms);
  assertEquals([times.taskMs("engine", 100), times.taskMs("pool", 100)], [3, undefined]);
});

Deno.test("batches of other sizes have times of their own: a round costs the same for few tasks as for many", () => {
  const times = openStepTimes();
  for (const tasks of [16, 1000]) for (let i = 0; i < 3; i++) times.note("pool", tasks, 20);
  assertEquals([times.taskMs("pool", 16), times.taskMs("pool", 1000)], [20 / 16, 20 / 1000]);
  assertEquals(times.taskMs("pool", 15), 20 / 16);
});

Deno.test("the slower side is due when 64 times as long as it takes has gone by, however many steps that were", () => {
  const times = openStepTimes();
  for (const side of ["engine", "pool"] as const) {
    for (let i = 0; i < 2; i++) times.note(side, 10, side === "pool" ? 50 : 1);
  }
  assertEquals([times.moves("engine", 10), times.moves("engine", 10)], [true, false]);
  let steps = 0;
  while (!times.isDue("pool", 10)) times.note("engine", 10, (steps++, 1));
  assertEquals(steps, 64 * 50);
  times.note("pool", 10, 50);
  assertEquals(times.isDue("pool", 10), false);
});
