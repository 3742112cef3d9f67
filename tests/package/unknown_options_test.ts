// Every public function that takes options refuses a name that it does not know, whatever else it is given.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import * as api from "../../mod.ts";
import { permits, testWith } from "../permissions.ts";

const test = testWith("read", "run");

interface Parameter {
  readonly name?: string;
  readonly left?: { readonly name?: string };
}

interface Documentation {
  readonly nodes: Record<string, {
    readonly symbols: readonly {
      readonly name: string;
      readonly declarations: readonly {
        readonly kind: string;
        readonly def: { readonly params?: readonly Parameter[] };
      }[];
    }[];
  }>;
}

/** Position of the parameter called `options`, by function of mod.ts that has one. */
async function optionFunctions(): Promise<Map<string, number>> {
  const path = new URL("../../mod.ts", import.meta.url).pathname;
  const { stdout } = await new Deno.Command(Deno.execPath(), { args: ["doc", "--json", path], stderr: "null" })
    .output();
  const [{ symbols }] = Object.values((JSON.parse(new TextDecoder().decode(stdout)) as Documentation).nodes);
  const found = new Map<string, number>();
  for (const { name, declarations: [{ kind, def }] } of symbols) {
    if (kind !== "function") continue;
    const at = def.params!.findIndex((parameter) => ["options", "rules"].includes((parameter.left ?? parameter).name!));
    if (at >= 0) found.set(name, at);
  }
  return found;
}

type Anything = (...parameters: unknown[]) => unknown;

/** What a call with these options, and nothing else of use, throws at once or later. */
async function refusal(name: string, at: number, options: unknown): Promise<unknown> {
  try {
    const result = (api as unknown as Record<string, Anything>)[name](...Array(at).fill(undefined), options);
    if (typeof result === "object" && result !== null && "next" in result) await (result.next as () => unknown)();
    else await result;
  } catch (error) {
    return error;
  }
  return undefined;
}

const functions = permits("read", "run") ? await optionFunctions() : new Map<string, number>();
const REFUSAL = /: expected (?:options|rules) to hold (.+), received "(.+)"; did you mean "(.+)"\?$/;

test("every public function with options refuses an unknown one by name, before it reads anything else", async () => {
  assert(functions.size > 60, `${functions.size} functions take options`);
  const silent: string[] = [];
  for (const [name, at] of functions) {
    const error = await refusal(name, at, { zzz: 1 });
    if (!(error instanceof TypeError) || !REFUSAL.test(error.message)) silent.push(`${name}: ${error}`);
  }
  assertEquals(silent, []);
});

test("a misspelt option is answered with the one that was meant", async () => {
  const names = [...functions.keys()];
  const swapped = (word: string, at: number): string =>
    word.slice(0, at) + word[at + 1] + word[at] + word.slice(at + 2);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...names), fc.nat(), fc.nat(), async (name, which, where) => {
      const error = await refusal(name, functions.get(name)!, { zzz: 1 });
      const known = REFUSAL.exec((error as Error).message)![1].split(", ");
      const meant = known[which % known.length];
      const typed = swapped(meant, where % (meant.length - 1));
      if (meant.length < 4 || known.includes(typed)) return;
      const [, , received, suggested] = REFUSAL.exec(
        (await refusal(name, functions.get(name)!, { [typed]: 1 }) as Error).message,
      )!;
      assertEquals([received, suggested], [typed, meant]);
    }),
  );
});
