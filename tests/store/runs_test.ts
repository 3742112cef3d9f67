/**
 * The runs' store: ownership, requests, curves and checkpoints.
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { openRuns, OwnershipError } from "../../lib/store/runs.ts";

const RUN = { name: "test", config: { preset: "maml" }, steps: 100 };
const bytes = () => Uint8Array.of(1, 2, 3);
const point = (step: number) => ({ step, train: 1 / step, validation: 2 / step, detail: { gradNorm: step } });
const checkpoint = (step: number) => ({ step, validation: 2 / step, bytes: bytes() });

Deno.test("openRuns() keeps a run with its config", async () => {
  using store = await openRuns(":memory:");
  const run = store.create(RUN);
  assertEquals(store.get(run.id), run);
  assertEquals([run.status, run.config, run.step, run.steps], ["queued", RUN.config, 0, 100]);
  assertEquals(store.get("nobody"), undefined);
});

Deno.test("report() keeps points and checkpoints of the owner, and refuses others", async () => {
  using store = await openRuns(":memory:");
  const { id } = store.create(RUN);
  store.claim(id, "a");
  store.report(id, "a", { step: 10, point: point(10), checkpoints: { latest: checkpoint(10), best: checkpoint(10) } });
  assertThrows(() => store.report(id, "b", { step: 20, point: point(20) }), OwnershipError);
  assertThrows(() => store.finish(id, "b", "done"), OwnershipError);
  assertEquals(store.points(id), [point(10)]);
  assertEquals(store.checkpoint(id, "best"), checkpoint(10));
  assertEquals(store.get(id)!.step, 10);
});

Deno.test("report() keeps what came of a run, and leaves it where a report says nothing of it", async () => {
  using store = await openRuns(":memory:");
  const { id, result } = store.create(RUN);
  assertEquals(result, null);
  store.claim(id, "a");
  store.report(id, "a", { step: 10, result: { less: 0.12 } });
  store.report(id, "a", { step: 20 });
  assertEquals(store.get(id)!.result, { less: 0.12 });
});

Deno.test("tag() puts tags on a run in place of those it has, in order and none twice", async () => {
  using store = await openRuns(":memory:");
  const run = store.create(RUN);
  assertEquals(run.tags, []);
  const tags = Object.freeze(["second", "first", "second"]);
  store.tag(run.id, tags);
  assertEquals(store.get(run.id)!.tags, ["first", "second"]);
  store.tag(run.id, []);
  assertEquals(store.get(run.id), { ...run, updatedAt: store.get(run.id)!.updatedAt });
});

Deno.test("claim() goes back to the last checkpoint", async () => {
  using store = await openRuns(":memory:");
  const { id } = store.create(RUN);
  store.claim(id, "a");
  store.report(id, "a", { step: 10, point: point(10), checkpoints: { latest: checkpoint(10) } });
  store.report(id, "a", { step: 20, point: point(20) });
  store.claim(id, "b");
  assertEquals(store.points(id), [point(10)]);
  assertEquals([store.get(id)!.step, store.get(id)!.status], [10, "running"]);
  assertThrows(() => store.report(id, "a", { step: 30 }), OwnershipError);
});

Deno.test("request() asks a running trainer, and changes a queued run at once", async () => {
  using store = await openRuns(":memory:");
  const { id } = store.create(RUN);
  store.request(id, "pause");
  assertEquals([store.get(id)!.status, store.get(id)!.request], ["paused", null]);
  store.queue(id);
  store.claim(id, "a");
  store.request(id, "stop");
  assertEquals([store.get(id)!.status, store.get(id)!.request], ["running", "stop"]);
  store.finish(id, "a", "stopped");
  assertEquals([store.get(id)!.status, store.get(id)!.request, store.get(id)!.owner], ["stopped", null, null]);
});

Deno.test("queue() leaves a run that is done", async () => {
  using store = await openRuns(":memory:");
  const { id } = store.create(RUN);
  store.claim(id, "a");
  store.finish(id, "a", "done");
  store.queue(id);
  assertEquals(store.get(id)!.status, "done");
});

Deno.test("points() thins evenly and keeps the last", async () => {
  using store = await openRuns(":memory:");
  const { id } = store.create(RUN);
  store.claim(id, "a");
  for (let step = 1; step <= 100; step++) store.report(id, "a", { step, point: point(step) });
  const steps = store.points(id, { most: 10 }).map(({ step }) => step);
  assertEquals(steps, [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
  assertEquals(store.points(id, { after: 98 }).map(({ step }) => step), [99, 100]);
});

Deno.test("remove() takes points and checkpoints along", async () => {
  using store = await openRuns(":memory:");
  const { id } = store.create(RUN);
  store.claim(id, "a");
  store.report(id, "a", { step: 1, point: point(1), checkpoints: { latest: checkpoint(1) } });
  store.remove(id);
  assertEquals([store.list(), store.points(id), store.checkpoint(id, "latest")], [[], [], undefined]);
});
