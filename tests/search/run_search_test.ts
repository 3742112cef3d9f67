// Running searches on pools: the same decisions whatever the number of workers and whatever was killed, states, failures, the store.
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertGreater,
  assertLess,
  assertRejects,
  assertThrows,
} from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { JobError, openPool, type PoolOptions } from "../../lib/pool/mod.ts";
import { memoryLog } from "../../lib/search/search_log.ts";
import { readTrial, type TrialOutcome } from "../../lib/search/trial_job.ts";
import {
  bestTrial,
  defineTrialKind,
  openSearches,
  populationBased,
  randomSearch,
  runSearch,
  type SearchMethod,
  type SearchResult,
  type SearchStore,
} from "../../lib/search/mod.ts";
import { testWith } from "../permissions.ts";
import { KINDS, objective, searchOf } from "./searches.ts";

const test = testWith("read", "write");

async function run(name: string, options: PoolOptions & { readonly ms?: number }): Promise<SearchResult> {
  const { ms = 0, ...rest } = options;
  await using pool = await openPool("local", { kinds: KINDS, ...rest });
  return await runSearch(pool, searchOf(name, ms));
}

/** What of a search must not depend on how it was run. */
const kept = (store: SearchStore, name: string) =>
  store.trials(name).map(({ decidedAt: _d, endedAt: _e, ...trial }) => ({
    ...trial,
    state: store.state(name, trial.id),
  }));

test("a search of 81 configurations decides the same on 1 and 4 workers, and on none", async () => {
  const one = await run("hyperband", { workers: 1, ms: 4 });
  const four = await run("hyperband", { workers: 4, ms: 8 });
  // The time that trials may take is a setting, which decisions do not read.
  assertEquals(four.trials, one.trials);
  assertEquals((await run("hyperband", { workers: 0 })).trials, one.trials);
  assertEquals(one.trials.filter(({ bracket, rung }) => bracket === 0 && rung === 0).length, 81);
  assertEquals(one.best?.budget, 81);
});

test("a population goes on from states, each trained for what is new of its budget", async () => {
  const { trials, best, state } = await run("population", { workers: 2 });
  for (const { parent, budget, detail } of trials) {
    assertEquals(detail, { spent: parent === null ? 0 : trials[parent].budget });
    assertEquals(budget % 5, 0);
  }
  const theta = new Float64Array(state!.slice().buffer);
  assertEquals(best?.loss, theta[0] ** 2 + theta[1] ** 2 - 1.2);
  const mean = (rung: number) => trials.filter((t) => t.rung === rung).reduce((sum, { loss }) => sum + loss!, 0);
  assertLess(mean(7), mean(0));
});

test("a population cut after two generations is the one that was never cut, to the bit", async () => {
  await using pool = await openPool("local", { workers: 2, kinds: KINDS });
  using store = await openSearches(":memory:");
  const keep = { store, name: "cut" };
  const ends = new AbortController();
  const cut = runSearch(pool, searchOf("population"), {
    keep,
    signal: ends.signal,
    onProgress: ({ round, done, total }) => round === 1 && done === total && ends.abort(new Error("enough")),
  });
  await assertRejects(() => cut, Error, "enough");
  assertEquals(store.list()[0].finished, 12);
  assertEquals(await runSearch(pool, searchOf("population"), { keep }), await runSearch(pool, searchOf("population")));
});

test("a population of learners climbs to 1.20 on the paper's toy; members that exchange nothing stay below 0.39", async () => {
  const h = { kind: "uniform", min: 0, max: 1 } as const;
  await using pool = await openPool("local", { workers: 0, kinds: KINDS });
  /** Two members, of which each begins on one coordinate. */
  const found = async (share: number, seed: number): Promise<number> => {
    const method = populationBased({ members: 2, generations: 60, budget: 4, share, redraw: 0, step: 0.2 });
    const onCoordinates: SearchMethod = {
      ...method,
      next: (search) =>
        method.next(search).map((wish) =>
          wish.rung > 0 ? wish : { ...wish, configuration: { h0: 1 - wish.bracket, h1: wish.bracket } }
        ),
    };
    const search = { space: { h0: h, h1: h }, method: onCoordinates, objective: objective("climbs"), seed };
    return -(await runSearch(pool, search)).best!.loss!;
  };
  const ends: number[] = [];
  for (let seed = 0; seed < 11; seed++) {
    assertLess(await found(0, seed), 0.39);
    ends.push(await found(0.5, seed));
  }
  ends.sort((a, b) => a - b);
  assertGreater(ends[0], 1.15);
  assertAlmostEquals(ends[5], 1.2, 0.01);
});

test("a trial that diverges is worse than any other; one that throws ends the search, which goes on when it no longer does", async () => {
  await using pool = await openPool("local", { workers: 1, kinds: KINDS });
  const space = { x: { kind: "uniform", min: 0, max: 1 } } as const;
  const method = randomSearch({ trials: 12 });
  const { trials, best } = await runSearch(pool, { space, method, objective: objective("diverges") });
  const losses = trials.map(({ loss }) => loss);
  assert(losses.some((loss) => loss === null));
  assertEquals(best?.loss, Math.min(...losses.filter((loss) => loss !== null)));

  const file = await Deno.makeTempFile();
  try {
    await Deno.remove(file);
    using store = await openSearches(":memory:");
    const search = { space, method, objective: objective("needs", { file }) };
    const keep = { store, name: "needs" };
    await assertRejects(() => runSearch(pool, search, { keep }), JobError, "No such file");
    assertEquals(store.list()[0].status, "running");
    await Deno.writeTextFile(file, "");
    assertEquals((await runSearch(pool, search, { keep })).trials.length, 12);
    assertEquals(store.list()[0].status, "done");
  } finally {
    await Deno.remove(file).catch(() => {});
  }
});

test("a search that ended is told again from its store, without a trial run", async () => {
  using store = await openSearches(":memory:");
  const keep = { store, name: "again" };
  const first = await (async () => {
    await using pool = await openPool("local", { workers: 1, kinds: KINDS });
    return await runSearch(pool, searchOf("bohb"), { keep });
  })();
  await using none = await openPool("local", { workers: 0 });
  assertEquals(await runSearch(none, searchOf("bohb"), { keep }), first);
});

test("runSearch() hears its signal, and refuses another search under a name", async () => {
  await using pool = await openPool("local", { workers: 1, kinds: KINDS });
  using store = await openSearches(":memory:");
  const keep = { store, name: "cut" };
  const ends = new AbortController();
  const onProgress = ({ trial: { id } }: { trial: { id: number } }) => id >= 3 && ends.abort(new Error("enough"));
  await assertRejects(
    () => runSearch(pool, searchOf("bohb"), { keep, signal: ends.signal, onProgress }),
    Error,
    "enough",
  );
  const done = store.list()[0].finished;
  assert(done >= 1 && done < store.list()[0].decided, `${done} trials are kept`);
  await assertRejects(() => runSearch(pool, searchOf("hyperband"), { keep }), DataError, "give this one another name");
  const whole = await runSearch(pool, searchOf("bohb"), { keep });
  assertEquals(whole, await runSearch(pool, searchOf("bohb")));
});

Deno.test("an objective that gives no outcome is refused by what it gave, and is no failed trial", async () => {
  const params = { objective: null, configuration: {}, budget: 1, spent: 0, goesOn: false };
  const given: readonly [unknown, string][] = [
    [0.3, "an outcome { loss, detail, state }, received number"],
    [undefined, "an outcome { loss, detail, state }, received undefined"],
    [{ loss: "0.3" }, "loss to be a number, or null where it failed, received string"],
    [{ detail: 1 }, "received undefined"],
    [{ loss: 1, state: Float32Array.of(1) }, "state to be a Uint8Array or null, received Float32Array"],
    [{ loss: 1, detail: () => 1 }, "detail to be JSON, received function"],
  ];
  const context = { signal: new AbortController().signal, engine: () => Promise.reject(new Error("none")) };
  for (const [outcome, words] of given) {
    const kind = defineTrialKind({ kind: "odd", version: 1, run: () => outcome as TrialOutcome });
    await assertRejects(async () => await kind.run([], { params, seed: 1 }, context), TypeError, words);
  }
  for (const loss of [NaN, Infinity, -Infinity, null]) {
    const kind = defineTrialKind({ kind: "odd", version: 1, run: () => ({ loss }) });
    assertEquals(readTrial(await kind.run([], { params, seed: 1 }, context)).loss, null);
  }
});

Deno.test("the best of very many trials is found", () => {
  const trial = { round: 0, bracket: 0, rung: 0, budget: 1, configuration: {}, parent: null };
  assertEquals(bestTrial(Array.from({ length: 200_000 }, (_, id) => ({ ...trial, id, loss: -id })))?.id, 199_999);
});

Deno.test("a log refuses what was decided otherwise before", async () => {
  using store = await openSearches(":memory:");
  const log = store.log("one", null);
  const trial = { id: 0, round: 0, bracket: 0, rung: 0, budget: 1, configuration: { x: 1 }, parent: null };
  assertEquals(log.decide([trial]), []);
  assertThrows(() => log.decide([{ ...trial, configuration: { x: 2 } }]), DataError, "decided before");
  log.finish(trial, { loss: 0.5, detail: { a: 1 }, state: Uint8Array.of(1, 2) });
  assertEquals(log.decide([trial]), [{ ...trial, loss: 0.5, detail: { a: 1 } }]);
  assertEquals([log.state(0), log.state(1), memoryLog().state(0)], [Uint8Array.of(1, 2), null, null]);
  store.remove("one");
  assertEquals([store.list(), store.trials("one")], [[], []]);
});

const killed = testWith("read", "write", "run");

for (const name of ["hyperband", "bohb"]) {
  killed(`${name} goes on bit for bit after its coordinator is killed, twice`, async () => {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/searches.db`;
    const start = (stdout: "piped" | "null") =>
      new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--allow-read",
          `--allow-write=${folder}`,
          new URL("./searches.ts", import.meta.url).pathname,
          name,
          path,
        ],
        stdout,
        stderr: "inherit",
      }).spawn();
    /** Kills it at its n-th trial. */
    const killAt = async (trials: number): Promise<void> => {
      const child = start("piped");
      let told = 0;
      for await (const bytes of child.stdout) {
        told += bytes.length;
        if (told >= trials) break;
      }
      child.kill("SIGKILL");
      assertEquals((await child.status).signal, "SIGKILL");
    };
    try {
      await killAt(20);
      const before = await (async () => {
        using store = await openSearches(path);
        return store.list()[0].finished;
      })();
      assertGreater(before, 0);
      await killAt(before + 15);
      assertEquals((await start("null").status).code, 0);

      using store = await openSearches(path);
      using whole = await openSearches(":memory:");
      await using pool = await openPool("local", { workers: 2, kinds: KINDS });
      await runSearch(pool, searchOf(name, 30), { keep: { store: whole, name } });
      assertEquals(store.list().map(({ status }) => status), ["done"]);
      assertEquals(kept(store, name), kept(whole, name));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
