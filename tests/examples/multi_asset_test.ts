import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { loadState } from "../../lib/meta/checkpoint.ts";
import { finish, inTempFolder, runExample, startExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const CPU = ["--backend", "cpu"];

test("multi_asset prints every strategy and writes a report without network or scripts", async () => {
  await inTempFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("multi_asset", [...CPU, "--steps", "50"], folder);
    assertEquals(code, 0, stderr);
    for (
      const name of ["meta-learned", "pretrained + fine-tuned", "from scratch", "zero predictor", "buy and hold"]
    ) assertStringIncludes(stdout, name);
    assertMatch(stdout, /loss@0\s+loss@1\s+loss@5\s+loss@10/);
    assertStringIncludes(stdout, "NASDAQ, never seen");
    const report = await Deno.readTextFile(`${folder}/out/report.html`);
    assertStringIncludes(report, "<svg");
    assert(!/<script|src=|https?:\/\/(?!www\.w3\.org)/.test(report), "the report must load nothing");
    const json = JSON.parse(await Deno.readTextFile(`${folder}/out/report.json`));
    assertEquals(json.comparisons[0].market, "NASDAQ");
    assertMatch(
      await Deno.readTextFile(`${folder}/out/trades.csv`),
      /^strategy,market,side[^\n]*\r\nmeta-learned,NASDAQ,/,
    );
  });
});

test("multi_asset gives the same table twice for a seed and another for another", async () => {
  await inTempFolder(async (folder) => {
    const run = async (seed: string) => {
      const args = [...CPU, "--steps", "25", "--seed", seed, "--test-from", "2017-01-01"];
      return (await runExample("multi_asset", args, folder)).stdout;
    };
    const once = await run("5");
    assertEquals(await run("5"), once, "what ran before to the last bit is no new trial");
    const other = await run("6");
    assert(other !== once);
    assertStringIncludes(once, "over 5 trials");
    // Of the other seed three strategies are new; the zero predictor and buy and hold are not.
    assertStringIncludes(other, "over 8 trials");
  });
});

test("multi_asset stops cleanly on Ctrl-C with a checkpoint, and resumes to the same result", async () => {
  await inTempFolder(async (folder) => {
    const args = [...CPU, "--steps", "400", "--test-from", "2017-01-01"];
    const whole = await runExample("multi_asset", args, folder);
    const wanted = await loadState(`${folder}/out/multi_asset.ckpt`);
    await Deno.remove(`${folder}/out`, { recursive: true });

    const child = startExample("multi_asset", args, folder);
    const ended = finish(child);
    const checkpoint = `${folder}/out/multi_asset.ckpt`;
    while (!await Deno.stat(checkpoint).then(() => true, () => false)) await new Promise((r) => setTimeout(r, 5));
    child.kill("SIGINT");
    const stopped = await ended;
    assertEquals(stopped.code, 130, stopped.stderr);
    assertStringIncludes(stopped.stderr, "--resume continues");
    assert((await loadState(checkpoint)).step < 400);

    const resumed = await runExample("multi_asset", [...args, "--resume"], folder);
    assertEquals(resumed.code, 0, resumed.stderr);
    assertStringIncludes(resumed.stdout, "Resuming");
    assertEquals(await loadState(checkpoint), wanted);
    const table = (text: string) => text.slice(text.indexOf("strategy"));
    assertEquals(table(resumed.stdout), table(whole.stdout));
  });
});

test("multi_asset refuses to resume a checkpoint of other data", async () => {
  await inTempFolder(async (folder) => {
    await runExample("multi_asset", [...CPU, "--steps", "25"], folder);
    const { code, stderr } = await runExample(
      "multi_asset",
      [...CPU, "--steps", "50", "--seed", "2", "--resume"],
      folder,
    );
    assertEquals(code, 1);
    assertStringIncludes(stderr, "Cannot resume");
  });
});

const MISTAKES: [string, string[], string][] = [
  ["an unknown backend", ["--backend", "tpu"], "--backend must be auto, webgpu or cpu"],
  ["an unknown market", ["--unseen", "MARS"], "--unseen must be one of"],
  ["half a step", ["--steps", "1.5"], "--steps must be an integer"],
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

test("meta_train writes a checkpoint that backtest turns into a report", async () => {
  await inTempFolder(async (folder) => {
    const trained = await runExample("meta_train", [...CPU, "--steps", "50"], folder);
    assertEquals(trained.code, 0, trained.stderr);
    assertEquals((await loadState(`${folder}/out/meta_train.ckpt`)).step, 50);
    const tested = await runExample("backtest", CPU, folder);
    assertEquals(tested.code, 0, tested.stderr);
    assertStringIncludes(tested.stdout, "meta-learned");
    assertStringIncludes(await Deno.readTextFile(`${folder}/out/backtest.html`), "<svg");
    for (const name of ["backtest.json", "backtest_trades.csv"]) {
      assertStringIncludes(await Deno.readTextFile(`${folder}/out/${name}`), "NASDAQ");
    }

    const plain = JSON.parse(await Deno.readTextFile(`${folder}/out/backtest.json`));
    const rules = ["--spread", "0.0004", "--slippage", "0.02", "--borrow", "0.02", "--stop-vol", "2", "--trailing"];
    const sizes = ["--sizing", "volatility", "--size-target", "0.01", "--size-cap", "0.5", "--brake", "0.1,0.3"];
    const { code, stderr } = await runExample("backtest", [...CPU, ...rules, ...sizes], folder);
    assertEquals(code, 0, stderr);
    const { settings, comparisons } = JSON.parse(await Deno.readTextFile(`${folder}/out/backtest.json`));
    assertEquals([settings.cost, settings.spread, settings.stop], ["0.001", "0.0004", "2 deviations, trailing"]);
    assertEquals([settings.sizing, settings.brake], ["volatility, target 0.01, cap 0.5", "drawdown 0.1 to 0.3"]);
    const [before, { result }] = [plain.comparisons[0].strategies[0].result, comparisons[0].strategies[0]];
    assertEquals([before.costBreakdown.fees > 0, before.costBreakdown.spread, before.costBreakdown.borrow], [
      true,
      0,
      0,
    ]);
    const { fees, spread, slippage, borrow } = result.costBreakdown;
    assert(fees > 0 && spread > 0 && slippage > 0 && borrow > 0);
    assert(Math.abs(fees / spread - 5) < 1e-9, "a fee of 0.001 and half a spread of 0.0004");
    assert(Math.max(...result.wanted.map(Math.abs)) <= 0.5);
    assert(result.trades.some(({ exitReason }: { exitReason: string }) => exitReason === "stop"));
    const bad = await runExample("backtest", ["--brake", "0.3,0.1"], folder);
    assertEquals([bad.code, /--brake must be two drawdowns that ascend/.test(bad.stderr)], [1, true]);
  });
});
