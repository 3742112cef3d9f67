import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

test("portfolio prints what was learned on validation data, every strategy, its markets and costs", async () => {
  await inTempFolder(async (folder) => {
    const args = ["--backend", "cpu", "--steps", "25"];
    const { code, stdout, stderr } = await runExample("portfolio", args, folder);
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /Learned on 4 validation windows, 36 settings tried: stopVolatility /);
    assertStringIncludes(stdout, "Without bars to trade after 2005-10-21: DAX, SMI, CAC, FTSE");
    for (
      const name of [
        "equal",
        "inverse volatility",
        "return over risk",
        "minimum variance",
        "risk parity",
        "hierarchical",
      ]
    ) {
      assertMatch(stdout, RegExp(`^meta-learned, ${name} `, "m"));
    }
    for (const name of ["pretrained, equal", "from scratch, equal", "holding, equal", "holding, inverse volatility"]) {
      assertMatch(stdout, RegExp(`^${name} `, "m"));
    }
    for (const market of ["SP500", "NASDAQ", "WTI"]) assertMatch(stdout, RegExp(`^${market} +-?\\d+ `, "m"));
    assertMatch(stdout, /Its costs: fees \d+, spread \d+, slippage \d+, funding 0, borrow \d+/);
    assertStringIncludes(stdout, "Wrote out/portfolio.html, out/portfolio.json, out/portfolio_trades.csv");
    const page = await Deno.readTextFile(`${folder}/out/portfolio.html`);
    assertStringIncludes(page, "stopVolatility (learned)");
    assertStringIncludes(page, "the best expected of 46 trials without skill");
    assertEquals(/<script|src=|https?:/.test(page), false, "the report must load nothing");
    const { strategies, candidates } = JSON.parse(await Deno.readTextFile(`${folder}/out/portfolio.json`));
    assertEquals([strategies.length, candidates], [10, 6]);
    assertEquals(strategies[0].deflatedSharpe.trials, 36 + 10);
    assertMatch(
      await Deno.readTextFile(`${folder}/out/portfolio_trades.csv`),
      /^strategy,market,side[^\n]*\r\n"meta-learned, equal",/,
    );
  });
});

test("portfolio throws on bad options", async () => {
  await inTempFolder(async (folder) => {
    const { code, stderr } = await runExample("portfolio", ["--spread", "2"], folder);
    assertEquals(code, 1);
    assertStringIncludes(stderr, "--spread must be a number of at least 0 and at most 0.99");
  });
});
