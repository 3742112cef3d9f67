/**
 * A run's stream: what each reader is given, whenever it comes, and what happens when the run is deleted.
 * @module
 */
import { assertEquals } from "@std/assert";
import type { RunPoint } from "../../lib/store/runs.ts";
import { chooseDataFolder } from "../../web/server/paths.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "env");

interface Reader {
  /** Everything sent so far, once `mark` is among it. */
  until(mark: string): Promise<string>;
  /** Ends the stream. */
  cancel(): Promise<void>;
}

function readerOf(response: Response): Reader {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  return {
    async until(mark) {
      while (!text.includes(mark)) {
        const { value, done } = await reader.read();
        if (done) throw new Error(`The stream ended before ${mark}: ${text}`);
        text += value;
      }
      return text;
    },
    cancel: () => reader.cancel(),
  };
}

/** The steps of all points in a stream's text. */
function stepsOf(text: string): number[] {
  const batches = [...text.matchAll(/event: points\ndata: (.*)\n/g)].map(([, data]) => JSON.parse(data) as RunPoint[]);
  return batches.flat().map(({ step }) => step);
}

test("connectRun() gives every reader all points once, early or late, and says when the run is gone", async () => {
  const folder = await Deno.makeTempDir();
  chooseDataFolder(folder);
  const { connectRun } = await import("../../web/server/run_events.ts");
  const { runManager } = await import("../../web/server/run_manager.ts");
  const { store } = await runManager();
  const { id } = store.create({ name: "a run", config: { preset: "maml", markets: [], unseen: "x" }, steps: 99 });
  store.claim(id, "me");
  const report = (step: number) =>
    store.report(id, "me", { step, point: { step, train: 1, validation: 2, detail: { stepsPerSecond: 1 } } });
  [10, 20].forEach(report);

  const early = readerOf(await connectRun(id, -1));
  assertEquals(stepsOf(await early.until("id: 20\n")), [10, 20]);
  for (let step = 30; step < 80; step += 10) {
    report(step);
    await early.until(`id: ${step}\n`);
  }
  const late = readerOf(await connectRun(id, -1));
  assertEquals(stepsOf(await late.until("id: 70\n")), [10, 20, 30, 40, 50, 60, 70]);
  const back = readerOf(await connectRun(id, 60));
  assertEquals(stepsOf(await back.until("id: 70\n")), [70]);
  report(80);
  for (const reader of [early, late, back]) {
    assertEquals(stepsOf(await reader.until("id: 80\n")).slice(-2), [70, 80]);
  }

  store.remove(id);
  for (const reader of [early, late, back]) await reader.until("event: gone\n");
  store[Symbol.dispose]();
  await Deno.remove(folder, { recursive: true });
});

Deno.test("connectRun() starts over for all when a run goes on from behind what was sent", async () => {
  const { openRuns } = await import("../../lib/store/runs.ts");
  using store = await openRuns(":memory:");
  const { openRunChannel } = await import("../../web/server/run_events.ts");
  const { id } = store.create({ name: "a run", config: { preset: "maml", markets: [], unseen: "x" }, steps: 99 });
  store.claim(id, "me");
  const report = (step: number, owner: string, kept = false) =>
    store.report(id, owner, {
      step,
      point: { step, train: 1, validation: 2, detail: { stepsPerSecond: 1 } },
      checkpoints: kept ? { latest: { step, validation: null, bytes: new Uint8Array(1) } } : {},
    });
  report(10, "me", true);
  report(20, "me");
  const run = openRunChannel(store, id);
  run.advance();
  const sent = () => stepsOf(run.history(-1).map((bytes) => new TextDecoder().decode(bytes)).join(""));
  assertEquals(sent(), [10, 20]);
  store.claim(id, "you");
  run.advance();
  assertEquals(sent(), [10]);
  report(15, "you");
  run.advance();
  assertEquals(sent(), [10, 15]);
  for (let step = 16; step < 60; step++) {
    report(step, "you");
    run.advance();
  }
  assertEquals(sent(), [10, ...Array.from({ length: 45 }, (_, index) => 15 + index)]);
  assertEquals(run.history(-1).length, 1);
});
