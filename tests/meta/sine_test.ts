/** The field's first problem (Finn et al. 2017, section 5.1) with every setting at its default: no preset diverges on it. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { openEngine } from "../../lib/engine/open.ts";
import { DivergedError } from "../../lib/meta/errors.ts";
import {
  anil,
  fomaml,
  imaml,
  maml,
  mamlPlusPlus,
  metaGradient,
  metaSgd,
  type PresetOptions,
  reptile,
} from "../../lib/meta/presets.ts";
import type { MetaConfig } from "../../lib/meta/config.ts";
import { metaInit, type MetaInitOptions } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { type Random, random } from "../../lib/net/random.ts";
import type { Samples, Task } from "../../lib/engine/problem.ts";

const PRESETS: Record<string, (options: PresetOptions) => MetaConfig> = {
  anil,
  fomaml,
  imaml,
  maml,
  mamlPlusPlus,
  metaGradient,
  metaSgd,
  reptile,
};
const SEEDS = Array.from({ length: 20 }, (_, i) => i + 1);
const engine = await openEngine({ backend: "cpu" });

function sine(stream: Random): Task {
  const [amplitude, phase] = [0.1 + 4.9 * stream.uniform(), Math.PI * stream.uniform()];
  const points = (): Samples => {
    const x = Float32Array.from({ length: 10 }, () => 10 * stream.uniform() - 5);
    return { rows: 10, x, y: x.map((value) => amplitude * Math.sin(value + phase)) };
  };
  return { support: points(), query: points() };
}

/** Seeds whose training of 8 steps on 10 tasks each diverges, or is on its way to. */
async function divergent(config: MetaConfig, options: MetaInitOptions): Promise<number[]> {
  const found: number[] = [];
  for (const seed of SEEDS) {
    const stream = random(seed);
    const batches = Array.from({ length: 8 }, () => Array.from({ length: 10 }, () => sine(stream)));
    try {
      for await (
        const { meanLoss } of metaTrain(engine, metaInit(config, { ...options, seed }), batches, { every: 8 })
      ) {
        if (!(meanLoss < 10)) found.push(seed); // predicting 0 has 4
      }
    } catch (error) {
      if (!(error instanceof DivergedError)) throw error;
      found.push(seed);
    }
  }
  return found;
}

for (const [name, preset] of Object.entries(PRESETS)) {
  Deno.test(`${name}() at its defaults trains on sines: none of ${SEEDS.length} seeds diverges`, async () => {
    for (const hidden of [[40, 40], [64, 64]]) {
      assertEquals(await divergent(preset({ net: mlp({ inputs: 1, hidden, outputs: 1 }) }), {}), []);
    }
  });
}

Deno.test("metaInit({ init }) is the initialiser by name: he's variance, for inputs of unit variance, diverges on sines", async () => {
  const config = fomaml({ net: mlp({ inputs: 1, hidden: [64, 64], outputs: 1 }) });
  const start = metaInit(config, { seed: 1, init: "he" });
  assert(start.params.some((weight) => Math.abs(weight) > 1), "he's first layer goes beyond ±1");
  assert((await divergent(config, { init: "he" })).length > 0);
  assertThrows(() => metaInit(config, { init: "he", params: start.params }), TypeError, "expected init or params");
});
