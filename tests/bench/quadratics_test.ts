// Learned rules on random quadratics: the claims of their papers, at a size that a test can afford. The figures are in bench/METHODS.md.
import { assertLess } from "@std/assert";
import { fixedRule, judge, learnRule, quadratics, tuneRate } from "../../bench/quadratics.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { random } from "../../lib/net/random.ts";
import type { RuleConfig } from "../../lib/rule/config.ts";

const CHOSEN_ON = quadratics(random(1), 128);
const JUDGED_ON = quadratics(random(2), 512);

async function tuned(rule: RuleConfig, rates: readonly number[]): Promise<number> {
  await using engine = await openCpuEngine({ threads: 1 });
  const lr = await tuneRate(engine, rule, { rates, tasks: CHOSEN_ON });
  return await judge(engine, fixedRule(rule, lr), JUDGED_ON);
}

Deno.test("an LSTM trained for 500 batches is below gradient descent and Adam of the best rates after 100 steps", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const rule = { kind: "learned", hidden: 20, scale: 0.1 } as const;
  const state = await learnRule(engine, rule, { steps: 20, batches: 500, lr: 0.005, seed: 1, validation: CHOSEN_ON });
  const found = await judge(engine, state, JUDGED_ON);
  assertLess(found, await tuned({ kind: "sgd" }, [0.005, 0.01, 0.015, 0.02]));
  assertLess(found, await tuned({ kind: "adam" }, [0.1, 0.2, 0.3, 0.5]));
});

Deno.test("a perceptron of 19 features trained for 100 batches is below gradient descent of the best rate after 100 steps", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const rule = { kind: "mlp", scale: 0.1 } as const;
  const state = await learnRule(engine, rule, { steps: 50, batches: 100, lr: 0.005, seed: 1, validation: CHOSEN_ON });
  assertLess(await judge(engine, state, JUDGED_ON), await tuned({ kind: "sgd" }, [0.005, 0.01, 0.015, 0.02]));
});
