import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { candlesToCsv } from "../../lib/data/mod.ts";
import { simulateMarket } from "../../mod.ts";
import { openStudies } from "../../lib/search/mod.ts";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const DAY_ONE = Date.UTC(2012, 0);

test("study walks a folder, names what it cannot read, draws the markets together, and goes on from its store", async () => {
  await inTempFolder(async (folder) => {
    await Deno.mkdir(`${folder}/markets`);
    for (let seed = 1; seed <= 12; seed++) {
      const { candles } = simulateMarket({
        bars: 240,
        seed,
        interval: "1d",
        start: DAY_ONE,
        garch: { alpha: 0.1, beta: 0.88 },
      });
      const [head, ...rows] = candlesToCsv(candles).trim().split("\n");
      // The fifth comes in two files, which are one market.
      const files = seed === 5
        ? { "SIM5-2012-01": rows.slice(0, 120), "SIM5-2012-02": rows.slice(120) }
        : { [`SIM${seed}`]: rows };
      for (const [name, lines] of Object.entries(files)) {
        await Deno.writeTextFile(`${folder}/markets/${name}.csv`, [head, ...lines, ""].join("\n"));
      }
    }
    await Deno.writeTextFile(`${folder}/markets/TORN.csv`, "time,open,high\n2012-01-01,1\n");
    const args = ["--csv", "markets", "--steps", "10", "--workers", "2", "--at-once", "4"];
    const { code, stdout, stderr } = await runExample("study", args, folder);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "13 markets, 1 of them could not be studied");
    assertMatch(stdout, /^TORN: Cannot read/m);
    assertMatch(stdout, /over markets\s+n\s+mean\s+5%\s+25%\s+50%\s+75%\s+95%\nskill\s+12(\s+-?\d\.\d{3}){6}\n/);
    assertMatch(stdout, /beyond holding\s+12/);
    assertMatch(stdout, /Of 12 markets \d+% are forecast better than by saying nothing, \d+% beyond chance/);
    assertMatch(stdout, /The best, SIM\d+ with .* is the best of 12: deflated by that number, \d+%/);
    const page = await Deno.readTextFile(`${folder}/out/study.html`);
    assert(page.includes("Of 12 markets") && page.includes("TORN") && page.split("<figure").length === 3);
    assert(!/<script|src=|https?:\/\/(?!www\.w3\.org)/.test(page), "the report must load nothing");

    {
      using store = await openStudies(`${folder}/out/studies.sqlite`);
      assertEquals([...store.figures("markets")].length, 12);
      assertEquals(store.series("markets", "SIM5")!.time.length, store.series("markets", "SIM8")!.time.length);
      assertEquals(store.series("markets", "SIM7")!.time.length, store.series("markets", "SIM8")!.time.length);
    }
    for (const name of ["SIM1", "SIM2"]) await Deno.writeTextFile(`${folder}/markets/${name}.csv`, "no longer read\n");
    // The first market only says how many bars a year has; any other that can be read says the same.
    assertEquals((await runExample("study", args, folder)).stdout, stdout);
    const other = await runExample("study", [...args, "--cost", "0"], folder);
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, "give this one another name");
  });
});
