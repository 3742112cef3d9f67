// Data to a saved forecaster, and that forecaster to money: meta_train and backtest, as their users run them.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { type Forecaster, loadForecaster, saveForecaster } from "../../mod.ts";
import { finish, inTempFolder, runExample, startExample, writeMarkets } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const CPU = ["--backend", "cpu"];

/** A training of a second, on markets that end in 1998. */
const SHORT = [...CPU, "--seeds", "1", "--steps", "10", "--symbols", "CAC,DAX,NASDAQ", "--test-from", "1998-01-01"];

/** A test of a year on the market that it never saw. */
const TEST = [...CPU, "--symbols", "CAC,DAX,NASDAQ", "--test-from", "2018-01-01"];

const trainings = new Map<string, Uint8Array>();

/** Puts into a folder what meta_train trains and backtest reads there, trained once for each target, and loads it. */
async function trained(folder: string, target = "volatility"): Promise<Forecaster> {
  const file = `${folder}/out/forecaster.bin`;
  const known = trainings.get(target);
  if (known) {
    await Deno.mkdir(`${folder}/out`);
    await Deno.writeFile(file, known);
  } else {
    const { code, stdout, stderr } = await runExample("meta_train", [...SHORT, "--target", target], folder);
    assertEquals(code, 0, stderr);
    assertStringIncludes(stderr, "saying nothing");
    assertStringIncludes(stdout, "Wrote out/forecaster.bin");
    trainings.set(target, await Deno.readFile(file));
  }
  return await loadForecaster(file);
}

/** Runs backtest and reads the report's data. */
// deno-lint-ignore no-explicit-any -- JSON as it was written
async function tested(folder: string, args: string[] = []): Promise<{ stdout: string; json: any }> {
  const { code, stdout, stderr } = await runExample("backtest", [...TEST, ...args], folder);
  assertEquals(code, 0, stderr);
  return { stdout, json: JSON.parse(await Deno.readTextFile(`${folder}/out/backtest.json`)) };
}

// deno-lint-ignore no-explicit-any -- likewise
const strategies = (json: any): any[] =>
  json.comparisons[0].strategies.map(({ result }: { result: unknown }) => result);

test("meta_train saves a forecaster of returns, and backtest trades it beside every baseline at every cost", async () => {
  await inTempFolder(async (folder) => {
    const forecaster = await trained(folder, "return");
    assertEquals([forecaster.target.kind, forecaster.target.horizon, forecaster.members.length], ["return", 1, 1]);
    assert(!forecaster.trainedOn.markets.includes("NASDAQ"));
    assert(forecaster.trainedOn.trainedUntil < Date.UTC(1998, 0, 1));
    // Believed whole, so that there are trades whatever so short a training found.
    await saveForecaster(`${folder}/out/forecaster.bin`, { ...forecaster, shrinkage: 1 });

    const plain = await tested(folder, ["--threshold", "0"]);
    const names = [
      "return forecast, shrunk",
      "pretrained + fine-tuned",
      "from scratch",
      "zero predictor",
      "buy and hold",
    ];
    assertEquals(strategies(plain.json).map(({ strategy }) => strategy), names);
    for (const name of names) assertStringIncludes(plain.stdout, name);
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/backtest.html`), "<svg");
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/backtest_trades.csv`), "NASDAQ");
    const [before, , , zero, holding] = strategies(plain.json);
    const { fees, spread, borrow } = before.costBreakdown;
    assertEquals([fees > 0, spread, borrow], [true, 0, 0]);
    assertEquals([zero.trades.length, holding.trades.length], [0, 1]);

    const rules = ["--spread", "0.0004", "--slippage", "0.02", "--borrow", "0.02", "--stop-vol", "2", "--trailing"];
    const sizes = ["--sizing", "volatility", "--size-target", "0.01", "--size-cap", "0.5", "--brake", "0.1,0.3"];
    const { json } = await tested(folder, ["--threshold", "0", ...rules, ...sizes]);
    assertEquals([json.settings.cost, json.settings.spread, json.settings.stop], [
      "0.001",
      "0.0004",
      "2 deviations, trailing",
    ]);
    assertEquals([json.settings.sizing, json.settings.brake], [
      "volatility, target 0.01, cap 0.5",
      "drawdown 0.1 to 0.3",
    ]);
    const [after] = strategies(json);
    const paid = after.costBreakdown;
    assert(paid.fees > 0 && paid.spread > 0 && paid.slippage > 0 && paid.borrow > 0);
    assert(Math.abs(paid.fees / paid.spread - 5) < 1e-9, "a fee of 0.001 and half a spread of 0.0004");
    assert(Math.max(...after.wanted.map(Math.abs)) <= 0.5);
    assert(after.trades.some(({ exitReason }: { exitReason: string }) => exitReason === "stop"));
  });
});

test("backtest holds a market at the risk that a forecaster of volatility says, every few bars anew", async () => {
  await inTempFolder(async (folder) => {
    assertEquals((await trained(folder)).target, { kind: "logVolatility", horizon: 5 });
    const { stdout, json } = await tested(folder, ["--risk", "0.1", "--every", "5", "--check"]);
    assertMatch(stdout, /Risk taken; log error is how far it was from 0.1 a year:/);
    assertMatch(stdout, /^Nothing moved with the bars behind it: .+$/m);
    assertEquals(strategies(json).map(({ strategy }) => strategy), [
      "held at the forecast risk",
      "pretrained + fine-tuned",
      "from scratch",
      "held at RiskMetrics' risk",
      "buy and hold",
    ]);
    const [{ wanted }] = strategies(json);
    assert(wanted.every((position: number, i: number) => position > 0 && position === wanted[i - i % 5]));
    assert(new Set(wanted).size > wanted.length / 10, "it follows the forecasts");
    const { json: twice } = await tested(folder, ["--risk", "0.2", "--every", "5"]);
    const [{ wanted: larger }] = strategies(twice);
    assert(larger.every((position: number, i: number) => Math.abs(position - Math.min(2, 2 * wanted[i])) < 1e-9));
  });
});

test("backtest answers what says nothing of its forecaster in one line", async () => {
  await inTempFolder(async (folder) => {
    const forecaster = await trained(folder);
    const mistakes: [string[], string][] = [
      [["--brake", "0.3,0.1"], "--brake must be two drawdowns that ascend"],
      [["--threshold", "0.1"], "--threshold says nothing of a forecaster of logVolatility"],
      [["--test-from", "1996-01-01"], "--test-from must be an ISO date at or after 1997-12-"],
      [["--market", "MARS"], "--market must be some of"],
      [["--symbols", "DAX,CAC"], "training saw all of them"],
    ];
    for (const [args, message] of mistakes) {
      const { code, stderr } = await runExample("backtest", [...CPU, ...args], folder);
      assertEquals(code, 1);
      assertStringIncludes(stderr, message);
      assert(!stderr.includes("    at "), "no stack trace for a mistake of the user");
    }
    await saveForecaster(`${folder}/out/forecaster.bin`, { ...forecaster, target: { kind: "logVolume", horizon: 5 } });
    const { code, stderr } = await runExample("backtest", CPU, folder);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "expected a forecaster of return or logVolatility, got logVolume");
    const volume = await runExample("meta_train", ["--target", "volume"], folder);
    assertEquals(volume.code, 1);
    assertStringIncludes(volume.stderr, '--target must be volatility or return, got "volume"');
  });
});

test("meta_train that may write but not read leaves the same forecaster", async () => {
  await inTempFolder(async (folder) => {
    const wanted = await trained(folder);
    await Deno.remove(`${folder}/out`, { recursive: true });
    const { code, stderr } = await finish(
      startExample("meta_train", SHORT, folder, {}, [`--allow-write=${folder}/out`]),
    );
    assertEquals(code, 0, stderr);
    assertEquals(await loadForecaster(`${folder}/out/forecaster.bin`), wanted);
  });
});

test("meta_train stops cleanly on Ctrl-C, resumes to the same forecaster, and refuses other markets", async () => {
  await inTempFolder(async (folder) => {
    await writeMarkets(`${folder}/markets`, { symbols: ["A", "B", "C"], bars: 500 });
    const args = [...CPU, "--csv", "markets", "--test-from", "2017-04-01", "--seeds", "2", "--steps", "60"];
    const whole = await runExample("meta_train", args, folder);
    assertEquals(whole.code, 0, whole.stderr);
    const wanted = await Deno.readFile(`${folder}/out/forecaster.bin`);
    await Deno.remove(`${folder}/out`, { recursive: true });

    const child = startExample("meta_train", args, folder);
    const ended = finish(child);
    const first = `${folder}/out/forecaster.volatility.1.pretrained.ckpt`;
    while (!await Deno.stat(first).then(() => true, () => false)) await new Promise((r) => setTimeout(r, 5));
    child.kill("SIGINT");
    const stopped = await ended;
    assertEquals(stopped.code, 130, stopped.stderr);

    const other = await runExample("meta_train", [...args, "--symbols", "A,C", "--resume"], folder);
    assertEquals(other.code, 1);
    assertStringIncludes(other.stderr, "Cannot resume");
    const resumed = await runExample("meta_train", [...args, "--resume"], folder);
    assertEquals(resumed.code, 0, resumed.stderr);
    assertMatch(resumed.stdout, /Resuming: \d networks on volatility/);
    assertEquals(await Deno.readFile(`${folder}/out/forecaster.bin`), wanted);
    assertEquals([...Deno.readDirSync(`${folder}/out`)].map(({ name }) => name), ["forecaster.bin"]);
  });
});
