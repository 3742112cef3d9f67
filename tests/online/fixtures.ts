/** Small online learners for the tests. */
import type { Engine } from "../../lib/engine/engine.ts";
import type { MetaConfig } from "../../lib/meta/config.ts";
import { metaGradient } from "../../lib/meta/presets.ts";
import { mlp } from "../../lib/net/mlp.ts";
import type { Bar } from "../../lib/data/bar.ts";
import { onlineConfig, type OnlineOptions } from "../../lib/online/config.ts";
import { observe } from "../../lib/online/observe.ts";
import { onlineInit, type OnlineState } from "../../lib/online/state.ts";
import { type OnlineUpdate, updateAndPredict } from "../../lib/online/update.ts";
import { lagFeatures, LAGS } from "./jump_stream.ts";

/** A small tanh network over the lags. */
export const NET = mlp({ inputs: LAGS, hidden: [4], outputs: 1, activation: "tanh" });

/** The online trader's method on that network. */
export const META: MetaConfig = metaGradient({ net: NET, inner: { steps: 3, lr: 0.05 } });

/** A learner of short windows over the lags, before its first bar. */
export function smallLearner(options: Partial<OnlineOptions> = {}, symbols: readonly string[] = ["X"]): OnlineState {
  const config = onlineConfig({
    meta: META,
    history: LAGS + 1,
    features: lagFeatures,
    trainRows: 12,
    validationRows: 5,
    ...options,
  });
  return onlineInit(config, symbols.map((symbol) => ({ symbol, interval: "1h" })));
}

/** The learner after bars of its one market, updated at each. */
export async function after(engine: Engine, state: OnlineState, bars: readonly Bar[]): Promise<OnlineState> {
  for (const bar of bars) ({ state } = await updateAndPredict(engine, observe(state, bar)));
  return state;
}

/** Every update over bars of its one market. */
export async function updates(engine: Engine, state: OnlineState, bars: readonly Bar[]): Promise<OnlineUpdate[]> {
  const made: OnlineUpdate[] = [];
  for (const bar of bars) {
    made.push(await updateAndPredict(engine, observe(state, bar)));
    state = made[made.length - 1].state;
  }
  return made;
}

/** Every array and object within a value, frozen or (for typed arrays, which cannot be frozen) copied for comparison. */
export function copyOf<T>(value: T): T {
  return structuredClone(value);
}
