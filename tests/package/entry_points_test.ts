// The entry points of the package: each room has its own, `mod.ts` has no name that its room lacks, and what they export is
// documented, every function with an example, which documentation_test.ts runs.
import { assert, assertEquals, assertGreater } from "@std/assert";
import deno from "../../deno.json" with { type: "json" };
import { testWith } from "../permissions.ts";

const root = new URL("../../", import.meta.url);
const EXPORTS: Readonly<Record<string, string>> = deno.exports;
/** Folder of each room's entry point, by the name that it is imported under. */
const ROOMS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      "backtest",
      "data",
      "features",
      "forecast",
      "online",
      "pool",
      "program",
      "report",
      "rl",
      "search",
      "statistics",
      "store",
    ]
      .concat("tasks", "trading").map((name) => [name, name]),
  ),
  methods: "meta",
};

/** Names that `mod.ts` may have: what nine users in ten call. */
const MOST_NAMES = 125;

interface Declaration {
  readonly location: { readonly filename: string };
  readonly kind: string;
  readonly jsDoc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
}

interface Exported {
  readonly name: string;
  readonly declarations: readonly Declaration[];
}

/** What `deno doc` finds in entry points, each read alone, so that every name comes with its declaration. */
async function documented(names: readonly string[]): Promise<ReadonlyMap<string, readonly Exported[]>> {
  const found = new Map<string, readonly Exported[]>();
  for (const name of names) {
    const file = new URL(EXPORTS[name], root);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["doc", "--json", file.pathname],
      cwd: root.pathname,
      env: { NO_COLOR: "1" },
    }).output();
    assertEquals(code, 0, new TextDecoder().decode(stderr));
    const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as {
      readonly nodes: Readonly<Record<string, { readonly symbols: readonly Exported[] }>>;
    };
    found.set(name, nodes[file.href].symbols);
  }
  return found;
}

Deno.test("each room has an entry point, found under the package's name within it too", () => {
  const wanted = Object.fromEntries(
    Object.entries(ROOMS).sort().map(([room, folder]) => [`./${room}`, `./lib/${folder}/mod.ts`]),
  );
  assertEquals(EXPORTS, { ".": "./mod.ts", ...wanted });
  const own = Object.entries(deno.imports).filter(([name]) => name.startsWith(deno.name));
  assertEquals(
    Object.fromEntries(own),
    Object.fromEntries(Object.entries(EXPORTS).map(([name, file]) => [deno.name + name.slice(1), file])),
  );
});

testWith("read", "write", "run", "env")(
  "entry points export documented names, rooms all that mod.ts has of them",
  async () => {
    const exported = await documented(Object.keys(EXPORTS));
    const inRooms = new Set(
      Object.keys(ROOMS).flatMap((room) => exported.get(`./${room}`)!.map(({ name }) => name)),
    );
    const inMod = exported.get(".")!.map(({ name }) => name);
    assertEquals(inMod.filter((name) => !inRooms.has(name)), []);
    assert(inMod.length <= MOST_NAMES, `mod.ts has ${inMod.length} names`);

    const all = [...exported].flatMap(([entry, symbols]) => symbols.map((symbol) => ({ entry, ...symbol })));
    assertGreater(all.length, 600, "the names were read");
    const bare = all.filter(({ declarations }) => !declarations.some(({ jsDoc }) => jsDoc?.doc));
    assertEquals(bare.map(({ entry, name }) => `${entry} ${name}`), []);

    const functions = all.filter(({ declarations }) => declarations.some(({ kind }) => kind === "function"));
    const unshown = functions.filter(({ declarations }) =>
      !declarations.some(({ jsDoc }) => jsDoc?.tags?.some(({ kind }) => kind === "example"))
    );
    assertEquals([...new Set(unshown.map(({ name }) => name))].sort(), [], "functions without an example");
  },
);
