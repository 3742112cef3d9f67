// Forecasters whose loss or method is one's own are saved, and read back by their functions, for networks of either width.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { decodeForecaster, encodeForecaster } from "../../lib/forecast/mod.ts";
import type { Method } from "../../lib/meta/mod.ts";
import { type CustomLoss, defineMethod, forecast, openEngine } from "../../mod.ts";
import { quickForecaster, simulatedPool } from "./fixtures.ts";

const POOL = simulatedPool(3, { bars: 500 });
const few = { steps: 10 };
const QUICK = { testFrom: POOL[0].time[420], pretrain: few, support: { rows: 24 } } as const;

const tilted = (above: number): CustomLoss => ({
  kind: "custom",
  name: "tilted",
  row(g, predicted, target) {
    const e = g.sub(predicted, target);
    return g.mean(g.mul(g.square(e), g.select(g.step(e), above, 1)), 1);
  },
});

/** A linear answer, corrected by the mean of what it missed. */
const levelled = (inputs: number, share = 1): Method =>
  defineMethod({
    name: "levelled",
    inputs,
    outputs: 1,
    learnables: { theta: [inputs, 1] },
    adapt(g, { theta }, { x, y, weights }) {
      const missed = g.mul(g.sub(y, g.matmul(x, theta)), g.reshape(weights, [x.shape[0], 1]));
      return { level: g.mul(share, g.div(g.sum(missed, 0), g.sum(weights))) };
    },
    predict: (g, { theta }, { level }, x) => g.add(g.matmul(x, theta), level),
  });

Deno.test("a forecaster of a loss or a method of one's own is read back to the bit by its functions, and by no others", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const byLoss = await quickForecaster(engine, POOL, { ...QUICK, loss: tilted(2), meta: few });
  const byMethod = await quickForecaster(engine, POOL, {
    ...QUICK,
    meta: { ...few, method: ({ net: { inputs } }) => levelled(inputs) },
  });
  const cases = [
    { trained: byLoss, custom: () => ({ loss: tilted(2) }), wrong: () => ({ loss: tilted(3) }), part: "loss" },
    {
      trained: byMethod,
      custom: (inputs: number) => ({ method: levelled(inputs) }),
      wrong: (inputs: number) => ({ method: levelled(inputs, 0.5) }),
      part: "method",
    },
  ];
  for (const { trained, custom, wrong, part } of cases) {
    assertEquals(new Set(trained.members.map(({ marketWide }) => marketWide)).size, 2);
    const bytes = await encodeForecaster(trained);
    const read = await decodeForecaster(bytes, { custom });
    const said = [trained, read].map((one) =>
      forecast(engine, one, POOL[0], { from: POOL[0].time[490], others: POOL.slice(1) })
    );
    const [wanted, found] = await Promise.all(said);
    assert(wanted.value.length > 0);
    assertEquals(found, wanted);
    await assertRejects(() => decodeForecaster(bytes), Error, `pass it as custom.${part}`);
    const parts = custom(1) as never;
    await assertRejects(
      () => decodeForecaster(bytes, { custom: parts }),
      TypeError,
      "Cannot read forecaster: expected custom to be a function, received object",
    );
    await assertRejects(() => decodeForecaster(bytes, { custom: wrong }), Error, "computes something else");
  }
});
