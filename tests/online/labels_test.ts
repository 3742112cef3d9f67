import { assertEquals, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { forwardReturns, type LabelFunction } from "../../lib/features/labels.ts";
import { decodeOnline, encodeOnline } from "../../lib/online/snapshot.ts";
import { after, META, smallLearner } from "./fixtures.ts";
import { jumpStream, LAGS } from "./jump_stream.ts";

const engine = openNaiveEngine();

/** The largest rise within the horizon, from the bars' closes. */
const highest: LabelFunction = ({ time, close }, horizon) => {
  const rows = time.length - horizon;
  const values = Float64Array.from({ length: rows }, (_, i) => {
    return Math.max(...close.subarray(i + 1, i + 1 + horizon)) / close[i] - 1;
  });
  return { time: time.slice(0, rows), knownAt: time.slice(horizon), values, horizon };
};

Deno.test("an online learner learns labels of one's own, each once its horizon has passed", async () => {
  const bars = jumpStream(40, 3);
  const { markets: [{ rows }] } = await after(engine, smallLearner({ labels: highest, horizon: 2 }), bars);
  const known = rows.filter(({ knownAt }) => !Number.isNaN(knownAt));
  assertEquals(known.length > 10, true);
  for (const { bar, label, knownAt } of known) {
    assertEquals(label, Math.max(bars[bar + 1].close, bars[bar + 2].close) / bars[bar].close - 1);
    assertEquals(knownAt, bars[bar + 2].time);
  }
  assertEquals(rows.length - known.length, 2);
});

Deno.test("labels by default are the returns over the horizon, and a saved state tells other ones apart", async () => {
  const bars = jumpStream(30, 4);
  const plain = await after(engine, smallLearner({ horizon: 2 }), bars);
  const named = await after(engine, smallLearner({ horizon: 2, labels: forwardReturns }), bars);
  assertEquals(encodeOnline(named), encodeOnline(plain));
  for (const { bar, label, knownAt } of plain.markets[0].rows) {
    if (!Number.isNaN(knownAt)) assertEquals(label, bars[bar + 2].close / bars[bar].close - 1);
  }
  const { config } = smallLearner({ horizon: 2, labels: highest });
  assertThrows(() => decodeOnline(config, encodeOnline(plain)), DataError, "one of another");
});

Deno.test("a row without a label is left out, and a label that is not known in time is refused", async () => {
  const bars = jumpStream(30, 5);
  const rising: LabelFunction = (candles, horizon) => {
    const labels = forwardReturns(candles, horizon);
    return { ...labels, values: labels.values.map((value) => value > 0 ? value : NaN) };
  };
  const { markets: [{ rows, skipped }] } = await after(engine, smallLearner({ labels: rising }), bars);
  const known = rows.filter(({ knownAt }) => !Number.isNaN(knownAt));
  assertEquals(known.every(({ label }) => label > 0), true);
  assertEquals(skipped > 0 && skipped + rows.length === bars.length - LAGS, true);
  const late: LabelFunction = (candles) => ({ ...forwardReturns(candles, 2), horizon: 1 });
  await after(engine, smallLearner(), bars);
  let failure: unknown;
  try {
    await after(engine, smallLearner({ labels: (candles, horizon) => ({ ...late(candles, horizon) }) }), bars);
  } catch (error) {
    failure = error;
  }
  assertEquals(failure, undefined, "a label that is missing when its horizon has passed is none");
  const early: LabelFunction = (candles, horizon) => {
    const labels = forwardReturns(candles, horizon);
    return { ...labels, knownAt: labels.knownAt.map((time) => time + 1) };
  };
  try {
    await after(engine, smallLearner({ labels: early }), bars);
  } catch (error) {
    failure = error;
  }
  assertEquals(failure instanceof DataError && failure.message.includes("1 bars later"), true);
  assertThrows(() => smallLearner({ meta: META, history: 2, horizon: 2 }), RangeError, "above the horizon of 2");
});
