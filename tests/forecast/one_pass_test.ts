/**
 * Forecasters whose networks read the support in one pass instead of adapting by gradients: trained, forecast, judged, traded,
 * followed online, taken apart, saved. What answers without a support is the pretrained network.
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertRejects } from "@std/assert";
import { holdAtRisk } from "../../lib/backtest/mod.ts";
import { FORECASTER_ROWS } from "../../lib/forecast/comparison_methods.ts";
import { decodeForecaster, encodeForecaster, inspectMarket } from "../../lib/forecast/mod.ts";
import { inContext, type Method, type PresetOptions } from "../../lib/meta/mod.ts";
import { momentsOf } from "../../lib/online/mod.ts";
import {
  compareForecasts,
  type Engine,
  forecast,
  type Forecaster,
  matching,
  memory,
  metaInit,
  mlp,
  neuralProcess,
  observe,
  onlineInit,
  openEngine,
  prototypical,
  ridge,
  updateAndPredict,
} from "../../mod.ts";
import { quickForecaster, simulatedPool, sliceBars } from "./fixtures.ts";

type Maker = (options: PresetOptions) => Method;

const features = (inputs: number) => mlp({ inputs, hidden: [8], outputs: 4, activation: "tanh" });
const MAKERS: Readonly<Record<string, Maker>> = {
  ridge: ({ net, loss }) => ridge({ net: features(net.inputs), loss: loss! }),
  neuralProcess: ({ net: { inputs }, loss }) =>
    neuralProcess({ inputs, outputs: 1, encoder: [inputs + 1, 8], decoder: [inputs + 8, 1], loss: loss! }),
  memory: ({ net: { inputs }, loss }) =>
    memory({ inputs, outputs: 1, hidden: 4, decoder: [inputs + 4, 1], loss: loss! }),
  inContext: ({ net: { inputs }, loss }) => inContext({ inputs, outputs: 1, width: 8, layers: 1, loss: loss! }),
};

const POOL = simulatedPool(2, { bars: 700 });
const [UNSEEN] = simulatedPool(1, { bars: 700, seed: 9 });
const TEST_FROM = POOL[0].time[600];
const QUICK = { testFrom: TEST_FROM, seeds: 1, marketWide: "none", support: { rows: 24 } } as const;

function training(engine: Engine, method: Maker, more: object = {}): Promise<Forecaster> {
  return quickForecaster(engine, POOL, { ...QUICK, meta: { steps: 20, method }, ...more });
}

/** Believing all that is read, whatever validation chose. */
const believing = (forecaster: Forecaster): Forecaster => ({
  ...forecaster,
  steps: 1,
  shrinkage: 1,
  trust: { share: 1, limit: Infinity },
});

for (const [name, method] of Object.entries(MAKERS)) {
  Deno.test(`a forecaster by ${name} forecasts by what it reads, unadapted by its pretrained network, and is saved to the bit`, async () => {
    await using engine = await openEngine({ backend: "cpu", threads: 1 });
    const trained = await training(engine, method);
    const [{ state, pretrained }] = trained.members;
    assertEquals([state.config.method?.kind, pretrained.config.method], [name, undefined]);
    assert(trained.steps <= 1 && state.moments.step === 0);
    const forecaster = believing(trained);
    const range = { from: UNSEEN.time[640], to: UNSEEN.time[644] };
    const said = await forecast(engine, forecaster, UNSEEN, range);
    assert(said.value.every((value, i) => Number.isFinite(value) && value !== said.unadapted[i]));
    assertEquals((await forecast(engine, { ...forecaster, steps: 0 }, UNSEEN, range)).value, said.unadapted);
    const plain = { ...forecaster, steps: 0, members: [{ ...forecaster.members[0], state: pretrained }] };
    assertEquals((await forecast(engine, plain, UNSEEN, range)).value, said.unadapted);
    const back = await decodeForecaster(await encodeForecaster(forecaster));
    assertEquals(await forecast(engine, back, UNSEEN, range), said);
    // Bars behind a decision change nothing, and a market listed a moment ago is forecast unadapted.
    assertEquals((await forecast(engine, forecaster, sliceBars(UNSEEN, 0, 641), range)).value, said.value.slice(0, 1));
    const young = await forecast(engine, forecaster, sliceBars(UNSEEN, 0, 15));
    assertEquals(young.value, young.unadapted);
  });
}

Deno.test("a forecaster by a method takes up its networks where it was cut, to the bit", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const whole = await training(engine, MAKERS.ridge, { seeds: 2 });
  assertEquals(whole.members[1].state.values.logRidge.length, 1);
  const cut = await training(engine, MAKERS.ridge, { seeds: 2, trained: [whole.members[0]] });
  assertEquals(cut.members[1].state.values, whole.members[1].state.values);
  assertEquals([cut.shrinkage, cut.validation], [whole.shrinkage, whole.validation]);
});

Deno.test("a forecaster by a method is judged, held at a risk beside its pretrained and its untrained twin, and followed online", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const forecaster = believing(await training(engine, MAKERS.ridge));
  const { scores } = await compareForecasts(engine, forecaster, [UNSEEN], { pool: POOL, from: TEST_FROM, every: 5 });
  const error = (wanted: string): number => scores.find(({ name }) => name === wanted)!.mse;
  assert(error(FORECASTER_ROWS.adapted) !== error(FORECASTER_ROWS.unadapted));
  assertEquals(error(FORECASTER_ROWS.unadapted), error(FORECASTER_ROWS.pretrained));
  assert(Number.isFinite(error(FORECASTER_ROWS.tuned)));

  const plan = { from: TEST_FROM, seed: 1, options: {}, alone: true, risk: 0.15, market: UNSEEN, others: [] };
  const { results } = await holdAtRisk(engine, forecaster, plan);
  const [own, pretrained, scratch] = results.map(({ wanted }) => wanted.slice(0, 50));
  for (const other of [pretrained, scratch]) assert(other.some((position, i) => position !== own[i]));
  assert(pretrained.some((position, i) => position !== scratch[i]));

  let state = onlineInit(forecaster, [{ symbol: UNSEEN.symbol, interval: UNSEEN.interval }]);
  for (const { bars } of momentsOf([sliceBars(UNSEEN, 0, 650)])) {
    for (const { symbol, bar } of bars) state = observe(state, bar, { symbol });
  }
  const { predictions: [{ value }] } = await updateAndPredict(engine, state);
  const range = { from: UNSEEN.time[649], to: UNSEEN.time[650] };
  assertEquals(value, (await forecast(engine, forecaster, UNSEEN, range)).value[0]);
});

for (const name of ["ridge", "memory"]) {
  Deno.test(`a forecast by ${name} is taken apart: its pretrained network at no step, one reading at all others; its parts add up`, async () => {
    await using engine = await openEngine({ backend: "cpu", threads: 1 });
    const forecaster = believing(await training(engine, MAKERS[name]));
    const market = inspectMarket(forecaster, UNSEEN);
    const at = UNSEEN.time[650];
    const { forecasts, learned, pretrained } = await market.describe(engine, { at, most: 2 });
    assertAlmostEquals(learned.value[0], pretrained.value[0], 1e-9);
    assertAlmostEquals(learned.value[0], forecasts.unadapted[0], 1e-6);
    assertAlmostEquals(learned.value[1], forecasts.value[0], 1e-6);
    assertEquals([learned.value[2], learned.moved[0]], [learned.value[1], 0]);
    assert(learned.moved[1] > 0 && learned.supportLoss.every((loss) => loss > 0));
    assertEquals(learned.layers, [[], [], []]);
    assertEquals(learned.supportLoss[1], learned.supportLoss[2]);

    const { value, baseline, contributions, influence } = await market.explain(engine, { at });
    assertAlmostEquals(value, learned.value[1], 1e-6);
    assertAlmostEquals(contributions.reduce((sum, part) => sum + part, 0), value - baseline, 5e-3);
    assertEquals([influence.length, influence.every((one) => one !== 0)], [24, true]);
    const unread = await market.explain(engine, { at, steps: 0 });
    assertAlmostEquals(unread.value, learned.value[0], 1e-6);
    assert(unread.influence.every((one) => one === 0));
  });
}

Deno.test("a method that says a distribution is forecast by its mean", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const gaussian: Maker = ({ net }) => ridge({ net: features(net.inputs), loss: { kind: "gaussian", floor: 1e-2 } });
  const forecaster = believing(await training(engine, gaussian));
  const [member] = forecaster.members;
  const values = { ...member.state.values, logNoise: Float32Array.of(member.state.values.logNoise[0] + 1) };
  const noisier = { ...forecaster, members: [{ ...member, state: metaInit(member.state.config, { values }) }] };
  const range = { from: UNSEEN.time[640], to: UNSEEN.time[644] };
  const said = await forecast(engine, forecaster, UNSEEN, range);
  assertEquals(await forecast(engine, noisier, UNSEEN, range), said);
  assert(said.value.every((value, i) => value !== said.unadapted[i]));
});

Deno.test("trainForecaster() refuses a method of classes, of other inputs or of several targets, by its name", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const refused = (method: Maker, words: string) => assertRejects(() => training(engine, method), RangeError, words);
  await refused(({ net }) => prototypical({ net: features(net.inputs) }), "that forecasts a number, got prototypical");
  await refused(
    () => matching({ net: features(3), loss: { kind: "mse" } }),
    "inputs that it is given, got matching of 3",
  );
  await refused(({ net: { inputs } }) => inContext({ inputs, outputs: 2 }), "of 1 target, got inContext of 2");
});
