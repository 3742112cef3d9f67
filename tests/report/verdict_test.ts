// What a verdict may claim: no win that loses, no loss in words that hide a ruin.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { backtestPositions } from "../../lib/backtest/backtest.ts";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { judge } from "../../lib/report/verdict.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { executePortfolio } from "../../lib/backtest/portfolio.ts";
import { portfolioStatistics } from "../../lib/backtest/portfolio_statistics.ts";
import { dataSentences, distinctFindings } from "../../lib/report/data_sentences.ts";
import { portfolioJson } from "../../lib/report/portfolio_json.ts";
import { renderPortfolioReport } from "../../lib/report/portfolio_report.ts";
import { judgePortfolios } from "../../lib/report/portfolio_verdict.ts";
import { renderReport } from "../../lib/report/report.ts";
import { reportJson } from "../../lib/report/result_json.ts";
import { closesOnly, HOUR, randomWalk } from "../features/markets.ts";

const QUICK = { shuffles: 20, resamples: 100 };
const candles = randomWalk(300, 3);
const walk = walkForward(candles, { supportRows: 20 });

function result(strategy: string, position: number, figures: { sharpe: number | null; totalReturn: number }) {
  const wanted = new Float64Array(walk.time.length).fill(position);
  const ran = backtestPositions(strategy, candles, { walk, wanted, options: {} });
  return { ...ran, metrics: { ...ran.metrics, ...figures } };
}

const idle = result("zero predictor", 0, { sharpe: null, totalReturn: 0 });
const losing = { sharpe: 0.32, totalReturn: -0.519 };

Deno.test("judge() is not ahead of a strategy that never trades with less money than that, whatever the Sharpe ratio", () => {
  const { wins, sentences } = judge(compareResults([result("model", 1, losing), idle], candles, QUICK));
  assertEquals(wins, false);
  assertEquals(
    sentences[0],
    "After costs model (net Sharpe 0.32, return −51.9%) does not beat zero predictor (0.00, 0.0%).",
  );
});

Deno.test("judge() holds a model against cash where no baseline stands for it", () => {
  const worse = result("other", -1, { sharpe: -1, totalReturn: -0.8 });
  const { sentences } = judge(compareResults([result("model", 1, losing), worse], candles, QUICK));
  assertStringIncludes(sentences[0], "does not beat cash (0.00, 0.0%).");
  const gaining = result("model", 1, { sharpe: 0.32, totalReturn: 0.02 });
  const ahead = judge(compareResults([gaining, worse, idle], candles, QUICK));
  assertStringIncludes(ahead.sentences[0], "is ahead of every baseline.");
});

Deno.test("judge() says of a model that holds nothing that it does so, not that it loses", () => {
  const { sentences } = judge(compareResults([idle, result("other", 1, losing)], candles, QUICK));
  const text = sentences.join(" ");
  assertStringIncludes(text, "It holds nothing throughout: no gain and no loss.");
  assert(!/loses money/.test(text), text);
});

Deno.test("judge() says first that an account was ruined and when, and takes it as behind all others", () => {
  const rising = closesOnly([100, 100, 100, 100, 350, 350, 350, 350], "RISING");
  const time = rising.time;
  const laid = {
    start: 0,
    time,
    pairs: [],
    scalers: [],
    labels: new Float64Array(time.length).fill(NaN),
    supportKnownAt: time,
    horizon: 1,
  };
  const held = (strategy: string, position: number) =>
    backtestPositions(strategy, rising, {
      walk: laid,
      wanted: new Float64Array(time.length).fill(position),
      options: { periodsPerYear: 252 },
    });
  const [short, flat, long] = [held("short", -1), held("flat", 0), held("long", 1)];
  const lost = judge(compareResults([short, flat], rising, QUICK));
  assertEquals(lost.wins, false);
  // 100 units short from 100 cost 10,000 too much by 25,000, and 10 and 35 of fees.
  assertEquals(
    lost.sentences[0],
    "short was ruined on 2020-09-13: its equity fell to 0, and 15045.00 beyond it is owed.",
  );
  assertMatch(lost.sentences[1], /ruined\) does not beat flat \(0\.00, 0\.0%\)/);
  assert(!lost.sentences.some((sentence) => /−\d{3,}\.\d%|It loses money/.test(sentence)), lost.sentences.join(" "));
  const rich = { ...long, metrics: { ...long.metrics, sharpe: 0.1 } };
  const lucky = { ...short, metrics: { ...short.metrics, sharpe: 5 } };
  assertStringIncludes(judge(compareResults([rich, lucky], rising, QUICK)).sentences[0], "ahead of every baseline");
});

/** Prices with a hole of two days and, in it, a fall to a tenth. */
function holed(symbol: string): Candles {
  const { time, ...prices } = randomWalk(300, 5, symbol);
  const fall = (values: Float64Array): Float64Array => values.map((value, i) => i < 200 ? value : value / 10);
  const [open, high, low, close] = [prices.open, prices.high, prices.low, prices.close].map(fall);
  return { ...prices, open, high, low, close, time: time.map((at, i) => i < 200 ? at : at + 48 * HOUR) };
}

Deno.test("findings in the data stand in the verdict, on the page and in the JSON", async () => {
  const market = holed("<HOLED>");
  const laid = walkForward(market, { supportRows: 20 });
  const wanted = new Float64Array(laid.time.length).fill(1);
  const held = ["model", "other"].map((name) => backtestPositions(name, market, { walk: laid, wanted, options: {} }));
  const comparison = compareResults(held, market, QUICK);
  const [{ index, kind }] = held[0].findings;
  assertEquals([index, kind], [200, "gap"]);
  const sentence = judge(comparison).sentences.find((one) => one.startsWith("Of the data used"))!;
  assertMatch(sentence, /^Of the data used <HOLED> has 1 gap \(2020-09-23\), 1 possible relisting \(2020-09-23\)\.$/);
  const html = await renderReport([comparison]);
  assertStringIncludes(html, "Findings in the bars used");
  assertStringIncludes(html, "possible relisting</td>");
  assert(!html.includes("<HOLED>"));
  // deno-lint-ignore no-explicit-any
  const [written] = (reportJson([comparison]) as any).comparisons;
  assertEquals(written.findings.map((one: { kind: string }) => one.kind), ["gap", "possible-relisting"]);
  assert(!("findings" in written.strategies[0].result));
  const clean = judge(compareResults([idle], candles, QUICK));
  assert(!clean.sentences.some((one) => one.startsWith("Of the data used")));
});

Deno.test("findings of a portfolio's markets stand in its verdict, page and JSON, each once", async () => {
  const markets = ["A", "B"].map((symbol) => {
    const market = holed(symbol);
    const sizes = new Float64Array(280).fill(1);
    return { candles: market, start: 20, sizes, volatility: sizes.map(() => 0.01), horizon: 1 };
  });
  const results = ["one", "two"].map((strategy) => executePortfolio(markets, { strategy }));
  const { sentences } = judgePortfolios(results, portfolioStatistics(results, { resamples: 100 }), 1);
  const sentence = sentences.find((one) => one.startsWith("Of the data used"))!;
  assertStringIncludes(sentence, "A has 1 gap (2020-09-23), 1 possible relisting (2020-09-23); B has 1 gap");
  assertStringIncludes(await renderPortfolioReport(results, { resamples: 100 }), "Findings in the bars used");
  // deno-lint-ignore no-explicit-any
  assertEquals((portfolioJson(results, { resamples: 100 }) as any).findings.length, 4);
});

Deno.test("dataSentences() names five markets and counts the others", () => {
  const findings = Array.from({ length: 14 }, (_, i) => ({
    market: `M${i % 7}`,
    kind: "jump" as const,
    index: i,
    time: Date.UTC(2024, 0, 1 + i),
    message: "",
  }));
  const [sentence] = dataSentences(findings);
  assertStringIncludes(sentence, "M0 has 2 jumps (first 2024-01-01); M1");
  assertStringIncludes(sentence, "; and 2 more markets have findings.");
  assertEquals(dataSentences([]), []);
  assertEquals(distinctFindings([{ findings }, { findings: findings.slice(3) }]).length, 14);
});
