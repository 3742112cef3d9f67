// The notebook, cell by cell, in Deno's own kernel: nothing fails, and what is to be seen is drawn.
import { assert, assertEquals, assertMatch } from "@std/assert";
import { NEEDS, testWith } from "../permissions.ts";
import { startKernel } from "./kernel.ts";

const test = testWith(...NEEDS);
const ROOT = new URL("../../", import.meta.url).pathname;

interface Notebook {
  readonly nbformat: number;
  readonly metadata: { readonly kernelspec: { readonly name: string } };
  readonly cells: readonly {
    readonly cell_type: string;
    readonly source: readonly string[];
    readonly outputs?: readonly unknown[];
  }[];
}

test("every cell of the notebook runs in Deno's kernel, and its results are pictures", async () => {
  const notebook: Notebook = JSON.parse(await Deno.readTextFile(`${ROOT}examples/notebook.ipynb`));
  assertEquals([notebook.nbformat, notebook.metadata.kernelspec.name], [4, "deno"]);
  await using kernel = await startKernel(ROOT);
  const outcomes = [];
  for (const { cell_type, source } of notebook.cells) {
    if (cell_type !== "code") continue;
    const code = source.join("");
    const outcome = await kernel.run(code);
    assertEquals(outcome.error, undefined, code);
    outcomes.push({ code, shown: outcome.shown });
  }
  const drawn = outcomes.filter(({ code }) => code.includes("await show("));
  assertEquals([outcomes.length, drawn.length], [5, 4]);
  for (const { code, shown } of drawn) {
    assertEquals(shown.length, 1, code);
    assert(!/<script|src=|https?:\/\/(?!www\.w3\.org)/.test(shown[0]["text/html"]), "a cell loads nothing");
    assert(shown[0]["text/plain"].length > 20, code);
  }
  const [candles, forecasts, losses, curve] = drawn.map(({ shown }) => shown[0]["text/html"]);
  for (const picture of [candles, forecasts, curve]) assertMatch(picture, /<svg[^>]*>.*<path class="s1" d="M/s);
  assertMatch(forecasts, /80% band/);
  assertMatch(losses, /<p class="verdict.*HAR, own rows.*meta-learned/s);
});
