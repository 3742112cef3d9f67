// An agent whose learning is its memory: one parameter vector for all lengths, its gradient, and that it learns to learn.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { lossGradient } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaStep } from "../../lib/meta/train.ts";
import { lstm } from "../../lib/model/lstm.ts";
import { type Random, random } from "../../lib/net/random.ts";
import {
  type Bandit,
  memoryLoss,
  memoryPolicy,
  type Played,
  playedTask,
  playEpisodes,
} from "../../lib/rl/memory_agent.ts";

const naive = openNaiveEngine();
const SIZES = { actions: 3, steps: 4, hidden: 5 } as const;

function someParams(count: number): Float32Array {
  const stream = random(6);
  return Float32Array.from({ length: count }, () => 0.5 * stream.normal());
}

/** One arm always pays, the others never: what a memory can find out. */
function oneArmPays(stream: Random): Bandit {
  const pays = stream.integer(SIZES.actions);
  return (action) => action === pays ? 1 : 0;
}

Deno.test("a policy over whole episodes answers at each step as an LSTM that has read so far", async () => {
  const net = memoryPolicy(SIZES);
  const params = someParams(net.parameterCount);
  const stream = random(2);
  const x = Float32Array.from({ length: 2 * net.inputs }, () => stream.normal());
  const all = await naive.forward(net, params, x);
  for (let t = 0; t < SIZES.steps; t++) {
    const now = lstm({ time: t + 1, features: 5, hidden: 5, outputs: 3 });
    assertEquals(now.parameterCount, net.parameterCount);
    for (const e of [0, 1]) {
      const read = x.slice(e * net.inputs, e * net.inputs + (t + 1) * 5);
      const found = await naive.forward(now, params, read);
      found.forEach((value, a) => assertAlmostEquals(all[e * net.outputs + t * 3 + a], value, 1e-6));
    }
  }
});

Deno.test("an episode is read as it was played: last action, last reward, and a mark where there was none", async () => {
  const params = someParams(memoryPolicy(SIZES).parameterCount);
  const play = { ...SIZES, episodes: 6, seed: 3, draw: oneArmPays };
  const { x, actions, rewards, mean } = await playEpisodes(naive, params, play);
  let total = 0;
  for (let e = 0; e < 6; e++) {
    for (let t = 0; t < SIZES.steps; t++) {
      const row = [...x.subarray((e * SIZES.steps + t) * 5, (e * SIZES.steps + t + 1) * 5)];
      const before = e * SIZES.steps + t - 1;
      const wanted = t === 0 ? [0, 0, 0, 0, 1] : [0, 0, 0, rewards[before], 0];
      if (t > 0) wanted[actions[before]] = 1;
      assertEquals(row, wanted);
      total += rewards[e * SIZES.steps + t];
    }
  }
  assertAlmostEquals(mean, total / 6, 1e-12);
  assertEquals(await playEpisodes(naive, params, play), { x, actions, rewards, mean });
});

Deno.test("the loss has the score's gradient, each action weighed by what it brought beyond the others of its group", async () => {
  const sizes = { actions: 2, steps: 2, hidden: 3 };
  // Three episodes; the first step's returns are 3, 1 and 2, against the mean of the two others.
  const played: Played = {
    x: new Float32Array(3 * 8),
    actions: Int32Array.of(0, 0, 1, 0, 1, 1),
    rewards: Float64Array.of(1, 2, 1, 0, 1, 1),
    mean: 2,
  };
  const { query } = playedTask(played, sizes);
  const firsts = [0, 1, 2].map((e) => Math.max(query.y[e * 4], query.y[e * 4 + 1]) - 1024);
  [3 - 1.5, 1 - 2.5, 2 - 2].forEach((wanted, e) => assertAlmostEquals(firsts[e], wanted, 1e-3));
  const net = memoryPolicy(sizes);
  const loss = memoryLoss(sizes, { entropy: 0 });
  const { grad } = await lossGradient(naive, net, loss, new Float32Array(net.parameterCount), query);
  // At no knowledge π is ½: by the first logit's bias −mean Σ A (1[a = 0] − ½).
  let wanted = 0;
  for (let i = 0; i < 6; i++) {
    const e = Math.floor(i / 2);
    const advantage = Math.max(query.y[e * 4 + i % 2 * 2], query.y[e * 4 + i % 2 * 2 + 1]) - 1024;
    wanted -= advantage * ((played.actions[i] === 0 ? 1 : 0) - 0.5) / 3;
  }
  assertAlmostEquals(grad[net.parameterCount - 2], wanted, 1e-6);
});

Deno.test("an agent learns to look for the arm that pays and to stay with it", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const sizes = { ...SIZES, hidden: 16 };
  const config = maml({
    net: memoryPolicy(sizes),
    loss: memoryLoss(sizes),
    inner: { steps: 0 },
    outer: { lr: 0.02, clipNorm: 1 },
  });
  let state = metaInit(config, { seed: 1 });
  const means: number[] = [];
  for (let step = 0; step < 120; step++) {
    const played = await playEpisodes(cpu, state.params, { ...sizes, episodes: 200, seed: step, draw: oneArmPays });
    means.push(played.mean);
    ({ state } = await metaStep(cpu, state, [playedTask(played, sizes)]));
  }
  // By chance 4/3. Best: the arm is found at the first, second or third try, then pulled: (4 + 3 + 2) / 3.
  assertLess(means[0], 1.7);
  const judged = await playEpisodes(cpu, state.params, { ...sizes, episodes: 2000, seed: 9999, draw: oneArmPays });
  assertGreater(judged.mean, 2.8);
  assert(judged.mean <= 3.1);
});

Deno.test("memoryPolicy() refuses sizes that are none", () => {
  assertThrows(() => memoryPolicy({ ...SIZES, hidden: 0 }), RangeError, "hidden");
  assertThrows(() => memoryLoss(SIZES, { entrpy: 1 } as never), TypeError, "entropy");
});
