/**
 * Host contracts against the shaders' text, and the arithmetic of dispatches. No GPU is needed.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { WGSL } from "../../../kernels/sources.ts";
import { MAX_GROUPS, splitDispatch } from "../../../kernels/wgsl/contract.ts";
import type { Kernel } from "../../../kernels/wgsl/contract.ts";
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
