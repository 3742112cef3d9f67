import { assert, assertEquals, assertLess, assertRejects, assertStringIncludes, assertThrows } from "@std/assert";
import { renderReport } from "../../lib/report/report.ts";
import { plainJson, reportJson } from "../../lib/report/result_json.ts";
import { judge } from "../../lib/report/verdict.ts";
import { learningRates } from "../../lib/meta/learning_rates.ts";
import { totalCosts } from "../../lib/trading/cost_model.ts";
import config from "../../deno.json" with { type: "json" };
import { smallComparison, smallState } from "../backtest/small_comparison.ts";

const comparison = await smallComparison(600, "<EVIL & CO>");
const state = smallState();

Deno.test("renderReport() has every section, every strategy and the verdict", async () => {
  const html = await renderReport([comparison], { settings: { seed: 3 }, state });
  for (const { result } of comparison.strategies) assertStringIncludes(html, result.strategy);
  for (const sentence of judge(comparison).sentences) {
    assertStringIncludes(html, sentence.replaceAll("<", "&#60;").replaceAll("'", "&#39;"));
  }
  const sections = [
    "Equity after costs",
    "Drawdown",
    "Rolling Sharpe ratio, last 63 bars",
    "Probabilistic Sharpe ratio",
    "Deflated Sharpe ratio",
    "the best expected of 5 trials without skill",
    "Forecasts against zero predictor",
    "Random walk",
    "95% interval",
    "Monthly returns",
    "Distribution of returns",
    "Exposure",
    "Market regimes",
    "Forecast error on new bars by steps of adaptation",
    "Costs paid",
    "Trades of meta-learned",
    "Inner learning rates",
  ];
  for (const section of sections) assertStringIncludes(html, section);
});

Deno.test("renderReport() needs no script and no network, and escapes names", async () => {
  const html = await renderReport([comparison], { title: "<b>Title</b>", settings: { "<i>": "<u>" }, state });
  assertStringIncludes(html, "&#60;EVIL &#38; CO&#62;");
  assertEquals(/<EVIL|<b>Title|<i>|<u>/.test(html), false);
  assertEquals(/<script|https?:|src=|@import|url\(|\son\w+=/i.test(html), false);
  const body = html.replaceAll("Undefined figures", "").replaceAll("is undefined: ", "").replaceAll(
    "undefined in ",
    "",
  );
  assertEquals(/NaN|undefined|Infinity/.test(body), false);
});

Deno.test("renderReport() names its pictures, scopes its headings and repeats no id", async () => {
  const html = await renderReport([comparison, comparison], { state });
  const pictures = html.match(/<svg [^>]*role="img"[^>]*>/g)!;
  assertEquals(pictures.length, 2 * 8 + 1);
  assertEquals(html.match(/role="img"><title>[^<]+<\/title>/g)!.length, pictures.length);
  assertEquals(/<th>/.test(html), false);
  const ids = [...html.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
  assertEquals(new Set(ids).size, ids.length);
  for (const [, target] of html.matchAll(/(?:href="#|for=")([^"]+)"/g)) assert(ids.includes(target), target);
});

Deno.test("renderReport() shows the equity on both scales, switched by radio buttons", async () => {
  const html = await renderReport([comparison]);
  assertEquals(html.match(/<input type="radio" name="market-1-scale"/g)!.length, 2);
  assertStringIncludes(html, "Equity after costs, logarithmic scale");
  assertStringIncludes(html, "Equity after costs, linear scale");
});

Deno.test("renderReport() says when it was made and by which version, the same bytes for the same moment", async () => {
  const options = { madeAt: Date.UTC(2024, 4, 1, 13, 45, 59) };
  const html = await renderReport([comparison], options);
  assertStringIncludes(html, `Made on 2024-05-01 13:45 UTC by adaptrade ${config.version}. All times are UTC.`);
  assertEquals(await renderReport([comparison], options), html);
  assertStringIncludes(await renderReport([comparison]), `Made on ${new Date().toISOString().slice(0, 10)}`);
});

Deno.test("renderReport() shows values where the pointer rests: the last of each line is its last value", async () => {
  const html = await renderReport([comparison]);
  const [hover] = html.match(/<g class="hover">.*?<\/g>/)!;
  const titles = [...hover.matchAll(/<title>([^<]+)<\/title>/g)].map(([, title]) => title);
  assert(titles.length >= 60 && titles.length <= 120, `${titles.length} titles`);
  const [{ result }] = comparison.strategies;
  const { equity, decisionTime, strategy } = result;
  const short = equity[equity.length - 1].toLocaleString("en-US", { notation: "compact", maximumSignificantDigits: 3 });
  const last = titles[titles.length - 1];
  assertStringIncludes(last, `${new Date(decisionTime[decisionTime.length - 1]).toISOString().slice(0, 10)}`);
  assertStringIncludes(last, `${strategy} ${short}`);
  assertEquals(last.split(", ").length, comparison.strategies.length);
  // Places without a gap between them, over the whole width.
  const places = [...hover.matchAll(/<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/g)].map(([, x, w]) => [+x, +w]);
  assertEquals(places[0][0], 84);
  places.slice(1).forEach(([x], i) => assert(Math.abs(x - places[i][0] - places[i][1]) < 0.11, `${x}`));
});

Deno.test("renderReport() lists several markets in a table with links", async () => {
  const html = await renderReport([comparison, { ...comparison, market: "OTHER" }]);
  assertStringIncludes(html, '<a href="#market-2">OTHER</a>');
  assertEquals((await renderReport([comparison])).includes("<h2>Markets</h2>"), false);
});

Deno.test("renderReport() stays below 1.5 MB for 10,000 bars", async () => {
  // Bars repeated end to end: only their number matters here.
  const repeat = (values: Float64Array): Float64Array =>
    Float64Array.from({ length: 10_000 }, (_, i) => values[i % values.length]);
  const strategies = comparison.strategies.map((strategy) => {
    const { result } = strategy;
    const time = Float64Array.from({ length: 10_000 }, (_, i) => i * 3_600_000);
    return {
      ...strategy,
      result: {
        ...result,
        time,
        decisionTime: Float64Array.from({ length: 10_001 }, (_, i) => (i - 1) * 3_600_000),
        equity: repeat(result.equity).map((value, i) => value * (1 + 0.1 * Math.sin(i))),
        netReturns: repeat(result.netReturns),
        grossReturns: repeat(result.grossReturns),
        positions: repeat(result.positions),
        trades: Array.from({ length: 5000 }, (_, i) => comparison.strategies[0].result.trades[i % 20]),
      },
    };
  });
  const regimes = Array.from({ length: 10_001 }, (_, i) => comparison.regimes[i % comparison.regimes.length]);
  const html = await renderReport([{ ...comparison, strategies, regimes }], { state });
  assertLess(html.length, 1_500_000);
  assertStringIncludes(html, "The first 200 of 5,000 trades");
  assertStringIncludes(html, "The last 200 of 5,000 trades");
});

Deno.test("renderReport() says what is missing on a market of a few bars", async () => {
  const html = await renderReport([await smallComparison(180, "SHORT")]);
  assertStringIncludes(html, "too few bars before the first decision to label regimes");
  assertStringIncludes(html, "A rolling Sharpe ratio needs 63 bars");
});

Deno.test("renderReport() throws without a comparison", async () => {
  await assertRejects(() => renderReport([]), TypeError, "at least 1 comparison");
});

Deno.test("renderReport() and reportJson() leave the comparison unchanged", async () => {
  const before = structuredClone(comparison);
  await renderReport([comparison], { state });
  reportJson([comparison], { state });
  assertEquals(comparison, before);
});

Deno.test("reportJson() survives a round trip and holds the comparison", () => {
  const json = reportJson([comparison], { state, title: "T", settings: { seed: 3 } });
  assertEquals(JSON.parse(JSON.stringify(json)), json);
  assertEquals([json.title, json.settings], ["T", { seed: 3 }]);
  assertEquals(json.learningRates, learningRates(state).map((rate) => ({ ...rate })));
  // deno-lint-ignore no-explicit-any
  const [{ market, verdict, strategies, randomWalk, time, decisionTime, labels }] = json.comparisons as any;
  assertEquals([market, verdict], [comparison.market, { ...judge(comparison) }]);
  assertEquals(randomWalk.ratios, Array.from(comparison.randomWalk.ratios));
  const [{ result: first }] = comparison.strategies;
  assertEquals([time, decisionTime], [Array.from(first.time), Array.from(first.decisionTime)]);
  assertEquals([labels.length, labels[labels.length - 1]], [first.labels.length, null]);
  for (const [i, { result, intervals, deflatedSharpe }] of comparison.strategies.entries()) {
    const written = strategies[i];
    assertEquals(written.result.equity, Array.from(result.equity));
    assertEquals(["time", "decisionTime", "labels"].filter((name) => name in written.result), []);
    assertEquals(written.result.trades.length, result.trades.length);
    assertEquals(written.deflatedSharpe, { ...deflatedSharpe });
    assertEquals(written.intervals.sharpe, intervals.sharpe);
    assertEquals(totalCosts(written.result.costBreakdown), totalCosts(result.costBreakdown));
    assertEquals(written.drawdown.length, result.equity.length + 1);
    assertEquals(
      written.distribution.bins.reduce((sum: number, bin: { count: number }) => sum + bin.count, 0),
      result.strategy === "zero predictor" ? 0 : written.distribution.bars,
    );
  }
  assertThrows(() => reportJson([]), TypeError, "at least 1 comparison");
});

Deno.test("reportJson() leaves times with the strategies where one of them has others", () => {
  const [model, other] = comparison.strategies;
  const later = { ...other, result: { ...other.result, time: other.result.time.map((time) => time + 1) } };
  const json = reportJson([{ ...comparison, strategies: [model, later] }]);
  // deno-lint-ignore no-explicit-any
  const [{ time, labels, strategies }] = json.comparisons as any;
  assertEquals([time, labels.length], [undefined, model.result.labels.length]);
  assertEquals(strategies[0].result.time, Array.from(model.result.time));
  assertEquals(strategies[1].result.time, Array.from(later.result.time));
});

Deno.test("plainJson() turns arrays into arrays and what JSON lacks into null", () => {
  const value = { a: Float64Array.of(1, NaN, Infinity), b: [undefined === null, "x"], c: undefined, d: { e: -0 } };
  assertEquals(plainJson(value), { a: [1, null, null], b: [false, "x"], d: { e: 0 } });
  assertThrows(() => plainJson({ f: () => 1 }), TypeError, "expected plain data, received a function");
});
