/**
 * Host contracts against the shaders' text, and the arithmetic of dispatches, tiles and plans. No GPU is needed.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { WGSL } from "../../../kernels/sources.ts";
import { MAX_GROUPS, splitDispatch } from "../../../kernels/wgsl/contract.ts";
import type { Kernel } from "../../../kernels/wgsl/contract.ts";
import { perTile, tileConstants } from "../../../kernels/wgsl/tile.ts";
import { countBarriers, planFused, planTape } from "../../../lib/engine/webgpu/fused_plan.ts";
import { choosePath, planChunks, planWidths } from "../../../lib/engine/webgpu/plan.ts";
import { planSlots } from "../../../lib/engine/webgpu/slots.ts";
import type { FusedProblem } from "../../../lib/engine/problem.ts";
import { mlp } from "../../../lib/net/mlp.ts";
import { testWith } from "../../permissions.ts";

const test = testWith("read");

const FOLDER = new URL("../../../kernels/wgsl/", import.meta.url);

/** Every contract whose shader declares bindings, by stem. */
async function contracts(): Promise<Kernel<string, string>[]> {
  const stems = Object.keys(WGSL).filter((stem) => WGSL[stem].includes("@binding"));
  return await Promise.all(stems.map(async (stem) => {
    const module: Record<string, unknown> = await import(new URL(`${stem}.ts`, FOLDER).href);
    const found = Object.values(module).find((value) => (value as { stem?: string }).stem === stem);
    assert(found, `${stem}.ts exports no contract of that stem`);
    return found as Kernel<string, string>;
  }));
}

test("every contract lists its shader's uniform fields and bindings in order", async () => {
  for (const { stem, fields, bindings } of await contracts()) {
    const struct = WGSL[stem].match(/struct Sizes \{([^}]*)\}/)![1];
    const declared = [...struct.matchAll(/^\s*(\w+): (u32|f32),/gm)].map(([, name, type]) => [name, type]);
    assertEquals(Object.entries(fields), declared, stem);
    const bound = [...WGSL[stem].matchAll(/@binding\((\d+)\) var<storage, (\w+)> (\w+)/g)];
    assertEquals(bound.map(([, index]) => Number(index)), bound.map((_, i) => i + 1), stem);
    const found = bound.map(([, , access, name]) => [name, access === "read" ? "read" : "readWrite"]);
    assertEquals(Object.entries(bindings), found, stem);
    assert(found.length <= 8, `${stem} binds more buffers than every adapter has`);
  }
});

Deno.test("splitDispatch() covers every workgroup within the limit of each axis", () => {
  for (const groups of [1, MAX_GROUPS, MAX_GROUPS + 1, 70_001, 10_000_000, MAX_GROUPS ** 2]) {
    const [x, y] = splitDispatch(groups);
    assert(x <= MAX_GROUPS && y <= MAX_GROUPS && x * y >= groups && x * y < groups + y + MAX_GROUPS);
  }
  assertThrows(() => splitDispatch(MAX_GROUPS ** 2 + 1), RangeError, "Cannot dispatch");
});

Deno.test("perTile() covers the product", () => {
  for (const [m, n] of [[1, 1], [3, 65], [64, 64], [65, 9], [257, 512]]) {
    const constants = tileConstants({ m, n, depth: 5 });
    const { TX, TY, MR, NR } = constants as Record<string, number>;
    assert(TX * TY <= 256);
    const tiles = perTile({ tasks: 3, m, n }, constants) / 3;
    assertEquals(tiles, Math.ceil(m / (TY * MR)) * Math.ceil(n / (TX * NR)));
  }
});

function innerOf(steps: number): FusedProblem {
  return {
    net: mlp({ inputs: 3, hidden: [4], outputs: 1 }),
    loss: { kind: "mse" },
    steps,
    rate: { per: "scalar", perStep: false },
    headOnly: false,
    proximal: 0,
  };
}

Deno.test("planSlots() stores the steps that the reverse sweep needs and no others", () => {
  const last = (steps: number): number[] => Array.from({ length: steps + 1 }, (_, k) => k === steps ? 1 : 0);
  const exact = planSlots(innerOf(5), { kind: "unrolled", backpropSteps: 5, stepWeights: last(5) });
  assertEquals([exact.thetaSlots, exact.tapeSlots, exact.gradientSlots], [6, 5, 5]);
  const first = planSlots(innerOf(5), { kind: "unrolled", backpropSteps: 0, stepWeights: last(5) });
  assertEquals([first.thetaSlots, first.tapeSlots, first.gradientSlots], [1, 1, 5]);
  const truncated = planSlots(innerOf(5), { kind: "unrolled", backpropSteps: 2, stepWeights: last(5) });
  assertEquals([truncated.thetaSlots, truncated.tapeSlots], [3, 2]);
  assertEquals([0, 2, 3, 4, 5].map(truncated.theta), [0, 0, 0, 1, 2]);
  assertEquals([0, 2, 3, 4].map(truncated.tape), [0, 0, 0, 1]);
  const reptile = planSlots(innerOf(500), { kind: "reptile" });
  assertEquals([reptile.thetaSlots, reptile.tapeSlots, reptile.gradientSlots], [1, 1, 1]);
});

Deno.test("planChunks() splits tasks in order and throws where one does not fit", () => {
  const widths = planWidths(innerOf(2), { support: 4, query: 3 }, { slots: planSlots(innerOf(2)), rates: 1 });
  const widest = 4 * Math.max(...Object.values(widths));
  assertEquals(planChunks(7, widths, { buffer: 3 * widest, total: Infinity }), [3, 3, 1]);
  assertEquals(planChunks(7, widths, { buffer: 100 * widest, total: Infinity }), [7]);
  assertThrows(() => planChunks(1, widths, { buffer: widest - 1, total: Infinity }), RangeError, "Cannot fit a task");
});

Deno.test("choosePath() fuses small unrolled tasks alone, and never past a software adapter's loops", () => {
  const inner = innerOf(3);
  const unrolled = { kind: "unrolled", backpropSteps: 3, stepWeights: [0, 0, 0, 1] } as const;
  const rows = { support: 8, query: 8 };
  const limits = { iterations: Infinity, workgroupBytes: 16_384 };
  assertEquals(choosePath(inner, rows, { gradient: unrolled, limits }), "fused");
  assertEquals(choosePath(inner, rows, { limits }), "fused");
  assertEquals(choosePath(inner, rows, { gradient: unrolled, limits: { ...limits, iterations: 100 } }), "batched");
  assertEquals(
    choosePath(inner, rows, { gradient: unrolled, limits: { ...limits, iterations: 100, path: "fused" } }),
    "batched",
  );
  assertEquals(choosePath(inner, rows, { gradient: unrolled, limits: { ...limits, path: "batched" } }), "batched");
  assertEquals(choosePath(inner, rows, { gradient: { kind: "reptile" }, limits }), "batched");
  const wide = { ...inner, net: mlp({ inputs: 10, hidden: [256], outputs: 1 }) };
  assertEquals(choosePath(wide, rows, { gradient: unrolled, limits }), "batched");
  assertEquals(choosePath(inner, { support: 100_000, query: 8 }, { gradient: unrolled, limits }), "batched");
});

Deno.test("planFused() holds rows, then one set of parameters, then both, on either side of each threshold", () => {
  const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
  const rows = { support: 20, query: 10 };
  const heldAt = (vec4s: number): readonly unknown[] => {
    const { rowsHeld, held } = planFused(net, rows, { workgroupBytes: 16 * vec4s, workgroupLanes: 1024 });
    return [rowsHeld, held];
  };
  const tiles = 5;
  const rowQuads = tiles * (12 + 2 * (68 + 68 + 1)); // x; activations and δ of both hidden layers; forecasts
  const paramQuads = (3 + 17) * 65 + 17; // a column more than 64, so that neighbours lie in different banks
  assertEquals(heldAt(rowQuads + 2 * paramQuads), [true, 2]);
  assertEquals(heldAt(rowQuads + 2 * paramQuads - 1), [true, 1]);
  assertEquals(heldAt(rowQuads + paramQuads), [true, 1]);
  assertEquals(heldAt(rowQuads + paramQuads - 1), [true, 0]);
  assertEquals(heldAt(rowQuads), [true, 0]);
  assertEquals(heldAt(rowQuads - 1), [false, 1]);
  assertEquals(heldAt(paramQuads), [false, 1]);
  assertEquals(heldAt(paramQuads - 1), [false, 0]);
  assertEquals(heldAt(0), [false, 0]);
  assertEquals(heldAt(49_152 / 16), [true, 1]); // what NVIDIA's Vulkan driver shares
});

Deno.test("planFused() gives a task lanes for its tiles, and tiny tasks a workgroup together", () => {
  const lanes = (widths: readonly number[], rows: number, bytes = 49_152): readonly number[] => {
    const net = mlp({ inputs: widths[0], hidden: widths.slice(1, -1), outputs: widths[widths.length - 1] });
    const { team, teams } = planFused(net, { support: rows, query: 1 }, {
      workgroupBytes: bytes,
      workgroupLanes: 1024,
    });
    return [team, teams];
  };
  assertEquals(lanes([10, 64, 64, 1], 20), [320, 1]);
  assertEquals(lanes([10, 128, 128, 1], 60), [512, 1]);
  assertEquals(lanes([1, 8, 1], 5), [16, 4]);
  assertEquals(lanes([1, 1], 1), [8, 8]);
  assertEquals(lanes([1, 8, 1], 5, 16 * 300), [16, 3]); // 84 vec4s a task
  assertEquals(lanes([1, 8, 1], 5, 0), [16, 1]);
  assertEquals(lanes([4, 6, 1], 12), [32, 1]);
});

Deno.test("planFused() and planTape() give every region of a task a place of its own", () => {
  const shapes: readonly (readonly [readonly number[], number])[] = [[[3, 2], 1], [[2, 7, 5, 3], 7], [[1, 8, 1], 33]];
  for (const [widths, rows] of shapes) {
    for (const workgroupBytes of [0, 1024, 4096, 65_536]) {
      const net = mlp({ inputs: widths[0], hidden: widths.slice(1, -1), outputs: widths[widths.length - 1] });
      const plan = planFused(net, { support: rows, query: rows }, { workgroupBytes });
      const { held, quads, rowsHeld, left, right, rowAt, tiles, teamMemory, memory, teams, team } = plan;
      const rowsEnd = right + rowAt[rowAt.length - 1] + tiles * net.outputs;
      assert(right + rowAt[1] === left + rowAt[rowAt.length - 1] + tiles * net.outputs, "right begins where left ends");
      assertEquals(teamMemory, rowsHeld ? rowsEnd : held * quads);
      assert(
        memory >= teams * teamMemory && memory >= teams * team && (!held && !rowsHeld || memory * 16 <= workgroupBytes),
      );
      const slots = planSlots(innerOf(3), { kind: "unrolled", backpropSteps: 3, stepWeights: [0, 0, 0, 1] });
      const tape = planTape(net, plan, { steps: 3, slots, summedRates: 5, reverse: true });
      assert(tape.theta >= (rowsHeld ? 0 : rowsEnd));
      assertEquals(tape.gradient - tape.theta, 4 * quads);
      assertEquals(tape.direction - tape.gradient, 3 * quads);
      assertEquals(tape.query - tape.sweep, 3 * tape.slot);
      assertEquals(tape.stride - tape.rateTerms, 2 * team);
    }
  }
});

Deno.test("countBarriers() counts two a layer there and three back, storage ones only for what is not held", () => {
  const net = mlp({ inputs: 10, hidden: [64, 64], outputs: 1 });
  assertEquals(countBarriers(net, { held: 1, rowsHeld: true }), { step: 6, back: 9, storage: 0 });
  assertEquals(countBarriers(net, { held: 0, rowsHeld: true }), { step: 6, back: 9, storage: 2 });
  assertEquals(countBarriers(net, { held: 0, rowsHeld: false }), { step: 6, back: 9, storage: 15 });
});
