/** Arguments in the wrong order are named, not met inside. */
import { assertRejects } from "@std/assert";
import {
  adapt,
  adaptPredict,
  backtest,
  checkLookahead,
  forward,
  maml,
  metaInit,
  metaStep,
  metaTrain,
  mlp,
  openEngine,
  predict,
  sampleMarkets,
} from "../../mod.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { someTasks } from "./fixtures.ts";

// deno-lint-ignore no-explicit-any
const any = (value: unknown): any => value;

Deno.test("swapped arguments are named: what was expected, and what came in its place", async () => {
  const engine = openNaiveEngine();
  const net = mlp({ inputs: 10, hidden: [], outputs: 1 });
  const config = maml({ net });
  const state = metaInit(config);
  const tasks = someTasks(net, 1);
  const [{ support }] = tasks;
  const [dax] = await sampleMarkets({ symbols: ["DAX"] });
  const swapped = ": are the arguments swapped?";
  for (
    const [call, message] of [
      [() => adapt(any(state), any(engine), support), `engine to be an Engine, received a MetaState${swapped}`],
      [() => adapt(engine, any(support), any(state)), `state to be a MetaState, received samples${swapped}`],
      [() => adapt(engine, any(config), support), `state to be a MetaState, received a config${swapped}`],
      [() => adapt(any(undefined), state, support), "engine to be an Engine, received undefined"],
      [() => metaStep(engine, any(tasks), any(state)), "state to be a MetaState, received an array"],
      [() => metaTrain(any(state), any(engine), [tasks]).next(), `received a MetaState${swapped}`],
      [() => adaptPredict(any([]), any(engine), any(state)), "engine to be an Engine, received an array"],
      [() => predict(any(state), any(engine), support.x), `engine to be an Engine, received a MetaState${swapped}`],
      [() => forward(any(net), any(engine), state.params, support.x), `received a network${swapped}`],
      [() => backtest(engine, any(dax), any(state)), `state to be a MetaState, received candles${swapped}`],
      [() => checkLookahead(any(dax), state, any(engine)), `engine to be an Engine, received candles${swapped}`],
    ] as const
  ) await assertRejects(call as () => Promise<unknown>, TypeError, message);
});

Deno.test("openEngine() refuses more threads than any machine has, adapt() more steps than a program can hold", async () => {
  await assertRejects(() => openEngine({ backend: "cpu", threads: 1e6 }), RangeError, "at most 1024, got 1000000");
  const one = metaInit(maml({ net: mlp({ inputs: 1, hidden: [], outputs: 1 }) }));
  const support = { rows: 1, x: Float32Array.of(1), y: Float32Array.of(2) };
  await assertRejects(
    () => adapt(openNaiveEngine(), one, support, { steps: 1e9 }),
    RangeError,
    "steps to be at most 100000, received 1000000000",
  );
});
