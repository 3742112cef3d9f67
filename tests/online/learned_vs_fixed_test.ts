import { assert, assertAlmostEquals, assertEquals, assertLess, assertMatch, assertStringIncludes } from "@std/assert";
import { meanInterval, overSeeds } from "../../examples/learned_vs_fixed/statistics.ts";
import { random } from "../../lib/net/random.ts";
import { inTempFolder, runExample } from "../examples/run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

test("learned_vs_fixed compares every method on the same forecasts and draws the learned rates", async () => {
  await inTempFolder(async (folder) => {
    const args = ["--backend", "cpu", "--bars", "400", "--seeds", "2", "--symbols", "SP500,NASDAQ"];
    const { code, stdout, stderr } = await runExample("learned_vs_fixed", args, folder);
    assertEquals(code, 0, stderr);
    const forecasts = [...stdout.matchAll(/^(?:learned|fixed|no steps).*?(\d+) +0 +[\d.]+$/gm)].map(([, count]) =>
      count
    );
    assertEquals(forecasts.length, 9);
    assertEquals(new Set(forecasts).size, 1, "every method forecasts the same bars");
    assertMatch(stdout, /learned less this\s+95% interval/);
    const page = await Deno.readTextFile(`${folder}/out/learned_vs_fixed.html`);
    for (const part of ["<svg", "layer 0", "layer 1", 'class="high"', "volatility of SP500"]) {
      assertStringIncludes(page, part);
    }
    assert(!/<script|src=|NaN|https?:\/\/(?!www\.w3\.org)/.test(page), "the page must load nothing");
  });
});

test("learned_vs_fixed says what is wrong with its command line", async () => {
  await inTempFolder(async (folder) => {
    const { code, stderr } = await runExample("learned_vs_fixed", ["--bars", "10"], folder);
    assertEquals(code, 1);
    assertStringIncludes(stderr, '--bars must be an integer of at least 400, got "10"');
  });
});

Deno.test("meanInterval() covers the mean of independent values about as often as it says", () => {
  let inside = 0;
  for (let seed = 0; seed < 60; seed++) {
    const stream = random(seed);
    const { low, high } = meanInterval(Array.from({ length: 600 }, () => 1 + stream.normal()), seed);
    if (low <= 1 && high >= 1) inside++;
  }
  assertLess(Math.abs(inside / 60 - 0.95), 0.1);
});

Deno.test("overSeeds() gives mean and sample deviation", () => {
  const { mean, deviation } = overSeeds([1, 2, 3]);
  assertEquals(mean, 2);
  assertAlmostEquals(deviation, 1, 1e-12);
});
