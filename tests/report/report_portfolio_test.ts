import {
  assert,
  assertEquals,
  assertLess,
  assertMatch,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  executePortfolio,
  type PortfolioExecutionOptions,
  type PortfolioResult,
} from "../../lib/backtest/portfolio.ts";
import { portfolioJson } from "../../lib/report/portfolio_json.ts";
import { renderPortfolioReport } from "../../lib/report/portfolio_report.ts";
import { portfolioStatistics } from "../../lib/backtest/portfolio_statistics.ts";
import { judgePortfolios } from "../../lib/report/portfolio_verdict.ts";
import { sharpeInterval } from "../../lib/statistics/sharpe_interval.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { random } from "../../lib/net/random.ts";
import { randomWalk } from "../features/markets.ts";

const COSTS = { takerFee: 0.0005, spread: 0.0002, rangeSlippage: 0.02, borrow: 0.05, funding: { rate: 0.0001 } };

/** Random positions on random walks, the first market's name hostile. */
function portfolio(seed: number, options: PortfolioExecutionOptions = {}): PortfolioResult {
  const markets = ["<EVIL & CO>", "B", "C"].map((symbol, m) => {
    const candles = randomWalk(500, 11 + m, symbol);
    const stream = random(10 * seed + m);
    const sizes = Float64Array.from({ length: 470 }, () => stream.integer(3) - 1);
    return { candles, start: 30, sizes, volatility: trailingVolatility(candles.close, 20).slice(30), horizon: 1 };
  });
  const rules = { costs: COSTS, exits: { stop: { fraction: 0.02 } }, periodsPerYear: 252 };
  return executePortfolio(markets, { ...rules, ...options });
}

const results = [
  portfolio(1, { strategy: "meta-learned, equal" }),
  portfolio(1, { strategy: "meta-learned, inverse volatility", weighting: { kind: "inverse-volatility" } }),
  portfolio(2, { strategy: "<pretrained>" }),
  portfolio(3, { strategy: "holding" }),
];
const options = { candidates: 2, resamples: 100, seed: 4 };
const statistics = portfolioStatistics(results, options);
/** With the net Sharpe ratio of each replaced, for verdicts; one that has none never traded. */
const withSharpes = (...sharpes: (number | null)[]) =>
  sharpes.map((sharpe, i) => ({
    ...results[i],
    metrics: { ...results[i].metrics, sharpe, totalReturn: sharpe === null ? 0 : sharpe / 10 },
  }));

Deno.test("portfolioStatistics() bounds figures, and counts every result and the trials before as trials", () => {
  const judged = portfolioStatistics(results, { ...options, trials: { sharpes: [0.1, null] } });
  for (const [i, { netReturns, periodsPerYear }] of results.entries()) {
    const { sharpeInterval: interval, intervals, deflatedSharpe, probabilisticSharpe } = judged[i];
    assertEquals(interval, sharpeInterval(netReturns, { periodsPerYear, resamples: 100, seed: 4 }));
    assert(intervals.exposure!.low <= results[i].metrics.exposure! && intervals.maxDrawdown !== null);
    const { turnover, trades } = results[i].metrics;
    assert(
      intervals.turnover!.low <= turnover! && turnover! <= intervals.turnover!.high,
      "fills are counted bar by bar",
    );
    assert(intervals.trades!.low <= trades! && trades! <= intervals.trades!.high);
    assertEquals(deflatedSharpe.trials, 6);
    assertLess(deflatedSharpe.value!, probabilisticSharpe.value!);
  }
  assertThrows(() => portfolioStatistics([]), TypeError, "at least 1 result");
  assertThrows(() => portfolioStatistics([results[0], { ...results[1], interval: "1d" }]), RangeError, "1h and 1d");
});

Deno.test("judgePortfolios() judges the first against baselines alone, and says which variant did best", () => {
  const lost = judgePortfolios(withSharpes(0.5, 0.9, 0.7, 0.1), statistics, 2);
  assertEquals(lost.wins, false);
  assertEquals(
    lost.sentences[0],
    "After costs meta-learned, equal (net Sharpe 0.50, return 5.0%) does not beat <pretrained> (0.70, 7.0%).",
  );
  assert(
    lost.sentences.includes(
      "Of its 2 variants meta-learned, inverse volatility (0.90, 9.0%) did best, ahead of every baseline.",
    ),
  );
  const ahead = judgePortfolios(withSharpes(0.5, 0.2, 0.4, null), statistics, 2);
  assertEquals(
    ahead.sentences[0],
    "After costs meta-learned, equal (net Sharpe 0.50, return 5.0%) is ahead of every baseline.",
  );
  assertEquals(judgePortfolios(withSharpes(0.5), statistics, 1).wins, false, "nothing was beaten");
});

Deno.test("judgePortfolios() calls it a win for profit above all baselines and zero, significant only when deflated", () => {
  const [first, ...others] = withSharpes(2, 0, 0, 0);
  const rich = [{ ...first, metrics: { ...first.metrics, totalReturn: 0.5 } }, ...others];
  const sure = (value: number) => [
    {
      ...statistics[0],
      sharpeInterval: { low: 0.2, high: 3, level: 0.95 },
      deflatedSharpe: { ...statistics[0].deflatedSharpe, value },
    },
    ...statistics.slice(1),
  ];
  assertEquals([0.9, 0.99].map((value) => judgePortfolios(rich, sure(value), 1).significant), [false, true]);
  assertEquals(judgePortfolios(rich, sure(0.9), 1).wins, true);
  assertEquals(judgePortfolios(rich, statistics, 1).wins, statistics[0].sharpeInterval.low! > 0);
});

Deno.test("renderPortfolioReport() has every section, every strategy, every market and the verdict", async () => {
  const html = await renderPortfolioReport(results, { ...options, settings: { "stop (learned)": "2 volatilities" } });
  const sections = [
    "Equity after costs, logarithmic scale",
    "Equity after costs, linear scale",
    "Drawdown",
    "Rolling Sharpe ratio, last",
    "What each market brought to meta-learned, equal",
    "Positions by market, mean of 2 bars",
    "Deflated Sharpe ratio",
    "the best expected of 4 trials without skill",
    "95% interval",
    "Monthly returns",
    "Distribution of returns",
    "Exposure",
    "Costs paid",
    "Trades of meta-learned, equal",
    "stop (learned)",
    "does not beat",
  ];
  for (const section of sections) assertStringIncludes(html, section);
  for (const { strategy } of results) assertStringIncludes(html, strategy.replace("<", "&#60;").replace(">", "&#62;"));
  for (const market of ["&#60;EVIL &#38; CO&#62;", "B", "C", "All"]) {
    assertMatch(html, RegExp(`<th scope="row">${market}</th>`));
  }
  assertMatch(html, /<th scope="col">Entry<\/th><th scope="col">Market<\/th>/);
});

Deno.test("renderPortfolioReport() needs no script and no network, escapes names, repeats no id", async () => {
  const html = await renderPortfolioReport(results, { ...options, title: "<b>Title</b>" });
  assertEquals(/<EVIL|<b>Title|<pretrained/.test(html), false);
  assertEquals(/<script|https?:|src=|@import|url\(|\son\w+=|NaN|undefined|Infinity/i.test(html), false);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assertEquals(new Set(ids).size, ids.length);
  for (const [, target] of html.matchAll(/for="([^"]+)"/g)) assert(ids.includes(target), target);
  const pictures = html.match(/<svg [^>]*role="img"[^>]*>/g)!;
  assertEquals(pictures.length, 7);
  assertEquals(html.match(/role="img"><title>[^<]+<\/title>/g)!.length, pictures.length);
  const lines = [...html.matchAll(/<li><svg class="swatch"[^>]*><path class="s(\d)"/g)].map(([, color]) => color);
  assertEquals([...new Set(lines)], ["1", "2", "3", "4"], "every strategy has a colour of its own");
});

Deno.test("renderPortfolioReport() stays below 1.5 MB for 20 markets of 10,000 bars", async () => {
  const [bars, markets] = [10_000, 20];
  const repeat = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: bars }, (_, i) => values[i % values.length]);
  const stream = random(5);
  const large = results.map((result) => ({
    ...result,
    markets: Array.from({ length: markets }, (_, m) => `MARKET${m}`),
    time: Float64Array.from({ length: bars }, (_, i) => i * 3_600_000),
    equity: repeat(result.equity).map((value, i) => value * (1 + 0.1 * Math.sin(i))),
    netReturns: repeat(result.netReturns),
    grossReturns: repeat(result.grossReturns),
    exposure: repeat(result.exposure),
    positions: Float64Array.from({ length: bars * markets }, () => stream.normal() / markets),
    trades: Array.from({ length: 5000 }, (_, i) => result.trades[i % 20]),
  }));
  const html = await renderPortfolioReport(large, { ...options, statistics });
  assertLess(html.length, 1_500_000);
  assertStringIncludes(html, "The first 200 of 5,000 trades");
});

Deno.test("renderPortfolioReport() and portfolioJson() refuse what does not fit, and change nothing", async () => {
  const before = structuredClone(results);
  await assertRejects(() => renderPortfolioReport([]), TypeError, "at least 1 result");
  await assertRejects(() => renderPortfolioReport(results, { candidates: 5 }), RangeError, "within [1, 4]");
  await assertRejects(
    () => renderPortfolioReport(results, { statistics: statistics.slice(1) }),
    TypeError,
    "expected 4 statistics, received 3",
  );
  assertThrows(() => portfolioJson([]), TypeError, "at least 1 result");
  await renderPortfolioReport(results, options);
  portfolioJson(results, options);
  assertEquals(results, before);
});

Deno.test("portfolioJson() survives a round trip, and holds shared times once", () => {
  const json = portfolioJson(results, { ...options, title: "T", settings: { seed: 4 } });
  assertEquals(JSON.parse(JSON.stringify(json)), json);
  assertEquals([json.title, json.settings, json.candidates], ["T", { seed: 4 }, 2]);
  assertEquals(json.time, Array.from(results[0].time));
  // deno-lint-ignore no-explicit-any
  const { strategies, verdict } = json as any;
  assertEquals(verdict, { ...judgePortfolios(results, statistics, 2) });
  for (const [i, result] of results.entries()) {
    const written = strategies[i];
    assertEquals("time" in written.result, false);
    assertEquals(written.result.positions, Array.from(result.positions, (p) => p === 0 ? 0 : p));
    assertEquals(written.result.shares, result.shares.map((share) => ({ ...share })));
    assertEquals(written.deflatedSharpe, { ...statistics[i].deflatedSharpe });
    assertEquals(written.drawdown.length, result.time.length + 1);
  }
});
