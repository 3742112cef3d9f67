/**
 * The searches that the dashboard finds in files: what it says of each while it runs, of what is no search, and what a page makes of
 * trials.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { deflatedSearch, openSearches, randomSearch } from "../../lib/search/mod.ts";
import { lineageOf, trialColumns, trialRows } from "../../web/components/search_trials.ts";
import { rungsOf } from "../../web/server/search_rungs.ts";
import { listSearches, readSearch, type SearchView, type TrialView } from "../../web/server/searches.ts";
import { keepFolders } from "../../web/server/paths.ts";
import { testWith } from "../permissions.ts";
import { inDataFolder } from "./data_folder.ts";
import { POPULATION, storeSearch } from "./stored_search.ts";

const test = testWith("read", "write", "env");
const FILE = "data:searches.sqlite";

async function read(name: string, file = FILE): Promise<SearchView> {
  const view = await readSearch(file, name);
  assert(view !== null, `${file} ${name}`);
  return view;
}

test("listSearches() and readSearch() follow a search from nothing through its cut to its end", async () => {
  await inDataFolder(async (data) => {
    assertEquals(await listSearches(), { searches: [], unread: [] });
    await storeSearch(data, { trials: 4 });
    const { searches: [cut], unread } = await listSearches();
    assertEquals([cut.file, cut.name, cut.method, cut.done], [FILE, "bowl", "Hyperband", false]);
    assertEquals(cut.objective, "bowl at 0");
    assertEquals([cut.finished, unread.length], [4, 0]);
    assert(cut.decided > cut.finished);
    const before = await read("bowl");
    assertEquals(before.trials.filter(({ endedAt }) => endedAt === null).length, cut.decided - 4);

    const trials = await storeSearch(data);
    const { summary, best, deflated, ...view } = await read("bowl");
    assertEquals([summary.done, summary.finished, summary.decided], [true, trials.length, trials.length]);
    const most = trials.filter(({ budget, loss }) => budget === 9 && loss !== null);
    assertEquals(best, most.toSorted((a, b) => a.loss! - b.loss!)[0].id);
    assertEquals(summary.best, trials[best!].loss);
    const { value, benchmark, trials: counted } = deflatedSearch(trials);
    assertEquals([deflated?.value, deflated?.luck, deflated?.trials], [value, benchmark, counted]);
    assertEquals(counted, trials.length - 1); // the one that failed kept no ratio
    assertEquals(view.parameters, ["meta.lr", "hidden"]);
    const settings = new Map(view.settings);
    assertEquals(settings.get("Method's max budget"), "9");
    assertEquals(settings.get("Objective"), "bowl at 0, version 1");
    assertEquals(settings.get("Objective's from"), "2009-01-02 00:00 UTC");
    assertEquals(settings.get("meta.lr"), "0.0001 to 0.1, log uniform");
    assertEquals(settings.get("hidden"), "one of [8], [16,16]");
  });
});

test("readSearch() reads while another writes, and says null where no ratio was kept", async () => {
  await inDataFolder(async (data) => {
    await storeSearch(data, { method: randomSearch({ trials: 3 }), ratios: false });
    using writer = await openSearches(`${data}/searches.sqlite`);
    writer.log("second", { seed: 2 });
    assertEquals((await listSearches()).searches.map(({ name }) => name).sort(), ["bowl", "second"]);
    assertEquals((await read("bowl")).deflated, null);
    const second = await read("second");
    assertEquals([second.best, second.summary.best, second.trials, second.rungs], [null, null, [], []]);
  });
});

test("listSearches() names files that hold none, and readSearch() opens no name that is not listed", async () => {
  await inDataFolder(async (data) => {
    await storeSearch(data, { name: "other", file: "searches-2.sqlite" });
    await storeSearch(data, { file: "elsewhere.sqlite" });
    await Deno.writeTextFile(`${data}/searches.sqlite`, "no database at all, however long the text may be");
    await Deno.mkdir(`${data}/searches3.sqlite`);
    const { searches, unread } = await listSearches();
    assertEquals(searches.map(({ file, name }) => [file, name]), [["data:searches-2.sqlite", "other"]]);
    assertEquals(unread.map(({ file }) => file), [FILE]);
    assert(unread[0].why.includes("not a database"), unread[0].why);
    for (const file of [FILE, "data:elsewhere.sqlite", "data:../x", "", "toString", "data:searches3.sqlite"]) {
      assertEquals(await readSearch(file, "bowl"), null, file);
    }
    assertEquals(await readSearch("data:searches-2.sqlite", "toString"), null);
  });
});

test("rungsOf() counts who began, failed and was gone on from; generations take all members", async () => {
  await inDataFolder(async (data) => {
    await storeSearch(data, { trials: 20 });
    const { rungs } = await read("bowl");
    const shape = rungs.map(({ bracket, rung, budget, decided }) => [bracket, rung, budget, decided]);
    assertEquals(shape, [[0, 0, 1, 9], [0, 1, 3, 3], [1, 0, 3, 5], [1, 1, 9, 1], [2, 0, 9, 3]]);
    // Those with the largest budgets come first: trials 0 to 2, then 3 to 7, then 8 to 16; of the next round, 17 to 20, all but one ended.
    assertEquals(rungs.map(({ finished, failed }) => [finished, failed]), [[9, 0], [2, 0], [5, 0], [1, 0], [3, 1]]);
    assertEquals(rungs.map(({ best }) => best), [1.08, 1.18, 1.03, 1.17, 1]);
    assertEquals(rungs.map(({ promoted }) => promoted), [3, 0, 1, 0, 0]);
    await storeSearch(data, { name: "members", method: POPULATION });
    const generations = (await read("members")).rungs;
    assertEquals(generations.map(({ bracket, rung, decided }) => [bracket, rung, decided]), [
      [null, 0, 6],
      [null, 1, 6],
      [null, 2, 6],
    ]);
    assertEquals(rungsOf([], { byBracket: true }), []);
  });
});

test("lineageOf() names what was changed on the way, and follows no parent that was decided later", async () => {
  await inDataFolder(async (data) => {
    await storeSearch(data, { name: "members", method: POPULATION });
    const { trials } = await read("members");
    const last = trials.at(-1)!;
    const chain = lineageOf(trials, last.id);
    assertEquals(chain.map(({ trial }) => trial.rung), [0, 1, 2]);
    chain.slice(1).forEach(({ trial, changed }, i) => {
      assertEquals(trial.parent, chain[i].trial.id);
      const differs = (name: string) =>
        JSON.stringify(trial.configuration[name]) !== JSON.stringify(chain[i].trial.configuration[name]);
      assertEquals(changed.toSorted(), ["hidden", "meta.lr"].filter(differs));
    });
    assert(trials.some(({ id }) => lineageOf(trials, id).some(({ changed }) => changed.length > 0)));
    const circle = [{ ...trials[0], parent: 1 }, { ...trials[1], parent: 0 }];
    assertEquals(lineageOf(circle, 1).map(({ trial }) => trial.id), [0, 1]);
  });
});

test("keepFolders() is the data folder, and out/ beside it unless another was chosen", async () => {
  assertEquals(Object.keys(keepFolders()), ["data", "out"]);
  await inDataFolder((data) => Promise.resolve(assertEquals(keepFolders(), { data })));
});

Deno.test("trialRows() sorts by settings, leaves those without one last, and keeps the trials as they are", () => {
  const trial = (id: number, configuration: TrialView["configuration"], budget = 1): TrialView =>
    Object.freeze({
      id,
      bracket: 0,
      rung: 0,
      budget,
      configuration,
      parent: null,
      loss: -id,
      decidedAt: 0,
      endedAt: 1,
    });
  const trials = Object.freeze([trial(0, { lr: 0.1 }), trial(1, {}), trial(2, { lr: 0.02 }), trial(3, { lr: 0.5 }, 3)]);
  const columns = trialColumns(["lr"]);
  const ids = (by: string, descending: boolean, budget: number | null = null) =>
    trialRows(trials, columns, { order: { by, descending }, budget }).map(({ id }) => id);
  assertEquals(ids("set lr", false), [2, 0, 3, 1]);
  assertEquals(ids("set lr", true), [3, 0, 2, 1]);
  assertEquals(ids("loss", false), [3, 2, 1, 0]);
  assertEquals(ids("loss", false, 1), [2, 1, 0]);
});
