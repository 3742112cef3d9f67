// A population of learners by meta-gradients: the toy of its paper, lineage, resumption, members that fail.
import { assert, assertAlmostEquals, assertEquals, assertGreater, assertLess, assertRejects } from "@std/assert";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import type { Task } from "../../lib/engine/problem.ts";
import { metaGradientOf } from "../../lib/meta/differential.ts";
import { maml } from "../../lib/meta/presets.ts";
import { defineModel } from "../../lib/model/define_model.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { populationBased } from "../../lib/search/population.ts";
import { defineSpace } from "../../lib/search/space.ts";
import { type Population, type PopulationGeneration, trainPopulation } from "../../lib/search/train_population.ts";
import { someTasks } from "../meta/fixtures.ts";

const engine = openNaiveEngine();

async function all(generations: AsyncIterable<PopulationGeneration>): Promise<PopulationGeneration[]> {
  const found: PopulationGeneration[] = [];
  for await (const generation of generations) found.push(generation);
  return found;
}

/** θ itself, whatever the input, from (0.9, 0.9). */
const theta = defineModel({
  name: "theta",
  inputs: 1,
  outputs: 2,
  params: { theta: [2] },
  init: () => ({ theta: [0.9, 0.9] }),
  apply: (g, p, x) => g.broadcast(g.reshape(p.theta, [1, 2]), [x.shape[0], 2]),
});
const row = { rows: 1, x: Float32Array.of(0), y: Float32Array.of(0, 0) };
const toyTask: Task = { support: row, query: row };

/**
 * Figure 2 of Jaderberg et al. 2017: Q(θ) = 1.2 − θ₀² − θ₁², climbed by the gradient of 1.2 − h₀θ₀² − h₁θ₁², two members that see
 * one coordinate each.
 */
function toy(share: number): Population {
  return {
    space: defineSpace({ h0: { kind: "uniform", min: 0, max: 1 }, h1: { kind: "uniform", min: 0, max: 1 } }),
    method: onCoordinates(populationBased({ members: 2, generations: 60, budget: 4, share, redraw: 0, step: 0.2 })),
    config: ({ h0, h1 }) =>
      maml({
        net: theta,
        inner: { steps: 0 },
        loss: {
          kind: "custom",
          outputs: 1,
          row: (g, predicted) => g.sum(g.mul(g.constant([Number(h0), Number(h1)]), g.square(predicted)), 1),
        },
        outer: { optimizer: "sgd", lr: 0.01 },
      }),
    batch: () => [toyTask],
    judge: (_, { params: [a, b] }) => a * a + b * b - 1.2,
  };
}

/** The same method, its first members on one coordinate each. */
function onCoordinates(method: Population["method"]): Population["method"] {
  return {
    ...method,
    next: (search) =>
      method.next(search).map((wish) =>
        wish.rung > 0 ? wish : { ...wish, configuration: { h0: 1 - wish.bracket, h1: wish.bracket } }
      ),
  };
}

Deno.test("a population climbs to 1.20 on the paper's toy, where members that exchange nothing stay below 0.39", async () => {
  const ends: number[] = [];
  for (let seed = 0; seed < 11; seed++) {
    const alone = (await all(trainPopulation(engine, toy(0), { seed }))).at(-1)!;
    assertLess(-alone.best.loss!, 0.39);
    ends.push(-(await all(trainPopulation(engine, toy(0.5), { seed }))).at(-1)!.best.loss!);
  }
  ends.sort((a, b) => a - b);
  assertGreater(ends[0], 1.15);
  assertAlmostEquals(ends[5], 1.2, 0.01);
});

const net = mlp({ inputs: 1, hidden: [4], outputs: 1 });
const tasks = someTasks(net, 3);

function rates(members = 4): Population {
  return {
    space: defineSpace({ lr: { kind: "logUniform", min: 1e-4, max: 1 } }),
    method: populationBased({ members, generations: 4, budget: 3, share: 0.25 }),
    config: ({ lr }) => maml({ net, inner: { steps: 1 }, outer: { lr: Number(lr) } }),
    batch: (step) => [tasks[step % 3], tasks[(step + 1) % 3]],
    judge: async (engine, state) => (await metaGradientOf(engine, state, tasks)).loss,
  };
}

Deno.test("each member goes on from its parent's values, moments and step, and lineage reaches the first generation", async () => {
  const generations = await all(trainPopulation(engine, rates(), { seed: 2 }));
  const members = generations.flatMap(({ members }) => members);
  assertEquals(members.map(({ id }) => id), Array.from({ length: 16 }, (_, i) => i));
  for (const { id, parent, rung, state } of members) {
    assertEquals(state.step, 3 * (rung + 1));
    if (parent === null) assertEquals(rung, 0);
    else assertEquals([members[parent].rung, state.moments.step], [rung - 1, 3 * (rung + 1)], `of ${id}`);
  }
  // The worst of a generation is replaced by the best's child, under another rate.
  const [first, second] = generations;
  const ranked = [...first.members].sort((a, b) => a.loss! - b.loss!);
  const heir = second.members[ranked[3].bracket];
  assertEquals(heir.parent, ranked[0].id);
  assert(heir.configuration.lr !== ranked[3].configuration.lr);
  const least = Math.min(...members.map(({ loss }) => loss!));
  assertEquals(generations[3].best.loss, least);
});

Deno.test("a population resumed after two generations is the one that was never interrupted, to the bit", async () => {
  const whole = await all(trainPopulation(engine, rates(), { seed: 5 }));
  const rest = await all(trainPopulation(engine, rates(), { seed: 5, past: whole.slice(0, 2) }));
  assertEquals(rest.map(({ generation }) => generation), [2, 3]);
  assertEquals(
    rest.map(({ members }) => members.map(({ loss, state }) => [loss, state.params])),
    whole.slice(2).map(({ members }) => members.map(({ loss, state }) => [loss, state.params])),
  );
});

Deno.test("a member that diverges fails and is replaced", async () => {
  const population: Population = {
    ...rates(8),
    space: defineSpace({ lr: { kind: "logUniform", min: 1e-3, max: 1e8 } }),
    config: ({ lr }) => maml({ net, inner: { steps: 1 }, outer: { optimizer: "sgd", lr: Number(lr) } }),
  };
  const [first, second] = await all(trainPopulation(engine, population, { seed: 1 }));
  const failed = first.members.filter(({ loss }) => loss === null);
  assert(failed.length > 0 && failed.length < 8, `${failed.length} failed`);
  for (const { bracket, id } of failed) assert(second.members[bracket].parent !== id);
});

Deno.test("trainPopulation() refuses configurations of different networks, and hears an abort", async () => {
  const population: Population = {
    ...rates(),
    config: ({ lr }) => maml({ net: mlp({ inputs: 1, hidden: [Number(lr) > 0.01 ? 4 : 5], outputs: 1 }) }),
  };
  await assertRejects(() => all(trainPopulation(engine, population, { seed: 2 })), RangeError, "one network");
  const signal = AbortSignal.abort(new Error("enough"));
  await assertRejects(() => all(trainPopulation(engine, rates(), { signal })), Error, "enough");
});
