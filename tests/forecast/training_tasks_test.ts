import { assert, assertEquals } from "@std/assert";
import { atOnce } from "../../lib/event_loop.ts";
import { openPool } from "../../lib/forecast/pool.ts";
import { drawTasks, type TaskDraw } from "../../lib/forecast/training_tasks.ts";
import { type Candles, type MetaState, openEngine, type Task } from "../../mod.ts";
import { quickForecaster, simulatedPool } from "./fixtures.ts";

/** A market that stands still for most of its bars: many supports say nothing, and of many the last rows alone do not. */
function standing(candles: Candles): Candles {
  const still = (values: Float64Array): Float64Array => values.map((_, i) => values[i - i % 12]);
  const close = still(candles.close);
  return { ...candles, open: close, high: close, low: close, close, volume: still(candles.volume) };
}

function drawing(markets: readonly Candles[], draw: Partial<TaskDraw> = {}): (batch: number) => Task[] {
  const target = { kind: "return", horizon: 2 } as const;
  const to = markets[0].time[1000];
  const pool = atOnce(openPool(markets, { target, to, cutShare: 0.7, marketWide: false }));
  return drawTasks(pool.markets, {
    ...{ horizon: 2, rows: 30, spacing: 2, cols: pool.own, skip: null },
    ...{ queryRows: 10, tasks: 8, cutShare: 0.7, to, seed: 3 },
    ...draw,
  });
}

Deno.test("drawTasks() draws the same tasks where nothing adapts, with supports of as few rows as tell that they say something", () => {
  const moving = simulatedPool(2);
  for (const markets of [moving, moving.map(standing)]) {
    const [whole, few] = [drawing(markets), drawing(markets, { unadapted: true })];
    let [cut, long] = [0, 0];
    for (let batch = 0; batch < 20; batch++) {
      const [all, some] = [whole(batch), few(batch)];
      assertEquals(some.map(({ query }) => query), all.map(({ query }) => query));
      some.forEach(({ support: { rows, x, y } }, t) => {
        const { support } = all[t];
        assertEquals(x, support.x.slice(support.x.length - x.length));
        assertEquals(y, support.y.slice(support.rows - rows));
        cut += support.rows - rows;
        if (rows > 2) long++;
      });
    }
    assert(cut > 500, `${cut} rows were spared`);
    assertEquals(long > 10, markets !== moving, `${long} supports are longer`);
  }
});

Deno.test("drawTasks() gives batch k whichever were drawn before it", () => {
  const markets = simulatedPool(2);
  const [batches, again] = [drawing(markets), drawing(markets)];
  const first = [0, 1, 2].map(batches);
  assertEquals([2, 0, 1].map(again), [first[2], first[0], first[1]]);
});

Deno.test("trainForecaster() trains the same network watched or not, and shows a watcher tasks with all that they could adapt on", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const markets = simulatedPool(2);
  const supports: number[] = [];
  const states: MetaState[] = [];
  const run = { seeds: 1, pretrain: { steps: 30 }, meta: { steps: 10 }, tasks: 16 };
  const watched = await quickForecaster(engine, markets, {
    ...run,
    onProgress({ phase, batch, training: { state, taskLosses } }) {
      assertEquals(taskLosses.length, batch.length);
      if (phase === "pretrain") supports.push(Math.max(...batch.map(({ support }) => support.rows)));
      states.push(state);
    },
  });
  assert(supports.length > 5 && supports.every((rows) => rows > 20), supports.join());
  assertEquals(states.at(-1)!.step, 10);
  assertEquals(await quickForecaster(engine, markets, run), watched);
});
