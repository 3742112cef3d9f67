// The account as values is the project's account, to rounding; its gradient is that of central differences, and Kelly's slope.
import { assert, assertAlmostEquals, assertEquals, assertLess, assertThrows } from "@std/assert";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { lossGradient, metaGradientOf } from "../../lib/meta/differential.ts";
import { checkMetaGradient } from "../../lib/meta/check_meta_gradient.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { type Random, random } from "../../lib/net/random.ts";
import { grad } from "../../lib/program/grad.ts";
import { createGraph } from "../../lib/program/graph.ts";
import { interpreter } from "../../lib/program/interpret.ts";
import { toProgram } from "../../lib/program/program.ts";
import { accountCourse, type CourseRules } from "../../lib/rl/account_course.ts";
import { growthLoss, outputPosition } from "../../lib/rl/growth_loss.ts";
import { openAccount, stepAccount } from "../../lib/trading/account.ts";

const naive = openNaiveEngine();
const HOUR = 3_600_000;

/** Log growth of each bar by the project's account: market orders at the close, brought back at every bar. */
function byLedger(returns: number[][], targets: number[][], costRate: number): number[] {
  const rules = { fill: "close", rebalance: "always", costs: { takerFee: costRate } } as const;
  const price = returns[0].map(() => 100);
  const barsAt = (bar: number, wanted: number[]) =>
    price.map((close, a) => ({
      market: `M${a}`,
      bar: { time: bar * HOUR, open: close, high: close, low: close, close, volume: 0 },
      interval: HOUR,
      target: wanted[a],
    }));
  let { account } = stepAccount(openAccount(rules), barsAt(0, price.map(() => 0)), rules);
  return returns.map((row, bar) => {
    const before = account.equity;
    row.forEach((value, a) => price[a] *= 1 + value);
    ({ account } = stepAccount(account, barsAt(bar + 1, targets[bar]), rules));
    return Math.log(account.equity / before);
  });
}

function byProgram(returns: number[][], targets: number[][], rules: CourseRules): Float64Array {
  const g = createGraph();
  const shape = [returns.length, returns[0].length];
  const [r, w] = [g.constant(returns.flat(), shape), g.constant(targets.flat(), shape)];
  const { growth } = accountCourse(g, { returns: r, decide: (bar) => g.at(w, 0, bar) }, rules);
  return interpreter(toProgram({ growth }))({}).growth;
}

/** A target: flat, all in, a flip, levered, the one before, anything. */
function drawTarget(stream: Random, before: number): number {
  const drawn = 5 * stream.uniform() - 2.5;
  return [0, 1, -1, -before, before, drawn, drawn / 3, drawn / 3][stream.integer(8)];
}

Deno.test("an account as values earns what the ledger does, to rounding: long, short, flipped, levered, one market and three", () => {
  const stream = random(11);
  let worst = 0;
  for (let run = 0; run < 120; run++) {
    const [assets, bars] = [run % 2 === 0 ? 1 : 3, 25];
    const costRate = [0, 0.001, 0.02][run % 3];
    const returns = Array.from({ length: bars }, () => Array.from({ length: assets }, () => 0.03 * stream.normal()));
    let before = Array.from({ length: assets }, () => 0);
    const targets = returns.map(() => before = before.map((one) => drawTarget(stream, one) / (assets === 1 ? 1 : 2)));
    const [wanted, found] = [byLedger(returns, targets, costRate), byProgram(returns, targets, { costRate })];
    wanted.forEach((value, bar) => {
      assert(Number.isFinite(value));
      worst = Math.max(worst, Math.abs(found[bar] - value));
    });
  }
  assertLess(worst, 1e-12);
});

Deno.test("rounding the kink of the cost takes from it at most smooth · costRate a trade", () => {
  const stream = random(12);
  const returns = Array.from({ length: 40 }, () => [0.02 * stream.normal()]);
  const targets = returns.map(() => [2 * stream.uniform() - 1]);
  const [exact, smooth] = [{ costRate: 0.01 }, { costRate: 0.01, smooth: 0.01 }]
    .map((rules) => byProgram(returns, targets, rules));
  exact.forEach((value, bar) => {
    const less = Math.exp(smooth[bar]) - Math.exp(value);
    assert(less >= -1e-12 && less < 2 * 0.01 * 0.01, `${less}`);
  });
});

Deno.test("gradients of the account by every target agree with central differences, drift and flips included", () => {
  const stream = random(13);
  const bars = 8;
  const returns = Float64Array.from({ length: 2 * bars }, () => 0.05 * stream.normal());
  const targets = Float64Array.from({ length: 2 * bars }, () => 2 * stream.uniform() - 1);
  const g = createGraph();
  const w = g.input("w", [bars, 2]);
  const run = { returns: g.constant(returns, [bars, 2]), decide: (bar: number) => g.at(w, 0, bar) };
  const total = g.sum(accountCourse(g, run, { costRate: 0.01, smooth: 0.05 }).growth);
  const evaluate = interpreter(toProgram({ total, slope: grad(g, total, [w])[0] }));
  const { slope } = evaluate({ w: targets });
  targets.forEach((_, i) => {
    const at = (by: number): number => evaluate({ w: targets.with(i, targets[i] + by) }).total[0];
    assertAlmostEquals((at(1e-6) - at(-1e-6)) / 2e-6, slope[i], 1e-7);
  });
});

Deno.test("direct reinforcement at cost 0 in one asset has Kelly's slope, mean r / (1 + w r), and ends at his position", async () => {
  const constant = mlp({ inputs: 1, hidden: [], outputs: 1 });
  const returns = Float32Array.of(0.05, -0.04, 0.03, 0.02, -0.045, 0.01);
  const bars = { rows: 6, x: new Float32Array(6), y: returns };
  const loss = growthLoss({ costRate: 0, maxPosition: Infinity });
  const slopeAt = (w: number): number => returns.reduce((sum, r) => sum + r / (1 + w * r), 0) / 6;
  for (const w of [-1, 0, 0.5, 2]) {
    const { grad: found, loss: value } = await lossGradient(naive, constant, loss, Float32Array.of(0, w), bars);
    assertAlmostEquals(-found[1], slopeAt(w), 1e-8);
    assertAlmostEquals(-value, returns.reduce((sum, r) => sum + Math.log(1 + w * r), 0) / 6, 1e-7);
  }
  // Trained, the bias is where the slope is 0.
  const config = maml({ net: constant, loss, inner: { steps: 0 }, outer: { optimizer: "sgd", lr: 300 } });
  let state = metaInit(config, { params: new Float32Array(2) });
  const batches = Array.from({ length: 400 }, () => [{ support: bars, query: bars }]);
  for await (const progress of metaTrain(naive, state, batches, { every: 400 })) state = progress.state;
  assertAlmostEquals(slopeAt(state.params[1]), 0, 1e-6);
  assert(state.params[1] > 1);
});

Deno.test("an account is differentiated through the inner loop of MAML as exactly as any loss", async () => {
  const stream = random(14);
  const net = mlp({ inputs: 2, hidden: [3], outputs: 1, activation: "tanh" });
  const set = (rows: number) => ({
    rows,
    x: Float32Array.from({ length: 2 * rows }, () => stream.normal()),
    y: Float32Array.from({ length: rows }, () => 0.05 * stream.normal()),
  });
  const loss = growthLoss({ costRate: 0.01, smooth: 0.05, scale: 100 });
  const state = metaInit(maml({ net, loss, inner: { steps: 2, lr: 0.1 } }), { seed: 3 });
  const { params } = await checkMetaGradient(naive, state, [{ support: set(6), query: set(5) }]);
  assertLess(params, 1e-5);
});

Deno.test("the CPU engine takes the meta-gradient through sixty bars of an account as the reference does", async () => {
  await using cpu = await openCpuEngine({ threads: 1 });
  const stream = random(15);
  const net = mlp({ inputs: 2, hidden: [3], outputs: 1 });
  const set = (rows: number) => ({
    rows,
    x: Float32Array.from({ length: 2 * rows }, () => stream.normal()),
    y: Float32Array.from({ length: rows }, () => 0.02 * stream.normal()),
  });
  const state = metaInit(maml({ net, loss: growthLoss({ scale: 100 }), inner: { steps: 1, lr: 0.1 } }), { seed: 3 });
  const tasks = [{ support: set(60), query: set(20) }];
  const [found, wanted] = [await metaGradientOf(cpu, state, tasks), await metaGradientOf(naive, state, tasks)];
  const norm = (values: Float32Array): number => Math.hypot(...values);
  assertLess(norm(found.params.map((value, i) => value - wanted.params[i])), 1e-4 * norm(wanted.params));
});

Deno.test("an account whose equity is gone grows by log 1e-9, and stays finite", () => {
  const found = byProgram([[-0.6], [0.1]], [[2], [1]], { costRate: 0 });
  assertAlmostEquals(found[0], Math.log(1e-9), 1e-9);
  assert(Number.isFinite(found[1]));
});

Deno.test("positions, losses and courses refuse what does not fit", () => {
  assertAlmostEquals(outputPosition(1, 2), 2 * Math.tanh(0.5), 1e-15);
  assertEquals(outputPosition(3, Infinity), 3);
  assertThrows(() => growthLoss({ costRate: -1 }), RangeError, "costRate");
  assertThrows(() => growthLoss({ maxPosition: 0 }), RangeError, "maxPosition");
  const g = createGraph();
  const returns = g.constant([0.1], [1, 1]);
  assertThrows(
    () => accountCourse(g, { returns, decide: () => g.constant([1, 2]) }, { costRate: 0 }),
    TypeError,
    "targets [1]",
  );
});
