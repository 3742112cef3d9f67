import { assert, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { classShares, methodLosses, plainLosses } from "../../examples/methods/judge.ts";
import { CONTENDERS } from "../../examples/methods/methods.ts";
import {
  direction,
  sampleSplit,
  shuffled,
  simulatedSplit,
  sinusoid,
  volatility,
} from "../../examples/methods/problems.ts";
import { openCpuEngine } from "../../lib/engine/cpu/open.ts";
import type { Task } from "../../lib/engine/problem.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { maml } from "../../lib/meta/presets.ts";
import { matching } from "../../lib/method/matching.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { testWith } from "../permissions.ts";
import { inTempFolder, runExample } from "./run.ts";

const test = testWith("read", "write", "run", "env");
const SIZES = { tasks: 2, tests: 20 };

test("methods compares what it is asked to on every problem, the same for a seed, and writes a page that loads nothing", async () => {
  await inTempFolder(async (folder) => {
    const args = [
      "--steps",
      "2",
      "--seeds",
      "1",
      "--tests",
      "10",
      "--tasks",
      "2",
      "--backend",
      "cpu",
      "--only",
      "MAML,matching,simulated",
    ];
    const { code, stdout, stderr } = await runExample("methods", args, folder);
    assertEquals(code, 0, stderr);
    for (const name of ["MAML", "FOMAML", "matching"]) {
      assertMatch(stdout, RegExp(`^${name} +\\d\\.\\d{3} +\\d\\.\\d{3} +\\d\\.\\d{3} +\\d\\.\\d{3}$`, "m"));
    }
    assertMatch(stdout, /^in context, simulated markets +– +\d/m);
    assertMatch(stdout, /^Bayesian MAML .*–$/m);
    const page = await Deno.readTextFile(`${folder}/out/methods.html`);
    assertStringIncludes(page, "5-day volatility");
    assertEquals(/<script|src=|https?:/.test(page), false);
    const again = await runExample("methods", [...args, "--problems", "sinusoid"], folder);
    const column = (text: string): string[] =>
      [...text.matchAll(/^[A-Za-z][\w -]*\w {2,}(\d\.\d{3}|–)/gm)].map(([, cell]) => cell);
    assert(column(stdout).length >= 5);
    assertEquals(column(again.stdout), column(stdout));
  });
});

test("methods throws on bad options", async () => {
  await inTempFolder(async (folder) => {
    for (
      const [args, message] of [
        [["--problems", "weather"], "--problems must name sinusoid, hour, days, direction"],
        [["--train", "x"], "--train, --test and --from go together"],
        [["--only", "magic"], "--only must name a method"],
      ] as const
    ) {
      const { code, stderr } = await runExample("methods", [...args], folder);
      assertEquals(code, 1);
      assertStringIncludes(stderr, message);
    }
  });
});

Deno.test("tasks to be judged on come from markets and times that no method learned from", async () => {
  const markets = await sampleSplit();
  const names = markets.train.map(({ symbol }) => symbol);
  assert(markets.test.every(({ symbol }) => !names.includes(symbol)));
  const problem = direction(markets, SIZES);
  for (const { support, query } of problem.tests) {
    for (const { rows, y } of [support, query]) {
      for (let r = 0; r < rows; r++) assertEquals(y[2 * r] + y[2 * r + 1], 1);
    }
  }
  assertEquals(direction(markets, SIZES).tests, problem.tests);
  const [first] = problem.batches(3);
  const [again] = problem.batches(3);
  const [other] = problem.batches(4);
  assertEquals(again, first);
  assert(JSON.stringify(other) !== JSON.stringify(first));
});

const one = (y: number[], width: number): Task => {
  const rows = y.length / width;
  const set = { rows, x: Float32Array.from({ length: rows }, (_, i) => i), y: Float32Array.from(y) };
  return { support: set, query: set };
};

Deno.test("the support's mean and a method that forecasts it have the same loss", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const tasks = [one([1, 2, 6], 1)];
  assertLess(Math.abs(plainLosses(tasks)[0] - (4 + 1 + 9) / 3), 1e-12);
  const net = mlp({ inputs: 1, hidden: [], outputs: 1 });
  const constant = metaInit(maml({ net, inner: { steps: 0, lr: 1 } }), { params: Float32Array.of(0, 3) });
  assertLess(Math.abs((await methodLosses(engine, constant, { tasks, classes: false }))[0] - (4 + 1 + 9) / 3), 1e-6);
});

Deno.test("classes are judged by the probability of what came, of logits and of probabilities alike", async () => {
  await using engine = await openCpuEngine({ threads: 1 });
  const tasks = [one([1, 0, 1, 0, 0, 1], 2)];
  const held = (p: number): number => -Math.log(0.01 + 0.98 * p);
  assertLess(Math.abs(plainLosses(tasks, classShares(tasks))[0] - (2 * held(2 / 3) + held(1 / 3)) / 3), 1e-12);
  const net = mlp({ inputs: 1, hidden: [], outputs: 2 });
  const loss = { kind: "crossEntropy" } as const;
  const even = metaInit(maml({ net, loss, inner: { steps: 0, lr: 1 } }), { params: Float32Array.of(0, 0, 5, 5) });
  assertLess(Math.abs((await methodLosses(engine, even, { tasks, classes: true }))[0] - held(0.5)), 1e-6);
  const blind = metaInit(matching({ net }), { params: Float32Array.of(0, 0, 1, 1) });
  assertLess(
    Math.abs((await methodLosses(engine, blind, { tasks, classes: true }))[0] - (2 * held(2 / 3) + held(1 / 3)) / 3),
    1e-5,
  );
});

Deno.test("every method has a start on every problem that it is for", async () => {
  const run = { seed: 1, batches: 5 };
  const markets = await sampleSplit();
  const problems = [
    sinusoid(SIZES),
    volatility({ id: "days", title: "days" }, markets, { horizon: 5, sizes: SIZES }),
    direction(markets, SIZES),
  ];
  for (const contender of CONTENDERS) {
    const started = problems.filter((problem) => contender.start(problem, run) !== undefined).length;
    assert(
      started >= 1 && (started === 3 || /prototypical|ridge|learned loss|Bayesian|simulated/.test(contender.name)),
      contender.name,
    );
  }
  assertEquals(simulatedSplit().test.length, 4);
});

Deno.test("shuffled() gives a support's rows in another order, each with its own label", () => {
  const support = { rows: 6, x: Float32Array.from({ length: 12 }, (_, i) => i), y: Float32Array.of(0, 1, 2, 3, 4, 5) };
  const query = { rows: 1, x: Float32Array.of(1, 2), y: Float32Array.of(3) };
  const before = structuredClone(support);
  const found = shuffled({ support, query }, 3);
  assertEquals(found, shuffled({ support, query }, 3));
  assert(found.support.y.some((value, i) => value !== support.y[i]));
  assertEquals([...found.support.y].sort(), [0, 1, 2, 3, 4, 5]);
  found.support.y.forEach((row, i) =>
    assertEquals([...found.support.x.subarray(2 * i, 2 * i + 2)], [2 * row, 2 * row + 1])
  );
  assertEquals([found.query, support], [query, before]);
});
