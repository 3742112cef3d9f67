// Examples without permissions: what can be done without is done; what cannot says so in one sentence, with the command to paste.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { hostOf } from "../../examples/access.ts";
import { loadForecaster } from "../../mod.ts";
import { finish, inTempFolder, runExample, runPlainly, startExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const CPU = ["--backend", "cpu"];

/** A training of a second: few steps on short markets, and the test of their last months. */
const SHORT = [...CPU, "--steps", "5", "--seeds", "1", "--symbols", "CAC,DAX", "--test-from", "1998-06-01"];

/** An example, options that make it quick, and what it prints at its end. */
const ENOUGH: readonly (readonly [name: string, args: readonly string[], printed: string])[] = [
  ["multi_asset", SHORT, "buy and hold"],
  ["portfolio", SHORT, "Its deflated Sharpe ratio is"],
  ["sinusoid", [...CPU, "--quick", "--iterations", "20", "--only", "maml"], "Mean squared error after adaptation"],
  ["learned_vs_fixed", [...CPU, "--bars", "400", "--seeds", "1", "--steps", "1"], "The query loss with learned rates"],
  ["online_trading", ["--replay", "sample", "--symbols", "DAX", "--hidden", "4"], "bars until"],
];

for (const [name, args, printed] of ENOUGH) {
  test(`${name} without a permission runs to its end and says in one line which flag would write`, async () => {
    const { code, stdout, stderr } = await runPlainly(name, args);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, printed);
    assertEquals(stdout.match(/^Nothing is written: .*--allow-write=out would keep .+$/gm)?.length, 1, stdout);
    assert(!/NotCapable|Wrote|Kept in/.test(stdout + stderr), stdout + stderr);
  });
}

test("regimes, which writes nothing, runs to its end without a permission", async () => {
  const { code, stdout, stderr } = await runPlainly("regimes", SHORT);
  assertEquals(code, 0, stderr);
  assertStringIncludes(stdout, "Letting the regime say who forecasts");
  assert(!/NotCapable|allow-write|Wrote/.test(stdout + stderr), stdout + stderr);
});

test("an example on auto shows nothing that drivers say, and on Linux which flag would look for a GPU", async () => {
  const { code, stdout, stderr } = await runPlainly("sinusoid", ["--quick", "--iterations", "5", "--only", "maml"]);
  assertEquals(code, 0, stderr);
  assert(!stderr.includes("XDG_RUNTIME_DIR"), stderr);
  const said = /^Computing on the CPU: --allow-env=XDG_RUNTIME_DIR would look for a GPU/m.test(stdout);
  assertEquals(said, Deno.build.os === "linux");
});

const TOO_LITTLE: readonly (readonly [name: string, args: readonly string[], flags: string])[] = [
  ["multi_asset", ["--csv", "my markets"], "'--allow-read=my markets' --allow-write=out"],
  ["multi_asset", ["--source", "bybit", "--symbols", "A,B"], "--allow-net=api.bybit.com --allow-write=out"],
  ["multi_asset", ["--resume"], "--allow-read=out --allow-write=out"],
  ["meta_train", [], "--allow-write=out"],
  ["meta_train", ["--resume"], "--allow-read=out --allow-write=out"],
  ["backtest", [], "--allow-read=out/forecaster.bin --allow-write=out"],
  ["online_trading", [], "--allow-net=stream.bybit.com,api.bybit.com --allow-read=out --allow-write=out"],
  [
    "bybit_fetch",
    ["--symbols", "A", "--out", "it's", "--base-url", "http://127.0.0.1:9"],
    `--allow-net=127.0.0.1:9 '--allow-read=it'\\''s' '--allow-write=it'\\''s'`,
  ],
];

for (const [name, args, flags] of TOO_LITTLE) {
  test(`${name} ${args.join(" ")} without a permission ends in one sentence with the command to paste`, async () => {
    const { code, stdout, stderr } = await runPlainly(name, args);
    assertEquals([code, stdout], [1, ""]);
    const [line, ...more] = stderr.trim().split("\n");
    assertEquals(more, []);
    assertMatch(line, /^Cannot run without --allow-\w+=.+: (deno|npx --yes deno@\d+\.\d+\.\d+) run /);
    assertStringIncludes(line, ` run ${flags} examples/${name}.ts`);
  });
}

test("a command to paste works when it is pasted", async () => {
  await inTempFolder(async (folder) => {
    const { stderr } = await runPlainly("multi_asset", ["--csv", `${folder}/it's empty`]);
    await Deno.mkdir(`${folder}/it's empty`);
    const command = stderr.trim().replace(/^.*?: (deno|npx --yes deno@\S+) /, "");
    const root = new URL("../../", import.meta.url).pathname;
    const again = await finish(
      new Deno.Command("sh", {
        args: ["-c", `exec "$0" ${command}`, Deno.execPath()],
        cwd: root,
        env: { NO_COLOR: "1" },
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );
    assertEquals(again.code, 1);
    assert(!again.stderr.includes("--allow-"), again.stderr);
    assertStringIncludes(again.stderr, "it's empty");
  });
});

test("multi_asset that may write but not read leaves its report and a whole forecaster", async () => {
  await inTempFolder(async (folder) => {
    const args = [...SHORT, "--seeds", "2"];
    const child = startExample("multi_asset", args, folder, {}, [`--allow-write=${folder}/out`]);
    const { code, stdout, stderr } = await finish(child);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stdout, "Wrote out/report.html");
    assertEquals((await loadForecaster(`${folder}/out/forecaster.bin`)).members.length, 2);
  });
});

for (
  const [name, args] of [
    ["backtest", []],
    ["forecast", ["--forecaster", "out/mine.bin"]],
    ["study", ["--forecaster", "out/mine.bin"]],
    ["online_trading", ["--replay", "sample", "--forecaster", "out/mine.bin"]],
  ] as const
) {
  test(`${name} without the forecaster that it is to read says who writes one`, async () => {
    await inTempFolder(async (folder) => {
      const { code, stderr } = await runExample(name, [...args], folder);
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /There is no forecaster in out\/(forecaster|mine)\.bin: multi_asset\.ts and meta_train\.ts write/,
      );
    });
  });
}

test("an option that an example does not know is answered with where they are listed", async () => {
  await inTempFolder(async (folder) => {
    const { code, stderr } = await runExample("multi_asset", ["--hozizon", "3"], folder);
    assertEquals([code, stderr.trim()], [1, "Unknown option '--hozizon'; --help lists the options"]);
  });
});

Deno.test("hostOf() names the port that a URL leaves out", () => {
  assertEquals(
    ["https://a.com", "wss://b.com/v5", "http://c.com", "http://127.0.0.1:8000/x"].map(hostOf),
    ["a.com:443", "b.com:443", "c.com:80", "127.0.0.1:8000"],
  );
});
