import { assert, assertGreater, assertLess } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { metaGradient } from "../../lib/meta/presets.ts";
import { mlp } from "../../lib/net/mlp.ts";
import type { Bar } from "../../lib/data/bar.ts";
import { onlineConfig, type OnlineOptions } from "../../lib/online/config.ts";
import { observe } from "../../lib/online/observe.ts";
import { onlineInit, onlineLearner } from "../../lib/online/state.ts";
import { updateAndPredict } from "../../lib/online/update.ts";
import { isForetold, jumpStream, lagFeatures, LAGS, STRETCH } from "./jump_stream.ts";

const BARS = 6 * STRETCH;
const SEEDS = [1, 2, 3];
/** Fixed rates to choose the best of in hindsight: from hardly learning to the edge of divergence. */
const FIXED = [0.0005, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.07, 0.1, 0.15, 0.2, 0.3];
/** The learned rate must have crossed to the right side of this within so many bars of a jump. */
const [MIDDLE, BARS_TO_FOLLOW] = [0.05, 100];
/** Loss below the best fixed rate's, as a share of it. */
const MARGIN = 0.02;
const FAST: OnlineOptions["timescales"] = [{ every: 1, lr: 0.2 }];

const FIXED_LOSSES = new Map<number, readonly number[]>();

interface Run {
  readonly loss: number;
  readonly rates: readonly number[];
}

async function run(
  engine: Engine,
  bars: readonly Bar[],
  options: { readonly lr: number } & Pick<OnlineOptions, "timescales">,
): Promise<Run> {
  const net = mlp({ inputs: LAGS, hidden: [], outputs: 1 });
  const meta = metaGradient({
    net,
    inner: { steps: 5, lr: options.lr, lrShape: { per: "scalar" } },
    loss: { kind: "mse" },
    learn: { lr: true },
  });
  const config = onlineConfig({
    meta,
    history: LAGS + 1,
    features: lagFeatures,
    trainRows: 20,
    validationRows: 10,
    ...(options.timescales && { timescales: options.timescales }),
    bounds: { lr: [0.001, 0.3] },
  });
  let state = onlineInit(config, [{ symbol: "X", interval: "1h" }], { params: new Float32Array(net.parameterCount) });
  const rates: number[] = [];
  for (const bar of bars) {
    ({ state } = await updateAndPredict(engine, observe(state, bar)));
    rates.push(Math.exp(onlineLearner(state).logLr[0]));
  }
  const { lossSum, count } = state.markets[0].score;
  return { loss: lossSum / count, rates };
}

/** Loss of each fixed rate on the stream of a seed, computed once. */
async function fixedLosses(engine: Engine, seed: number): Promise<readonly number[]> {
  const known = FIXED_LOSSES.get(seed);
  if (known) return known;
  const bars = jumpStream(BARS, seed);
  const losses: number[] = [];
  for (const lr of FIXED) losses.push((await run(engine, bars, { lr, timescales: [] })).loss);
  FIXED_LOSSES.set(seed, losses);
  return losses;
}

Deno.test("the learned rate follows jumps of the best rate, and beats the best fixed rate in hindsight", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  for (const seed of SEEDS) {
    const bars = jumpStream(BARS, seed);
    const { loss, rates } = await run(engine, bars, { lr: 0.05, timescales: FAST });
    const losses = await fixedLosses(engine, seed);
    const best = Math.min(...losses);
    assert(best < losses[0] && best < losses[FIXED.length - 1], "the best fixed rate lies within those tried");
    assertLess(loss, (1 - MARGIN) * best, `seed ${seed}: ${loss} against ${best} at ${FIXED[losses.indexOf(best)]}`);
    for (let jump = 0; jump < BARS; jump += STRETCH) {
      const right = (rate: number): boolean => isForetold(jump) ? rate > MIDDLE : rate < MIDDLE;
      const crossed = rates.slice(jump, jump + STRETCH).findIndex(right);
      assert(
        crossed >= 0 && crossed <= BARS_TO_FOLLOW,
        `seed ${seed}: the jump at ${jump} was followed after ${crossed}`,
      );
      const late = rates.slice(jump + BARS_TO_FOLLOW, jump + STRETCH).filter(right).length;
      assertGreater(
        late,
        0.8 * (STRETCH - BARS_TO_FOLLOW),
        `seed ${seed}: ${late} bars behind ${jump} on the right side`,
      );
    }
  }
});

Deno.test("the default timescales beat the best fixed rate in hindsight too", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  let [learned, fixed] = [0, 0];
  for (const seed of SEEDS) {
    learned += (await run(engine, jumpStream(BARS, seed), { lr: 0.05 })).loss;
    fixed += Math.min(...await fixedLosses(engine, seed));
  }
  assertLess(learned, 0.995 * fixed);
});
