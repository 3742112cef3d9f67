import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

test("invariance: a planted column that flips after the split fools the mean and less who holds environments together", async () => {
  await inTempFolder(async (folder) => {
    const args = ["--backend", "cpu", "--steps", "60", "--seeds", "1"];
    const { code, stdout, stderr } = await runExample("invariance", args, folder);
    assertEquals(code, 0, stderr);
    const rowOf = (name: string): number[] => {
      const line = stdout.split("\n").find((text) => text.startsWith(name));
      assert(line, `${name} in ${stdout}`);
      return line.slice(name.length).trim().split(/\s+/).map(Number);
    };
    for (const kind of ["one fit", "MAML"]) {
      const mean = rowOf(`${kind}, mean over environments`);
      const [rex, irm] = [rowOf(`${kind}, V-REx 30`), rowOf(`${kind}, IRM 30`)];
      assertEquals(mean.length, 4);
      for (const [, after, reliance] of [rex, irm]) {
        assert(after > mean[1], `${kind}: ${after} after the flip, ${mean[1]} without a penalty`);
        assert(reliance < mean[2]);
      }
    }
    assertStringIncludes(stdout, "correlation 0.9 and 0.1");
  });
});
