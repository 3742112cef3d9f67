import { assert, assertAlmostEquals, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { executePortfolio, metrics, simulateMarket } from "../../mod.ts";
import { atOneRisk, chooseBand, JUDGED_BARS, riskErrors } from "../../examples/portfolio/held.ts";
import { heldMarket } from "../../examples/portfolio/ways.ts";
import { inTempFolder, runExample } from "./run.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "env");

const STRATEGIES = [
  "at the forecast risk",
  "at the unadapted risk",
  "at RiskMetrics' risk",
  "held equally",
  "return forecast",
];

/** One network and few steps on a test of a year and a half, two markets of it never seen. */
const SHORT = ["--backend", "cpu", "--seeds", "1", "--steps", "40", "--test-from", "2017-06-01"];

test("portfolio prints the risk that each way took, what it earned, its markets, and a report", async () => {
  await inTempFolder(async (folder) => {
    const { code, stdout, stderr } = await runExample("portfolio", [...SHORT, "--unseen", "NASDAQ,WTI"], folder);
    assertEquals(code, 0, stderr);
    assertStringIncludes(
      stdout,
      "Learning over SP500, DAX, SMI, CAC, FTSE before 2017-06-01; never seen: NASDAQ, WTI.",
    );
    for (const name of STRATEGIES) assertMatch(stdout, RegExp(`^${name} +\\d+\\.\\d% `, "m"));
    assertMatch(stdout, /at the forecast risk came to the target (no nearer beyond chance|nearer|further) than/);
    assertEquals(stdout.match(/^Validation lets positions at .* be off by 0(\.\d)? of their targets: /mg)?.length, 3);
    assertMatch(stdout, /^NASDAQ +never seen +-?\d+ /m);
    assertMatch(stdout, /^SP500 +-?\d+ /m);
    assertMatch(stdout, /The control's shrinkage is \d\.\d{3} from validation/);
    const page = await Deno.readTextFile(`${folder}/out/portfolio.html`);
    assertEquals(/<script|src=|https?:\/\/(?!www\.w3\.org)/.test(page), false, "the report must load nothing");
    const { strategies, candidates } = JSON.parse(await Deno.readTextFile(`${folder}/out/portfolio.json`));
    // deno-lint-ignore no-explicit-any -- JSON as it was written
    assertEquals([strategies.map(({ result }: any) => result.strategy), candidates], [STRATEGIES, 2]);
    const trades = await Deno.readTextFile(`${folder}/out/portfolio_trades.csv`);
    assertMatch(trades, /^strategy,market,side[^\n]*\r\nat the forecast risk,/);
  });
});

test("portfolio throws on bad options", async () => {
  await inTempFolder(async (folder) => {
    for (
      const [args, message] of [
        [["--spread", "2"], "--spread must be a number of at least 0 and at most 0.99"],
        [["--unseen", "NASDAQ,MARS"], "--unseen must be one of"],
      ] as const
    ) {
      const { code, stderr } = await runExample("portfolio", [...args], folder);
      assertEquals(code, 1);
      assertStringIncludes(stderr, message);
    }
  });
});

/** Decisions of forecasts. */
const said = (from: number, bars: number) => ({
  bar: Int32Array.from({ length: bars }, (_, i) => from + i),
  horizon: 5,
});

Deno.test("markets of known volatility, sized and brought together, take the risk aimed at, whatever they share", () => {
  const bars = 2000;
  const [a, b] = [1, 2].map((seed) => simulateMarket({ bars, seed, symbol: `M${seed}` }).candles);
  const risk = 0.1;
  const volatility = (candles: typeof a): Float64Array => {
    const returns = candles.close.slice(1).map((close, i) => close / candles.close[i] - 1);
    const { annualizedVolatility } = metrics(returns, { periodsPerYear: 1 });
    return new Float64Array(bars - 300).fill(annualizedVolatility!);
  };
  const held = (markets: readonly (typeof a)[]) => {
    const target = risk / Math.sqrt(365);
    const own = markets.map((one) => heldMarket(one, said(300, bars - 300), { volatility: volatility(one), target }));
    return executePortfolio(own, { weighting: atOneRisk(0), maxGross: 10, periodsPerYear: 365 });
  };
  const twin = { ...a, symbol: "TWIN" };
  for (const markets of [[a], [a, b], [a, twin]]) {
    const result = held(markets);
    assertAlmostEquals(result.metrics.annualizedVolatility! / risk, 1, 0.08, markets.map((m) => m.symbol).join());
    const errors = riskErrors(result, risk);
    assertEquals(errors.length, Math.floor(result.time.length / JUDGED_BARS));
    // 20 returns tell their deviation to one part in √40.
    assert(Math.sqrt(errors.reduce((sum, e) => sum + e, 0) / errors.length) < 0.3);
  }
});

Deno.test("chooseBand() takes the widest band that meets the risk as nearly as none, and trades less for it", () => {
  const bars = 900;
  const markets = [1, 2].map((seed) => simulateMarket({ bars, seed, symbol: `M${seed}` }).candles);
  const own = markets.map((candles, m) => {
    // Forecasts that are right but for a flutter of a twentieth: trading on that is for nothing.
    const volatility = Float64Array.from({ length: bars - 300 }, (_, i) => 0.01 * (1 + 0.05 * Math.sin(i * (m + 2))));
    return heldMarket(candles, said(300, bars - 300), { volatility, target: 0.005 });
  });
  const fills: number[] = [];
  const { chosen, without } = chooseBand((band) => {
    const result = executePortfolio(own, { weighting: atOneRisk(band), maxGross: 10, periodsPerYear: 365 });
    fills.push(result.fills.length);
    return result;
  }, 0.005 * Math.sqrt(365));
  assert(chosen.band >= 0.1 && chosen.error! <= 1.05 * without.error!);
  assert(chosen.turnover! < without.turnover! / 3, `${chosen.turnover} of ${without.turnover}`);
  // What is within the band is not traded at all.
  assert(fills[0] > 1000 && fills[1] < 200, fills.join());
});
