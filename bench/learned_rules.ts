/**
 * What learned rules are worth: on random quadratics beside rules whose rates are tuned, and on the field's sinusoids beside
 * Meta-SGD. `deno run --allow-read --allow-write bench/learned_rules.ts [--seeds N] [--only quadratics|sinusoid] [--write]`.
 * @module
 */
import { parseArgs } from "node:util";
import {
  type Engine,
  lstmMetaLearner,
  type MetaConfig,
  metaInit,
  metaSgd,
  metaTrain,
  mlp,
  random,
  type Task,
} from "@adaptrade/adaptrade";
import type { RuleConfig } from "@adaptrade/adaptrade/methods";
import { openCpuEngine } from "../lib/engine/cpu/open.ts";
import { testErrors } from "../examples/sinusoid/evaluate.ts";
import { testTasks, trainingBatch } from "../examples/sinusoid/tasks.ts";
import { fixedRule, judge, learnRule, quadratics, tuneRate } from "./quadratics.ts";
import { writeTable } from "./sections.ts";
import { spreadOf } from "./statistics.ts";

/** Tasks on which rates and training steps are chosen, and those on which all are judged: seeds that no training uses. */
const CHOSEN_ON = quadratics(random(1), 128);
const JUDGED_ON = quadratics(random(2), 512);

const RATES = [1, 1.5, 2, 3, 5, 7].flatMap((digit) => [1000, 100, 10].map((parts) => digit / parts));
const TUNED: Readonly<Record<string, RuleConfig>> = {
  "SGD": { kind: "sgd" },
  "momentum 0.9": { kind: "momentum", mu: 0.9 },
  "Adam": { kind: "adam" },
};
const LSTM: RuleConfig = { kind: "learned", hidden: 20, scale: 0.1 };
const MLP: RuleConfig = { kind: "mlp", scale: 0.1 };
const LEARNED: readonly {
  readonly name: string;
  readonly rule: RuleConfig;
  readonly steps: number;
  readonly batches: number;
}[] = [
  { name: "two LSTM layers of 20", rule: LSTM, steps: 20, batches: 800 },
  { name: "two LSTM layers of 20", rule: LSTM, steps: 40, batches: 1500 },
  { name: "perceptron of 19 features", rule: MLP, steps: 20, batches: 800 },
  { name: "perceptron of 19 features", rule: MLP, steps: 100, batches: 800 },
];

/** Rows of the table of quadratics. */
async function quadraticRows(engine: Engine, seeds: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const [name, rule] of Object.entries(TUNED)) {
    const lr = await tuneRate(engine, rule, { rates: RATES, tasks: CHOSEN_ON });
    rows.push([
      `${name}, best of ${RATES.length} rates: ${lr}`,
      (await judge(engine, fixedRule(rule, lr), JUDGED_ON)).toFixed(3),
    ]);
  }
  for (const { name, rule, steps, batches } of LEARNED) {
    const found: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const state = await learnRule(engine, rule, { steps, batches, lr: 0.005, seed, validation: CHOSEN_ON });
      found.push(await judge(engine, state, JUDGED_ON));
      console.error(`${name}, seed ${seed}: ${found.at(-1)!.toFixed(3)}`);
    }
    rows.push([`${name}, trained on ${steps} steps, ${batches} batches of 16`, spreadOf(found)]);
  }
  return [["rule", "f after 100 steps"], ...rows];
}

const NET = mlp({ inputs: 1, hidden: [40, 40], outputs: 1 });
const CURVES = { outer: { batches: 5000, lr: 0.003 }, shots: 5, count: 600 };

function* curves(seed: number, batches: number): Generator<Task[]> {
  for (let batch = 0; batch < batches; batch++) yield trainingBatch(seed, batch, { tasks: 25, rows: 10 });
}

/** Rows of the table of sinusoids. */
async function sinusoidRows(engine: Engine, seeds: number): Promise<string[][]> {
  const { outer: { batches, lr }, shots, count } = CURVES;
  const outer = { lr, clipNorm: 1, schedule: { kind: "cosine", steps: batches, floor: 0.01 } } as const;
  const sgd = { net: NET, inner: { steps: 1, lr: 0.01 }, outer } as const;
  const gated = (rule: RuleConfig): MetaConfig => lstmMetaLearner({ net: NET, inner: { steps: 1, rule }, outer });
  const methods: Readonly<Record<string, MetaConfig>> = {
    "Meta-SGD": metaSgd(sgd),
    "Meta-SGD, first order": metaSgd({ ...sgd, gradient: { kind: "unrolled", backpropSteps: 0 } }),
    "gates as published: 14 numbers, first order": gated({ kind: "gated" }),
    "the same, second order": gated({ kind: "gated", firstOrder: false }),
    "LSTM meta-learner: gates beside a rate a parameter": lstmMetaLearner({ net: NET, inner: { steps: 1 }, outer }),
  };
  const rows: string[][] = [];
  for (const [name, config] of Object.entries(methods)) {
    const found: number[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      let state = metaInit(config, { seed });
      for await (const progress of metaTrain(engine, state, curves(seed, batches), { every: batches })) {
        state = progress.state;
      }
      const errors = await testErrors(engine, state, { tasks: testTasks(99, count, shots), steps: 1 });
      found.push(errors.reduce((sum, error) => sum + error / count, 0));
      console.error(`${name}, seed ${seed}: ${found.at(-1)!.toFixed(3)}`);
    }
    rows.push([name, spreadOf(found)]);
  }
  return [["method", "mse after 1 step on 5 points"], ...rows];
}

const SECTIONS: Readonly<Record<string, (engine: Engine, seeds: number) => Promise<string[][]>>> = {
  quadratics: quadraticRows,
  sinusoid: sinusoidRows,
};

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      seeds: { type: "string", default: "3" },
      only: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  await using engine = await openCpuEngine({ threads: 1 });
  for (const [name, rowsOf] of Object.entries(SECTIONS)) {
    if (values.only !== undefined && values.only !== name) continue;
    await writeTable(
      { file: "METHODS.md", name: `learned rules: ${name}` },
      await rowsOf(engine, Number(values.seeds)),
      values.write,
    );
  }
}
