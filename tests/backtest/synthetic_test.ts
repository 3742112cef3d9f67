import { assertLess } from "@std/assert";
import { pretrain } from "../../lib/backtest/pretrain.ts";
import type { Engine } from "../../lib/engine/engine.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";
import { adaptPredict } from "../../lib/meta/predict.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit, type MetaState } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { type Random, random } from "../../lib/net/random.ts";

/** Assets share f and differ in a: y = a · f(x), a uniform in [−2, 2]. */
function assetTask(stream: Random): Task {
  const a = 4 * stream.uniform() - 2;
  const draw = (rows: number): Samples => {
    const x = Float32Array.from({ length: rows * 2 }, () => stream.normal());
    return { rows, x, y: Float32Array.from({ length: rows }, (_, i) => a * Math.sin(x[2 * i] + 0.5 * x[2 * i + 1])) };
  };
  return { support: draw(10), query: draw(20) };
}

async function lossAfter(engine: Engine, state: MetaState, run: { tasks: Task[]; steps: number }): Promise<number> {
  const pairs = run.tasks.map(({ support, query }) => ({ support, x: query.x }));
  const outputs = await adaptPredict(engine, state, pairs, { steps: run.steps });
  const losses = outputs.map((output, t) =>
    output.reduce((sum, y, i) => sum + (y - run.tasks[t].query.y[i]) ** 2, 0) / 20
  );
  return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
}

Deno.test("the meta-learned start beats from scratch and pretrained after 1 and 5 steps on assets y = a f(x)", async () => {
  await using engine = openNaiveEngine();
  const net = mlp({ inputs: 2, hidden: [16], outputs: 1, activation: "tanh" });
  const config = maml({ net, inner: { steps: 1, lr: 0.1 }, outer: { lr: 0.01 } });
  const stream = random(11);
  const batches = Array.from({ length: 300 }, () => Array.from({ length: 4 }, () => assetTask(stream)));
  const unseen = Array.from({ length: 40 }, () => assetTask(stream));
  const scratch = metaInit(config, { seed: 12 });
  let learned = scratch;
  for await (const progress of metaTrain(engine, scratch, batches, { every: 100 })) learned = progress.state;
  const pretrained = await pretrain(engine, config, batches, { seed: 12 });
  for (const steps of [1, 5]) {
    const [meta, pooled, fresh] = await Promise.all(
      [learned, pretrained, scratch].map((state) => lossAfter(engine, state, { tasks: unseen, steps })),
    );
    assertLess(meta, 0.7 * pooled, `after ${steps} steps: ${meta} against ${pooled} pretrained`);
    assertLess(meta, 0.7 * fresh, `after ${steps} steps: ${meta} against ${fresh} from scratch`);
  }
});
