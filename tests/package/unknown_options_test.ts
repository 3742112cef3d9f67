// Every public function that takes options refuses a name that it does not know, whatever else it is given.
import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import deno from "../../deno.json" with { type: "json" };
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

type Anything = (...parameters: unknown[]) => unknown;

/** A public function that takes options. */
interface OptionFunction {
  readonly call: Anything;
  /** Position of the parameter called `options` or `rules`. */
  readonly at: number;
}

const ENTRIES = Object.values<string>(deno.exports).map((file) => new URL(`../../${file}`, import.meta.url));

/** Those of every entry point, by name. */
async function optionFunctions(): Promise<Map<string, OptionFunction>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", ...ENTRIES.map(({ pathname }) => pathname)],
    stderr: "null",
  }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as Documentation;
  const found = new Map<string, OptionFunction>();
  for (const { href } of ENTRIES) {
    const room: Readonly<Record<string, Anything>> = await import(href);
    for (const { name, declarations: [{ kind, def }] } of nodes[href].symbols) {
      if (kind !== "function") continue;
      const at = def.params!.findIndex((one) => ["options", "rules"].includes((one.left ?? one).name!));
      if (at >= 0) found.set(name, { call: room[name], at });
    }
  }
  return found;
}

/** What a call with these options, and nothing else of use, throws at once or later. */
async function refusal({ call, at }: OptionFunction, options: unknown): Promise<unknown> {
  try {
    const result = call(...Array(at).fill(undefined), options);
    if (typeof result === "object" && result !== null && "next" in result) await (result.next as () => unknown)();
    else await result;
  } catch (error) {
    return error;
  }
  return undefined;
}

const functions = permits("read", "run") ? await optionFunctions() : new Map<string, OptionFunction>();
const REFUSAL = /: expected (?:options|rules) to hold (.+), received "(.+)"; did you mean "(.+)"\?$/;

test("every public function with options refuses an unknown one by name, before it reads anything else", async () => {
  assert(functions.size > 90, `${functions.size} functions take options`);
  const silent: string[] = [];
  for (const [name, one] of functions) {
    const error = await refusal(one, { zzz: 1 });
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
      const error = await refusal(functions.get(name)!, { zzz: 1 });
      const known = REFUSAL.exec((error as Error).message)![1].split(", ");
      const meant = known[which % known.length];
      const typed = swapped(meant, where % (meant.length - 1));
      // As near to another one: `edcoder` to `decoder` and to `encoder`.
      const isNear = (key: string): boolean =>
        key.length === typed.length && [...key].filter((letter, i) => letter !== typed[i]).length === 1;
      if (meant.length < 4 || known.includes(typed) || known.some(isNear)) return;
      const [, , received, suggested] = REFUSAL.exec(
        (await refusal(functions.get(name)!, { [typed]: 1 }) as Error).message,
      )!;
      assertEquals([received, suggested], [typed, meant]);
    }),
  );
});
