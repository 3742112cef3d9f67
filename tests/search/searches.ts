// What the tests of running a search share: the space, the objectives, and a search as a program that can be killed.
import { openPool } from "../../lib/pool/mod.ts";
import { bohb, hyperband, openSearches, populationBased, runSearch, type Search } from "../../lib/search/mod.ts";
import type { Json } from "../../lib/pool/mod.ts";

/** The module of the objectives. */
export const KINDS = [import.meta.resolve("./own_trials.ts")];

/** An objective of that module. */
export const objective = (kind: string, params: Json = null) => ({ kind, version: 1, inputs: [], params });

const SPACE = {
  rule: { kind: "choice", values: ["sgd", "momentum"] },
  x: { kind: "uniform", min: 0, max: 1 },
  y: { kind: "logUniform", min: 0.01, max: 1, when: { rule: ["momentum"] } },
  z: { kind: "uniform", min: 0, max: 1 },
} as const;

/** Searches by name; trials of `bowl` take up to `ms`. */
export function searchOf(name: string, ms = 0): Search {
  const h = { kind: "uniform", min: 0, max: 1 } as const;
  switch (name) {
    case "hyperband":
      return { space: SPACE, method: hyperband({ maxBudget: 81 }), objective: objective("bowl", { ms }), seed: 7 };
    case "bohb":
      return { space: SPACE, method: bohb({ maxBudget: 9, iterations: 2 }), objective: objective("bowl", { ms }) };
    default:
      return {
        space: { h0: h, h1: h },
        method: populationBased({ members: 6, generations: 8, budget: 5 }),
        objective: objective("descends"),
      };
  }
}

if (import.meta.main) {
  const [name, path] = Deno.args;
  using store = await openSearches(path);
  await using pool = await openPool("local", { workers: 2, kinds: KINDS });
  const onProgress = () => Deno.stdout.writeSync(new TextEncoder().encode("."));
  await runSearch(pool, searchOf(name, 30), { keep: { store, name }, onProgress });
}
