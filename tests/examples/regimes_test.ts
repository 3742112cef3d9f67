import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { candlesToCsv } from "../../lib/data/csv_write.ts";
import { REGIMES } from "../../lib/features/regimes.ts";
import { randomWalk } from "../features/markets.ts";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const QUICK = ["--backend", "cpu", "--steps", "10"];

/** Two classes of markets, and a test of half a year. */
const SAMPLE = [...QUICK, "--symbols", "SP500,NASDAQ,WTI", "--test-from", "2018-07-01"];

test("regimes prints families, query losses, choices and net results of every candidate, the same for a seed", async () => {
  await inTempFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("regimes", SAMPLE, folder);
    assertEquals(code, 0, stderr);
    for (const name of ["asset", "regime", "quarter", "strategy", "hierarchy"]) {
      assertMatch(stdout, RegExp(`^${name} `, "m"));
    }
    for (const regime of REGIMES) assertEquals(stdout.match(RegExp(`^${regime} `, "mg"))?.length, 2, regime);
    for (const name of ["switched by regime", "mixed families", "assets alone", "start by class", "momentum", "flat"]) {
      assertMatch(stdout, RegExp(`^${name} `, "m"));
    }
    assertMatch(stdout, /Switching by regime made a net Sharpe ratio of /);
    const page = await Deno.readTextFile(`${folder}/out/regimes.html`);
    for (const text of ["<dt>in high volatility</dt>", "switched by regime", "Market regimes", "mean-reversion"]) {
      assertStringIncludes(page, text);
    }
    assertEquals(/<script|src=|https?:/.test(page), false, "the report must load nothing");
    const { comparisons } = JSON.parse(await Deno.readTextFile(`${folder}/out/regimes.json`));
    const [{ strategies: [first], trials, market }] = comparisons;
    assertEquals(first.result.strategy, "switched by regime");
    assertEquals(first.deflatedSharpe.trials, trials.sharpes.length);
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/regimes_trades.csv`), `,${market},`);
    assertEquals((await runExample("regimes", SAMPLE, folder)).stdout, stdout);
  });
});

test("regimes finds nothing on a folder of random walks, and says so", async () => {
  await inTempFolder(async (folder) => {
    for (const seed of [1, 2, 3]) {
      await Deno.writeTextFile(`${folder}/WALK${seed}.csv`, candlesToCsv(randomWalk(1500, seed)));
    }
    const args = [...QUICK, "--csv", folder, "--min-bars", "20"];
    const { code, stdout, stderr } = await runExample("regimes", args, folder);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "it has earned nothing that chance would not give");
    assert(!stdout.includes("start by class"), "a folder is one class");
  });
});

test("regimes throws on bad options", async () => {
  await inTempFolder(async (folder) => {
    const { code, stderr } = await runExample("regimes", ["--min-bars", "1"], folder);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "--min-bars must be an integer of at least 2");
  });
});
