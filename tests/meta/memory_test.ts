// What a long training costs in device memory, counted in bytes that the engine holds.
import { assert, assertEquals } from "@std/assert";
import { openEngine } from "../../lib/engine/open.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { metaTrain } from "../../lib/meta/train.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { gpuRuns } from "../gpu.ts";
import { someTasks } from "./fixtures.ts";

const net = mlp({ inputs: 3, hidden: [4], outputs: 1 });

for (const [backend, steps] of [["cpu", 10_000], ["webgpu", 10_000]] as const) {
  Deno.test({
    name: `${backend} memory is flat over ${steps} outer steps (trap 12)`,
    ignore: backend === "webgpu" && !gpuRuns(),
    fn: async () => {
      await using engine = await openEngine({ backend });
      const tasks = someTasks(net, 2);
      const batches = (function* () {
        for (let i = 0; i < steps; i++) yield tasks;
      })();
      const held: number[] = [];
      for await (
        const { step } of metaTrain(engine, metaInit(maml({ net, inner: { steps: 1 } })), batches, {
          every: steps / 10,
        })
      ) {
        held.push(engine.heldBytes);
        assertEquals(step, held.length * steps / 10);
      }
      assertEquals(new Set(held).size, 1);
      assert(held[0] > 0);
    },
  });

  Deno.test({
    name: `${backend} memory grows linearly in inner steps, by no more than the trajectory`,
    ignore: backend === "webgpu" && !gpuRuns(),
    fn: async () => {
      const wide = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
      const tasks = someTasks(wide, backend === "cpu" ? 64 : 8);
      const rows = 7;
      const heldAfter = async (inner: number): Promise<number> => {
        await using engine = await openEngine({ backend, ...(backend === "cpu" && { threads: 1 }) });
        let held = 0;
        const state = metaInit(maml({ net: wide, inner: { steps: inner } }));
        for await (const _ of metaTrain(engine, state, [tasks])) held = engine.heldBytes;
        return held;
      };
      const held = [];
      for (const inner of [10, 20, 40]) held.push(await heldAfter(inner));
      const [first, second] = [(held[1] - held[0]) / 10, (held[2] - held[1]) / 20];
      // Kept a task and step: θ_k and g_k, and for each unit of each row its input, slope, curvature, delta and their
      // tangents (at most 8 arrays), all float32.
      const units = wide.widths.reduce((sum, width) => sum + width, 0);
      const most = 4 * tasks.length * (2 * wide.parameterCount + 8 * units * rows);
      assert(first > 0 && second > 0, "the trajectory is held");
      assert(Math.max(first, second) <= most, `${first} and ${second} bytes a step, expected at most ${most}`);
    },
  });
}
