// Node 20 is the oldest runtime: the package uses nothing of the language that came after it, and no syntax that it lacks. Nor does
// it ask for stricter types than a project's own: ours checks with exactOptionalPropertyTypes (deno.json), this one without.
import { assertEquals, assertGreater } from "@std/assert";
import { testWith } from "../permissions.ts";
import { checkEntryPoints } from "./check_types.ts";

const LIBRARY = new URL("../../lib/", import.meta.url);

function sources(folder: URL): URL[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? sources(new URL(`${name}/`, folder)) : name.endsWith(".ts") ? [new URL(name, folder)] : []
  );
}

/** What the library takes of WebGPU as values; the types come with the DOM's. */
const GPU = ["GPUBufferUsage", "GPUShaderStage", "GPUMapMode"].map((name) => `var ${name}: Record<string, number>;`);

testWith("read", "write", "run")(
  "every entry point checks against ES2023, disposal and the web alone, without exactOptionalPropertyTypes",
  () => {
    const lib = ["es2023", "dom", "dom.iterable", "dom.asynciterable", "esnext.disposable"];
    return checkEntryPoints({ lib, exactOptionalPropertyTypes: false }, GPU.join("\n"));
  },
);

testWith("read")("the library has no `using`, which Node 20 and 22 do not parse", () => {
  const files = sources(LIBRARY);
  assertGreater(files.length, 200);
  const using = files.filter((file) => /^\s*(?:await )?using \w+ =/m.test(Deno.readTextFileSync(file)));
  assertEquals(using.map(({ pathname }) => pathname), []);
});
