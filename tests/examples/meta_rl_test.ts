import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

test("meta_rl trades a market never seen by what an account earned, beside holding and nothing, net of costs", async () => {
  await inTempFolder(async (folder) => {
    const args = ["--backend", "cpu", "--steps", "10", "--seeds", "1", "--test", "0.05"];
    const { code, stdout, stderr } = await runExample("meta_rl", args, folder);
    assertEquals(code, 0, stderr);
    for (const name of ["meta-learned, adapted", "one policy for all", "buy and hold"]) {
      assertMatch(stdout, RegExp(`^${name} +-?\\d+\\.\\d\\d +-?\\d+\\.\\d\\d … -?\\d+\\.\\d\\d`, "m"));
    }
    assertMatch(stdout, /^flat +– +– … – +– +0\.0% +0\.0% +0\.0% +0$/m);
    assertStringIncludes(stdout, "NASDAQ from 2017");
    assertStringIncludes(stdout, "After costs meta-learned, adapted");
    assertEquals((await runExample("meta_rl", args, folder)).stdout, stdout);
    const missing = await runExample("meta_rl", ["--market", "NOWHERE"], folder);
    assertStringIncludes(missing.stderr, "there is no NOWHERE");
  });
});
