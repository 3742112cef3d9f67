/**
 * RL² on Bernoulli bandits, ten tries at five arms (Duan et al. 2016, table 1), beside chance, Thompson sampling and the greedy rule:
 * what bench/METHODS.md says of it. `deno run --allow-read --allow-env bench/bandits.ts [seeds] [steps] [lr]`
 * @module
 */
import { maml, metaInit, type MetaState, metaStep, openEngine, type Random, random } from "@adaptrade/adaptrade";
import { memoryLoss, memoryPolicy, playedTask, playEpisodes } from "@adaptrade/adaptrade/rl";

const SIZES = { actions: 5, steps: 10, hidden: 32 } as const;
const EPISODES = 1000;
const JUDGED = 20_000;

/** Arms that pay 1 with probabilities drawn uniformly. */
function drawBandit(stream: Random): (action: number, stream: Random) => number {
  const pays = Array.from({ length: SIZES.actions }, () => stream.uniform());
  return (action, rewards) => rewards.uniform() < pays[action] ? 1 : 0;
}

/** A gamma variate of whole shape: a sum of exponentials. */
function gamma(shape: number, stream: Random): number {
  let sum = 0;
  for (let i = 0; i < shape; i++) sum -= Math.log(1 - stream.uniform());
  return sum;
}

/** Mean total and its standard error of a rule that scores arms by wins and losses; ties by chance. */
function baseline(score: (wins: number, losses: number, stream: Random) => number): { mean: number; error: number } {
  const stream = random(99);
  let [sum, squares] = [0, 0];
  for (let e = 0; e < JUDGED; e++) {
    const bandit = drawBandit(stream);
    const [wins, losses] = [new Array<number>(SIZES.actions).fill(0), new Array<number>(SIZES.actions).fill(0)];
    let total = 0;
    for (let t = 0; t < SIZES.steps; t++) {
      const scores = wins.map((won, a) => [score(won, losses[a], stream), stream.uniform(), a]);
      const [[, , action]] = scores.sort((a, b) => b[0] - a[0] || b[1] - a[1]);
      const reward = bandit(action, stream);
      reward === 1 ? wins[action]++ : losses[action]++;
      total += reward;
    }
    sum += total;
    squares += total ** 2;
  }
  const mean = sum / JUDGED;
  return { mean, error: Math.sqrt((squares / JUDGED - mean ** 2) / JUDGED) };
}

const [seeds = 3, steps = 800, lr = 0.015] = Deno.args.map(Number);
const show = (name: string, mean: number, error: number): void =>
  console.log(`${name.padEnd(22)} ${mean.toFixed(3)} ± ${error.toFixed(3)}`);
for (
  const [name, score] of [
    ["chance", () => 0],
    ["Thompson sampling", (won, lost, stream) => {
      const [a, b] = [gamma(won + 1, stream), gamma(lost + 1, stream)];
      return a / (a + b);
    }],
    ["greedy", (won, lost) => (won + 1) / (won + lost + 2)],
  ] satisfies [string, (wins: number, losses: number, stream: Random) => number][]
) {
  const { mean, error } = baseline(score);
  show(name, mean, error);
}

await using engine = await openEngine({ backend: "cpu" });
for (let seed = 1; seed <= seeds; seed++) {
  const outer = { lr, clipNorm: 1, schedule: { kind: "cosine", steps, floor: 0.02 } } as const;
  const config = maml({ net: memoryPolicy(SIZES), loss: memoryLoss(SIZES), inner: { steps: 0 }, outer });
  let state: MetaState = metaInit(config, { seed });
  for (let step = 0; step < steps; step++) {
    const play = { ...SIZES, episodes: EPISODES, seed: seed * 1_000_000 + step, draw: drawBandit };
    const played = await playEpisodes(engine, state.params, play);
    ({ state } = await metaStep(engine, state, [playedTask(played, SIZES)]));
    if (step % 50 === 0) console.error(`seed ${seed}, step ${step}: ${played.mean.toFixed(2)}`);
  }
  for (const greedy of [false, true]) {
    const judged = { ...SIZES, episodes: JUDGED, seed: 7, draw: drawBandit, greedy };
    const { mean, rewards } = await playEpisodes(engine, state.params, judged);
    let squares = 0;
    for (let e = 0; e < JUDGED; e++) {
      let total = 0;
      for (let t = 0; t < SIZES.steps; t++) total += rewards[e * SIZES.steps + t];
      squares += (total - mean) ** 2;
    }
    show(`RL², seed ${seed}${greedy ? ", likeliest" : ""}`, mean, Math.sqrt(squares / JUDGED / JUDGED));
  }
}
