/** Work that would hold the event loop gives it turns, and what waits is let go by an abort. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { atOnce, inTurns, itemsUntilAborted, openTurns, type Steps, untilAborted } from "../lib/event_loop.ts";
import { tuneRisk } from "../lib/trading/mod.ts";
import { replayFeed } from "../mod.ts";
import { testWith } from "./permissions.ts";

/** A signal that a timer aborts: it is aborted only if the event loop turns. */
function abortedByTimer(): { signal: AbortSignal; clear: () => void } {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(new Error("enough")), 5);
  return { signal: stop.signal, clear: () => clearTimeout(timer) };
}

Deno.test("openTurns() lets timers fire in a loop that never waits for anything else", async () => {
  const turn = openTurns();
  let fired = false;
  setTimeout(() => fired = true, 1);
  let rounds = 0;
  while (!fired && rounds < 1e9) {
    rounds++;
    const due = turn();
    if (due) await due;
  }
  assert(fired);
});

Deno.test("inTurns() ends endless steps by a timer's abort, and gives what steps give at once", async () => {
  function* count(to: number): Steps<number> {
    for (let i = 0; i < to; i++) yield;
    return to;
  }
  assertEquals([atOnce(count(5)), await inTurns(count(5), undefined)], [5, 5]);
  const { signal, clear } = abortedByTimer();
  await assertRejects(() => inTurns(count(Infinity), signal), Error, "enough");
  clear();
});

testWith("run")("openTurns() lets the system's signals through within a few turns of work", async () => {
  const turn = openTurns();
  let heard = false;
  const listener = (): boolean => heard = true;
  Deno.addSignalListener("SIGUSR2", listener);
  try {
    await new Promise((resolve) => setTimeout(resolve, 10));
    Deno.kill(Deno.pid, "SIGUSR2");
    let turns = 0;
    while (!heard && turns < 100) {
      const due = turn();
      if (!due) continue;
      turns++;
      await due;
    }
    // Deno asks the system in one turn of 61 by itself.
    assert(turns <= 8, `${turns} turns`);
  } finally {
    Deno.removeSignalListener("SIGUSR2", listener);
  }
});

Deno.test("untilAborted() gives the value, the error, or the signal's reason, whichever comes first", async () => {
  assertEquals(await untilAborted(Promise.resolve(3), undefined), 3);
  assertEquals(await untilAborted(Promise.resolve(3), new AbortController().signal), 3);
  await assertRejects(() => untilAborted(Promise.reject(new Error("own")), new AbortController().signal), Error, "own");
  const { signal, clear } = abortedByTimer();
  await assertRejects(() => untilAborted(new Promise(() => {}), signal), Error, "enough");
  await assertRejects(() => untilAborted(new Promise(() => {}), signal), Error, "enough");
  clear();
});

Deno.test("itemsUntilAborted() closes what it goes through at the end, on a break and on an abort", async () => {
  const closed: string[] = [];
  async function* items(name: string) {
    try {
      for (let i = 0; i < 3; i++) yield await Promise.resolve(i);
    } finally {
      closed.push(name);
    }
  }
  const seen: number[] = [];
  for await (const item of itemsUntilAborted(items("end"), undefined)) seen.push(item);
  for await (const _ of itemsUntilAborted(items("break"), undefined)) break;
  const stop = new AbortController();
  for await (const item of itemsUntilAborted(items("abort"), stop.signal)) if (item === 1) stop.abort();
  assertEquals(seen, [0, 1, 2]);
  assertEquals(closed, ["end", "break", "abort"]);
});

Deno.test("replayFeed() and tuneRisk() hear an abort though nothing in them waits", async () => {
  const bars = 2_000_000;
  const close = new Float64Array(bars).fill(100);
  const time = close.map((_, i) => i * 60_000);
  const market = { symbol: "X", interval: "1m", time, open: close, high: close, low: close, close, volume: close };
  const replay = abortedByTimer();
  await assertRejects(
    async () => {
      for await (const _ of replayFeed([market], { signal: replay.signal }));
    },
    Error,
    "enough",
  );
  replay.clear();
  const tuning = abortedByTimer();
  const space = { stop: Array.from({ length: 200_000 }, (_, i) => i) };
  const options = { windows: [{ from: 0, to: 1 }], testFrom: 1, maxTrials: 200_000, signal: tuning.signal };
  await assertRejects(() => tuneRisk(() => new Float64Array(50), space, options), Error, "enough");
  tuning.clear();
});
