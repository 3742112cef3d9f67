// What methods decide: Hyperband's sizes, promotions, failures, order of arrival, early ends, the population's toy.
import { assert, assertEquals, assertGreater, assertLess, assertNotEquals, assertThrows } from "@std/assert";
import { bohb } from "../../lib/search/bohb.ts";
import { hyperband, hyperbandRungs, successiveHalving } from "../../lib/search/hyperband.ts";
import { populationBased } from "../../lib/search/population.ts";
import { randomSearch } from "../../lib/search/random_search.ts";
import {
  bestTrial,
  type FinishedTrial,
  nextTrials,
  type SearchMethod,
  type Trial,
} from "../../lib/search/search_method.ts";
import { defineSpace } from "../../lib/search/space.ts";
import { stopEarly } from "../../lib/search/stop_early.ts";

const SPACE = defineSpace({
  rule: { kind: "choice", values: ["sgd", "momentum"] },
  lr: { kind: "logUniform", min: 1e-4, max: 1 },
  mu: { kind: "uniform", min: 0, max: 1, when: { rule: ["momentum"] } },
});

/** Runs a search to its end; losses from the trial and the states of those before. */
function run(method: SearchMethod, seed: number, lossOf: (trial: Trial) => number | null): FinishedTrial[] {
  const past: FinishedTrial[] = [];
  for (;;) {
    const trials = nextTrials(method, { space: SPACE, seed, past });
    if (trials.length === 0) return past;
    past.push(...trials.map((trial) => ({ ...trial, loss: lossOf(trial) })));
  }
}

const surface = ({ configuration: { lr, mu }, budget }: Trial): number =>
  Math.abs(Math.log10(lr as number) + 2) + Math.abs((mu as number | undefined ?? 1) - 0.9) + 1 / budget;

const METHODS: readonly SearchMethod[] = [
  randomSearch({ trials: 20 }),
  successiveHalving({ trials: 20, maxBudget: 9 }),
  hyperband({ maxBudget: 27, iterations: 2 }),
  bohb({ maxBudget: 27, iterations: 2 }),
  populationBased({ members: 10, generations: 5 }),
];

Deno.test("hyperbandRungs() has Li et al.'s table 1 for R = 81, η = 3", () => {
  const rungs = hyperbandRungs({ maxBudget: 81, eta: 3 }).map((bracket) =>
    bracket.map(({ trials, budget }) => [trials, budget])
  );
  assertEquals(rungs, [
    [[81, 1], [27, 3], [9, 9], [3, 27], [1, 81]],
    [[34, 3], [11, 9], [3, 27], [1, 81]],
    [[15, 9], [5, 27], [1, 81]],
    [[8, 27], [2, 81]],
    [[5, 81]],
  ]);
});

Deno.test("hyperbandRungs() refuses budgets so far apart that no search could begin", () => {
  for (const maxBudget of [Infinity, Number.MAX_VALUE, 1e12]) {
    assertThrows(() => hyperbandRungs({ maxBudget }), RangeError, `received ${maxBudget}`);
  }
});

Deno.test("hyperbandRungs() keeps whole powers whole, whatever the base", () => {
  for (const [eta, most] of [[2, 10], [3, 8], [5, 5], [10, 4]]) {
    const brackets = hyperbandRungs({ maxBudget: eta ** most, eta });
    assertEquals(brackets.length, most + 1, `${eta}^${most}`);
    assertEquals(brackets[0].at(-1), { trials: 1, budget: eta ** most });
  }
});

for (const method of METHODS) {
  Deno.test(`${method.kind} decides the same again, and something else from another seed`, () => {
    assertEquals(run(method, 1, surface), run(method, 1, surface));
    assertNotEquals(run(method, 1, surface), run(method, 2, surface));
  });

  Deno.test(`${method.kind} decides the same at its second call, and leaves the past as it was`, () => {
    const past = run(method, 5, surface);
    const upTo = past.filter(({ round }) => round < 1);
    const copy = structuredClone(upTo);
    const search = { space: SPACE, seed: 5, past: upTo };
    const [first, second] = [nextTrials(method, search), nextTrials(method, search)];
    assertEquals(first, second);
    assertEquals(first, past.filter(({ round }) => round === 1).map(({ loss: _, ...trial }) => trial));
    assertEquals(upTo, copy);
  });

  Deno.test(`${method.kind} ends where everything fails, and goes on from nothing that failed`, () => {
    const failed = run(method, 1, () => null);
    assertEquals(bestTrial(failed), null);
    const past = run(method, 1, (trial) => trial.id % 3 === 0 ? null : surface(trial));
    for (const { parent } of past) if (parent !== null) assertNotEquals(past[parent].loss, null);
  });
}

Deno.test("hyperband() takes on the best third of each rung, ties by number", () => {
  const past = run(hyperband({ maxBudget: 81 }), 1, (trial) => trial.id % 2);
  const rung = (bracket: number, rung: number) => past.filter((t) => t.bracket === bracket && t.rung === rung);
  for (const [b, rungs] of hyperbandRungs({ maxBudget: 81 }).entries()) {
    rungs.forEach(({ trials }, k) => {
      assertEquals(rung(b, k).length, trials);
      if (k === 0) return;
      const before = [...rung(b, k - 1)].sort((x, y) => x.loss! - y.loss! || x.id - y.id);
      assertEquals(
        rung(b, k).map(({ parent }) => parent),
        before.slice(0, trials).map(({ id }) => id).sort((x, y) => x - y),
      );
    });
  }
});

Deno.test("nextTrials() refuses a past out of order, and what a method of one's own may not ask for", () => {
  const [first, second] = run(randomSearch({ trials: 2 }), 1, surface);
  assertThrows(
    () => nextTrials(randomSearch({ trials: 2 }), { space: SPACE, seed: 1, past: [second, first] }),
    RangeError,
    "received 1 at place 0",
  );
  const own = (wish: object): SearchMethod => ({
    kind: "own",
    settings: {},
    next: () => [{ bracket: 0, rung: 0, budget: 1, configuration: { rule: "sgd", lr: 0.1 }, parent: null, ...wish }],
  });
  const search = { space: SPACE, seed: 1, past: [] };
  assertEquals(nextTrials(own({}), search).length, 1);
  assertThrows(() => nextTrials(own({ parent: 0 }), search), RangeError, "trial so far, received 0");
  assertThrows(() => nextTrials(own({ budget: 0 }), search), RangeError, "positive budget");
  assertThrows(() => nextTrials(own({ configuration: { rule: "sgd", lr: 2 } }), search), RangeError, "expected lr");
});

Deno.test("stopEarly() ends at its target, and after rounds that brought nothing", () => {
  const method = populationBased({ members: 4, generations: 50 });
  const rounds = (past: readonly FinishedTrial[]) => past.at(-1)!.round + 1;
  const falling = (trial: Trial) => 1 / (1 + trial.rung);
  assertEquals(rounds(run(stopEarly(method, { target: 0.1 }), 1, falling)), 10);
  assertEquals(rounds(run(stopEarly(method, { patience: 3 }), 1, (trial) => Math.max(0.2, falling(trial)))), 8);
  assertEquals(rounds(run(stopEarly(method, { patience: 3 }), 1, falling)), 50);
  assertThrows(() => stopEarly(method, {}), RangeError, "received neither");
});

Deno.test("populationBased() finds the toy's optimum, which none of its members' objectives leads to", () => {
  // Jaderberg et al. 2017, figure 2: Q(θ) = 1.2 − θ₀² − θ₁², trained on Q̂(θ | h) = 1.2 − h₀ θ₀² − h₁ θ₁² by gradients.
  const space = defineSpace({ h0: { kind: "uniform", min: 0, max: 1 }, h1: { kind: "uniform", min: 0, max: 1 } });
  const train = (theta: readonly number[], h: readonly number[], steps: number): readonly number[] => {
    let now = theta;
    for (let i = 0; i < steps; i++) now = now.map((value, j) => value - 0.01 * 2 * h[j] * value);
    return now;
  };
  const lossOf = ([a, b]: readonly number[]): number => a * a + b * b - 1.2;
  const found = (share: number, seed: number): number => {
    const method = populationBased({ members: 2, generations: 40, budget: 4, share, redraw: 0, step: 0.2 });
    const [past, states]: [FinishedTrial[], (readonly number[])[]] = [[], []];
    for (;;) {
      const trials = nextTrials(method, { space, seed, past });
      if (trials.length === 0) return Math.max(...past.slice(-2).map(({ loss }) => -loss!));
      for (const trial of trials) {
        const { parent, rung, bracket, configuration: { h0, h1 } } = trial;
        // The first generation is the paper's: one member sees θ₀ alone, the other θ₁.
        const h = rung === 0 ? [1 - bracket, bracket] : [h0 as number, h1 as number];
        const theta = train(parent === null ? [0.9, 0.9] : states[parent], h, 4);
        states.push(theta);
        past.push({ ...trial, configuration: { h0: h[0], h1: h[1] }, loss: lossOf(theta) });
      }
    }
  };
  // Without exchange each member keeps a coordinate at 0.9: Q stays below 1.2 − 0.81.
  for (let seed = 0; seed < 10; seed++) {
    assertLess(found(0, seed), 0.39);
    assertGreater(found(0.5, seed), 1.15);
  }
});

Deno.test("populationBased() replaces the worst by the best, and changes what it takes over", () => {
  const method = populationBased({ members: 10, generations: 2, share: 0.2 });
  const past = run(method, 3, (trial) => trial.rung === 0 ? trial.id : 0);
  const second = past.slice(10);
  assertEquals(second.slice(0, 8).map(({ parent }) => parent), [0, 1, 2, 3, 4, 5, 6, 7]);
  for (const { parent, configuration } of second.slice(8)) {
    assert(parent === 0 || parent === 1);
    assertNotEquals(configuration, past[parent].configuration);
  }
  assertEquals(
    second.slice(0, 8).map(({ configuration }) => configuration),
    past.slice(0, 8).map((t) => t.configuration),
  );
});
