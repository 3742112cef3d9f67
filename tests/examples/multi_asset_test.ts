import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { loadForecaster } from "../../mod.ts";
import { finish, inTempFolder, runExample, startExample, writeMarkets } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const CPU = ["--backend", "cpu"];

/** A run of some seconds: one network, few steps, three markets, a test of a year. */
const SHORT = [...CPU, "--seeds", "1", "--steps", "10", "--symbols", "CAC,DAX,NASDAQ", "--test-from", "2018-01-01"];

/** Small markets for runs of a second or two, and a test of some weeks. */
const SMALL = { symbols: ["A", "B"], bars: 500 };
const SHORTEST = [...CPU, "--csv", "markets", "--test-from", "2017-04-01"];

test("multi_asset prints risk, then money, and writes a report without network or scripts", async () => {
  await inTempFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("multi_asset", SHORT, folder);
    assertEquals(code, 0, stderr);
    for (
      const name of ["HAR, own rows", "RiskMetrics' risk", "ridge to own rows", "pretrained, unadapted", "meta-learned"]
    ) assertStringIncludes(stdout, name);
    for (const name of ["from scratch", "zero predictor", "buy and hold"]) assertStringIncludes(stdout, name);
    assertMatch(stdout, /bars of history\s+5\s+20\s+60\s+250\s+all/);
    assertMatch(stdout, /Learning over markets (helped|did not help)/);
    assertMatch(stdout, /Adapting (helped|did harm|made no difference|changed nothing)/);
    assertStringIncludes(stdout, "NASDAQ, never seen");
    assertStringIncludes(stderr, "saying nothing");
    const report = await Deno.readTextFile(`${folder}/out/report.html`);
    assert(report.indexOf("Forecast: NASDAQ") < report.indexOf("Equity and risk"), "the forecast comes first");
    assert(!/<script|src=|https?:\/\/(?!www\.w3\.org)/.test(report), "the report must load nothing");
    const json = JSON.parse(await Deno.readTextFile(`${folder}/out/report.json`));
    assertEquals([json.comparisons[0].market, json.forecast.comparison.markets], ["NASDAQ", ["NASDAQ"]]);
    const trades = await Deno.readTextFile(`${folder}/out/trades.csv`);
    assertMatch(trades, /^strategy,market,side[^\n]*\r\nheld at the forecast risk,NASDAQ,/);
    const saved = await loadForecaster(`${folder}/out/forecaster.bin`);
    assertEquals([saved.target.kind, saved.members.length], ["logVolatility", 1]);

    const told = await runExample("forecast", ["--bars", "2"], folder);
    assertEquals(told.code, 0, told.stderr);
    assertMatch(told.stdout, /2018-12-31\s+\d\.\d\d%\s+\d\.\d\d% … \d\.\d\d%/);
    assertStringIncludes(told.stdout, "1 networks trained on CAC, DAX");
  });
});

test("multi_asset gives the same tables twice for a seed and others for another", async () => {
  await inTempFolder(async (folder) => {
    await writeMarkets(`${folder}/markets`, SMALL);
    const args = [...SHORTEST, "--seeds", "1", "--steps", "10"];
    const run = async (seed: string) => (await runExample("multi_asset", [...args, "--seed", seed], folder)).stdout;
    const once = await run("5");
    assertEquals(await run("5"), once, "what ran before to the last bit is no new trial");
    assert(await run("6") !== once);
  });
});

test("multi_asset stops cleanly on Ctrl-C with the networks it finished, and resumes to the same result", async () => {
  await inTempFolder(async (folder) => {
    await writeMarkets(`${folder}/markets`, SMALL);
    const args = [...SHORTEST, "--seeds", "2", "--steps", "30"];
    const whole = await runExample("multi_asset", args, folder);
    assertEquals(whole.code, 0, whole.stderr);
    await Deno.remove(`${folder}/out`, { recursive: true });

    const child = startExample("multi_asset", args, folder);
    const ended = finish(child);
    const first = `${folder}/out/multi_asset.volatility.1.pretrained.ckpt`;
    while (!await Deno.stat(first).then(() => true, () => false)) await new Promise((r) => setTimeout(r, 5));
    child.kill("SIGINT");
    const stopped = await ended;
    assertEquals(stopped.code, 130, stopped.stderr);

    const other = await runExample("multi_asset", [...args, "--seed", "9", "--resume"], folder);
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, "Cannot resume");
    const resumed = await runExample("multi_asset", [...args, "--resume"], folder);
    assertEquals(resumed.code, 0, resumed.stderr);
    assertMatch(resumed.stdout, /Resuming: \d networks? on volatility/);
    const tables = (text: string) => text.slice(text.indexOf("1. RISK"));
    assertEquals(tables(resumed.stdout), tables(whole.stdout));
  });
});

const MISTAKES: [string, string[], string][] = [
  ["an unknown backend", ["--backend", "tpu"], "--backend must be auto, webgpu or cpu"],
  ["an unknown market", ["--unseen", "MARS"], "--unseen must be one of"],
  ["half a step", ["--steps", "1.5"], "--steps must be an integer"],
  ["an unknown target", ["--target", "price"], "--target must be volatility or volume"],
  ["a date after the data", ["--test-from", "2050-01-01"], "--test-from must lie between"],
  ["a folder that is not there", ["--csv", "nowhere"], "no such folder"],
  ["Bybit without symbols", ["--source", "bybit"], "--source bybit needs --symbols"],
];

for (const [what, args, message] of MISTAKES) {
  test(`multi_asset answers ${what} in one line`, async () => {
    await inTempFolder(async (folder) => {
      const { code, stderr } = await runExample("multi_asset", args, folder);
      assertEquals(code, 1);
      assertStringIncludes(stderr, message);
      assert(!stderr.includes("    at "), "no stack trace for a mistake of the user");
    });
  });
}

test("multi_asset refuses CSV markets that are all too short, naming them", async () => {
  await inTempFolder(async (folder) => {
    for (const symbol of ["A", "B"]) {
      const rows = Array.from({ length: 60 }, (_, i) => `${1.6e12 + i * 86_400_000},${100 + i}`);
      await Deno.writeTextFile(`${folder}/${symbol}.csv`, `timestamp,close\n${rows.join("\n")}\n`);
    }
    const { code, stderr } = await runExample("multi_asset", ["--csv", folder, ...CPU], folder);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "A");
    assertMatch(stderr, /too short|nothing to train on|warm-up/);
  });
});

test("multi_asset --backend webgpu without an adapter says what to install", async () => {
  await inTempFolder(async (folder) => {
    const none = { DENO_WEBGPU_BACKEND: "vulkan", VK_DRIVER_FILES: "/nonexistent", VK_ICD_FILENAMES: "/nonexistent" };
    const { code, stderr } = await runExample("multi_asset", ["--backend", "webgpu"], folder, none);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "mesa-vulkan-drivers");
  });
});
