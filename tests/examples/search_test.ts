import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { openSearches } from "../../lib/search/mod.ts";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

/** Six trials of a few steps. */
const SHORT = ["--most", "3", "--steps", "10", "--seeds", "1", "--workers", "2", "--symbols", "CAC,DAX,FTSE"];

test("search prints the best trials, what is left of the best, and a test; it goes on from its store to the same", async () => {
  await inTempFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("search", SHORT, folder);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "Searching by hyperband for the skill of CAC, DAX before 1996");
    assertMatch(stdout, /settings\s+trial\s+loss\npretrain.lr \S+, meta.lr \S+, .*weightDecay \S+\s+\d\s+\d\.\d{4}\n/);
    assertMatch(stdout, /The best of 6 trials has a ratio of .* of as many without skill would be expected to show/);
    assertMatch(stdout, /Deflated: \d+\.\d% that it is more than the luck/);
    assertMatch(
      stdout,
      /3\. TEST\. FTSE, never seen, after the search: mean squared error \d\.\d+ tuned, \d\.\d+ by the defaults/,
    );
    const finished = async () => {
      using store = await openSearches(`${folder}/out/searches.sqlite`);
      return store.trials("hyperband, skill").map(({ id, endedAt }) => [id, endedAt]);
    };
    const before = await finished();
    assert(before.length === 6 && before.every(([, endedAt]) => endedAt !== null));
    assertEquals((await runExample("search", SHORT, folder)).stdout, stdout);
    assertEquals(await finished(), before, "no trial ran again");

    const other = await runExample("search", [...SHORT, "--seed", "2"], folder);
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, "give this one another name");
    for (const [option, name] of [["method", "grid"], ["objective", "luck"]]) {
      const wrong = await runExample("search", [`--${option}`, name], folder);
      assertEquals(wrong.code, 1);
      assertStringIncludes(wrong.stderr, `--${option} must be`);
    }
  });
});
