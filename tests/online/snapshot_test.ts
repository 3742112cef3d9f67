import { assert, assertEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { decodeOnline, encodeOnline } from "../../lib/online/snapshot.ts";
import { EMPTY_SCORE } from "../../lib/online/score.ts";
import { after, META, smallLearner } from "./fixtures.ts";
import { jumpStream } from "./jump_stream.ts";

const engine = openNaiveEngine();
const LEARN = { params: true, lr: true, loss: true };

Deno.test("a state saved and read goes on bitwise as if it had never stopped", async () => {
  const bars = jumpStream(70, 12);
  const state = await after(engine, smallLearner({ meta: { ...META, learn: LEARN }, members: 3 }), bars.slice(0, 45));
  const read = decodeOnline(state.config, encodeOnline(state));
  assertEquals(read, state);
  assertEquals(encodeOnline(read), encodeOnline(state));
  assert(Object.isFrozen(read.markets[0].rows[0]));
  const [on, again] = [await after(engine, state, bars.slice(45)), await after(engine, read, bars.slice(45))];
  assertEquals(encodeOnline(again), encodeOnline(on));
});

Deno.test("decodeOnline() throws on text that is no state, or one of another layout", async () => {
  const state = await after(engine, smallLearner(), jumpStream(5, 1));
  const text = encodeOnline(state);
  const other = smallLearner({ horizon: 2 }).config;
  assertThrows(() => decodeOnline(other, text), DataError, "one of another");
  assertThrows(() => decodeOnline(state.config, "{"), DataError, "expected a saved state");
  assertThrows(
    () => decodeOnline(state.config, text.replace('"version":2', '"version":9')),
    DataError,
    "version 1 or 2, received 9",
  );
});

Deno.test("a state of version 1, without adaptive intervals, is read with new ones and goes on", async () => {
  const bars = jumpStream(70, 12);
  const state = await after(engine, smallLearner(), bars.slice(0, 45));
  const { version: _, ...saved } = JSON.parse(encodeOnline(state));
  for (const market of saved.state.markets) {
    delete market.score.intervals;
    market.score.inside = [1, 2, 3];
    for (const { forecast } of market.rows) {
      if (!forecast) continue;
      forecast.deviation = forecast.unit;
      delete forecast.unit;
      delete forecast.radii;
    }
  }
  const read = decodeOnline(state.config, JSON.stringify({ version: 1, ...saved }));
  assertEquals(read.markets[0].score, { ...state.markets[0].score, intervals: EMPTY_SCORE.intervals });
  assertEquals(read.starts, state.starts);
  const on = await after(engine, read, bars.slice(45));
  // One forecast was pending: nothing says how wide its intervals were, and it is not judged.
  assertEquals(on.markets[0].score.count, (await after(engine, state, bars.slice(45))).markets[0].score.count - 1);
  assertEquals(on.markets[0].score.intervals.count, 70 - 45 - 1);
});
