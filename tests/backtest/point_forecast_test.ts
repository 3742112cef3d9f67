// What a backtest and an online learner trade is the point forecast of the loss, whatever the model's outputs are.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertThrows } from "@std/assert";
import { forecastWalk } from "../../lib/backtest/forecast_walk.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { barsOf } from "../../lib/data/bar.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { simulateMarket } from "../../lib/features/simulate_market.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { onlineConfig } from "../../lib/online/config.ts";
import { observe } from "../../lib/online/observe.ts";
import { onlineInit, onlineLearner } from "../../lib/online/state.ts";
import { forecastInput } from "../../lib/online/windows.ts";
import { updateAndPredict } from "../../lib/online/update.ts";
import { sampleMarkets } from "../../lib/data/sample.ts";

const engine = openNaiveEngine();
const [candles] = await sampleMarkets({ symbols: ["DAX"] });
const quantile = { kind: "quantile", levels: [0.2, 0.5, 0.8], smooth: 0.1 } as const;
const net = mlp({ inputs: 10, hidden: [], outputs: 3 });

Deno.test("a walk-forward forecasts the median of quantiles", async () => {
  const state = metaInit(maml({ net, loss: quantile, inner: { steps: 1, lr: 0.1 } }), { seed: 1 });
  const walk = walkForward(candles, { supportRows: 10, from: candles.time[candles.time.length - 6] });
  const forecasts = await forecastWalk(engine, state, { market: "DAX", walk });
  const outputs = await adaptPredict(engine, state, walk.pairs);
  walk.scalers.forEach(({ y }, i) => assertAlmostEquals(forecasts[i], outputs[i][1] * y.scale[0] + y.mean[0], 1e-9));
});

Deno.test("a walk of more decisions than go to the engine at once is forecast in the same bits", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const config = maml({ net: mlp({ inputs: 10, hidden: [], outputs: 1 }), inner: { steps: 1, lr: 0.1 } });
  const state = metaInit(config, { seed: 1 });
  const walk = walkForward(simulateMarket({ bars: 4300, seed: 3 }).candles, { supportRows: 4 });
  assertGreater(walk.pairs.length, 4096);
  const outputs = await adaptPredict(cpu, state, walk.pairs);
  const expected = outputs.map(([value], i) => value * walk.scalers[i].y.scale[0] + walk.scalers[i].y.mean[0]);
  assertEquals([...await forecastWalk(cpu, state, { market: "LONG", walk })], expected);
});

Deno.test("an online learner forecasts the mean of a normal distribution", async () => {
  const meta = maml({ net: mlp({ inputs: 10, hidden: [], outputs: 2 }), loss: { kind: "gaussian", floor: 0.01 } });
  const config = onlineConfig({ meta, trainRows: 10, validationRows: 4 });
  let state = onlineInit(config, [candles], { params: new Float32Array(22) });
  for (const bar of [...barsOf(candles)].slice(0, 280)) state = observe(state, bar);
  const { predictions: [prediction], state: updated } = await updateAndPredict(engine, state);
  state = updated;
  const { support, x, scaler: { y } } = forecastInput(state, 0)!;
  const [[mean, variance]] = await adaptPredict(engine, onlineLearner(state), [{ support, x }]);
  assert(mean !== variance);
  assertAlmostEquals(prediction.value, mean * y.scale[0] + y.mean[0], 1e-9);
  assertThrows(() => onlineConfig({ meta: maml({ net }) }), RangeError, "meta.net.outputs");
});
