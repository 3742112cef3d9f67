// What a coordinator wrote down: nothing that is done is run again, whoever was killed in between.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DataError } from "@adaptrade/adaptrade";
import { JobError, openPool } from "@adaptrade/adaptrade/pool";
import { openJobStore } from "@adaptrade/adaptrade/store";
import { fingerprint } from "../../lib/pool/fingerprint.ts";
import { VERSION } from "../../lib/version.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");
const KINDS = [import.meta.resolve("./own_kinds.ts")];

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

test("openJobStore() keeps the first result, and says whether a second one is the same", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/jobs.db`;
    {
      using store = await openJobStore(path, "one");
      const result = (id: string, ...bytes: number[]) => ({ id, kind: "k", bytes: Uint8Array.from(bytes) });
      assertEquals(store.keep([result("a", 1, 2)]), []);
      assertEquals(store.keep([result("a", 1, 2), result("a", 1, 3), result("c", 4)]), ["a"]);
      store.fail({ id: "b", kind: "k", error: "why" });
      store.keepBlob("hash", Uint8Array.of(9));
    }
    using again = await openJobStore(path, "one");
    assertEquals([again.result("a"), again.result("b"), again.done], [Uint8Array.of(1, 2), undefined, 2]);
    assertEquals(again.failures().map(({ id, error }) => [id, error]), [["b", "why"]]);
    assertEquals([again.blob("hash"), again.blob("other")], [Uint8Array.of(9), undefined]);
    await assertRejects(
      () => openJobStore(path, "two"),
      DataError,
      "expected workers of the fingerprint one, received two",
    );
  });
});

test("a coordinator that was killed goes on from its journal: the rest is run, and the results are all there", async () => {
  await inFolder(async (folder) => {
    const [journal, log] = [`${folder}/jobs.db`, `${folder}/log`];
    const count = 30;
    const child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "-A",
        new URL("./coordinator.ts", import.meta.url).pathname,
        journal,
        log,
        `${count}`,
      ],
      stdout: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    const decoder = new TextDecoder();
    for (let said = ""; !said.includes("10\n");) said += decoder.decode((await reader.read()).value);
    child.kill("SIGKILL");
    await child.status;
    await reader.cancel();
    const before = (await Deno.readTextFile(log)).length / "begun\n".length;
    assert(before >= 10 && before < count, `${before} had begun`);

    await using pool = await openPool("local", { workers: 1, kinds: KINDS, journal });
    const input = await pool.put(Uint8Array.of(1));
    const jobs = Array.from({ length: count }, (_, seed) => ({
      kind: "holds",
      version: 1,
      inputs: [input],
      params: { ms: 20, log },
      seed,
    }));
    assertEquals(await pool.map(jobs), jobs.map(() => Uint8Array.of(1)));
    const runs = (await Deno.readTextFile(log)).length / "begun\n".length;
    // What was running when it was killed is run again, nothing else.
    assert(runs >= count && runs <= count + 1, `${runs} runs of ${count} jobs`);
    assertEquals(await pool.get(input), Uint8Array.of(1));
  });
});

test("a journal holds failures by name, and refuses a pool of another fingerprint", async () => {
  await inFolder(async (folder) => {
    const journal = `${folder}/jobs.db`;
    const fails = { kind: "fails", version: 1, inputs: [], params: { why: "the tide is out" }, seed: 0 };
    {
      await using pool = await openPool("local", { workers: 0, kinds: KINDS, journal, build: "simd" });
      await assertRejects(() => pool.map([fails]), JobError);
    }
    {
      const own = await fingerprint("simd");
      assert(own.includes(`adaptrade ${VERSION}`), own); // two versions may compute by other formulas with the same kernels
      using store = await openJobStore(journal, own);
      assert(store.failures()[0].error.includes("last with RangeError: the tide is out"));
    }
    await assertRejects(
      () => openPool("local", { journal, build: "relaxed" }),
      DataError,
      "of the fingerprint WebAssembly SIMD",
    );
  });
});
