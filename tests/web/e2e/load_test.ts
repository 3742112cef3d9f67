/**
 * Many readers of one run: each is served every event, and none is dropped. How fast is `bench/sse_load.ts`' business.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { startDashboard } from "./browser.ts";
import { openClients } from "../sse_clients.ts";
import { NEEDS, testWith } from "../../permissions.ts";

const test = testWith(...NEEDS);

const CLIENTS = 200;

/** The steps of all points in a stream's text; its last event may be half there. */
function stepsOf(text: string): number[] {
  const batches = [...text.matchAll(/\nevent: points\ndata: (.*)\n\n/g)].map(([, data]) => JSON.parse(data));
  return batches.flat().map(({ step }: { step: number }) => step);
}

test("200 readers of a training run are all served every event", async () => {
  await using dashboard = await startDashboard();
  const started = await fetch(`${dashboard.url}/api/runs`, { method: "POST", body: `{"steps":20000,"tasks":4}` });
  const { id } = await started.json();
  using clients = await openClients(`${dashboard.url}/api/runs/${id}/events`, CLIENTS, true);
  while (Math.min(...clients.counts().map(({ events }) => events)) < 20) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assertEquals(clients.counts().filter(({ ended }) => ended).length, 0);
  // A run of this length has a point every 500 steps; whoever came late was sent the first ones too.
  for (const text of clients.texts()) {
    const steps = stepsOf(text);
    assert(steps.length >= 5, text);
    assertEquals(steps, steps.map((_, index) => 500 * (index + 1)));
  }

  // Deleting the run tells every reader, and ends its stream.
  await (await fetch(`${dashboard.url}/api/runs/${id}/stop`, { method: "POST" })).body?.cancel();
  await (await fetch(`${dashboard.url}/api/runs/${id}/delete`, { method: "POST" })).body?.cancel();
  while (clients.counts().some(({ ended }) => !ended)) await new Promise((resolve) => setTimeout(resolve, 50));
});
