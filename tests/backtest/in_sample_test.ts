// A backtest on bars that training has seen says so, wins nothing, and fails the look-ahead check.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { backtest } from "../../lib/backtest/backtest.ts";
import { backtestPortfolio } from "../../lib/backtest/backtest_portfolio.ts";
import { checkLookahead } from "../../lib/backtest/check_lookahead.ts";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { inSampleDecisions, inSampleNotes } from "../../lib/backtest/in_sample.ts";
import { portfolioStatistics } from "../../lib/backtest/portfolio_statistics.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { judgePortfolios } from "../../lib/report/portfolio_verdict.ts";
import { judge } from "../../lib/report/verdict.ts";
import { randomWalk } from "../features/markets.ts";

const net = mlp({ inputs: 10, hidden: [4], outputs: 1, activation: "tanh" });
const config = maml({ net, inner: { steps: 1, lr: 0.01 } });
const market = randomWalk(200, 1, "A");
/** A state whose training used a label that the bar at an index completed. */
const stateUntil = (bar: number, markets = ["A", "B"]) =>
  metaInit(config, { trainedOn: { markets, trainedUntil: market.time[bar] } });
const options = { supportRows: 20, from: market.time[150] };

Deno.test("backtest() notes that its model was trained on what it trades, and the verdict is no win", async () => {
  await using engine = openNaiveEngine();
  const result = await backtest(engine, stateUntil(175), market, options);
  const note =
    "meta-learned was trained on labels known until 2020-09-20, A among its markets: 25 of its 50 decisions " +
    "come before that and are no test of it";
  assertEquals(result.notes, [note]);
  assertEquals(result.trainedOn, { markets: ["A", "B"], trainedUntil: market.time[175] });
  const rich = { ...result, metrics: { ...result.metrics, sharpe: 9, totalReturn: 1 } };
  const compared = compareResults([rich], market, { shuffles: 20, resamples: 100 });
  const strategies = [{ ...compared.strategies[0], sharpeInterval: { low: 5, high: 12, level: 0.95 } }];
  const sure = { ...compared, strategies, randomWalk: { ...compared.randomWalk, shareAbove: 0.01 } };
  const verdict = judge(sure);
  assertEquals([verdict.wins, verdict.sentences[1]], [false, `${note}.`]);
  const fresh = [{ ...strategies[0], result: { ...rich, trainedOn: null } }];
  assertEquals(judge({ ...sure, strategies: fresh }).wins, true);
});

Deno.test("backtest() says nothing where training ended before it, or at the bar it first decides on", async () => {
  await using engine = openNaiveEngine();
  for (const state of [stateUntil(150), stateUntil(50), metaInit(config)]) {
    assertEquals((await backtest(engine, state, market, options)).notes, []);
  }
});

Deno.test("inSampleNotes() says when the markets trained on were others", () => {
  const training = { trainedOn: { markets: ["B"], trainedUntil: 3 }, decisionTime: Float64Array.of(1, 2, 3, 4) };
  assertEquals(inSampleDecisions(training), 2);
  assertStringIncludes(inSampleNotes("it", training, ["A"])[0], "1970-01-01, of other markets: 2 of its 4 decisions");
  assertEquals(inSampleDecisions({ ...training, trainedOn: { markets: ["A"], trainedUntil: null } }), 0);
});

Deno.test("backtestPortfolio() notes it too, and its verdict says so", async () => {
  await using engine = openNaiveEngine();
  const markets = [market, randomWalk(200, 2, "C")];
  const late = await backtestPortfolio(engine, stateUntil(175), markets, options);
  assertStringIncludes(late.notes[0], "A among its markets: 25 of its 50 decisions");
  const { sentences, wins } = judgePortfolios([late], portfolioStatistics([late], { resamples: 100 }), 1);
  assert(!wins && sentences.includes(`${late.notes[0]}.`));
  assertEquals((await backtestPortfolio(engine, stateUntil(90), markets, options)).notes, []);
});

Deno.test("checkLookahead() fails on a model trained on labels known after its first decision", async () => {
  await using engine = openNaiveEngine();
  const { ok, leaks, sentences } = await checkLookahead(engine, stateUntil(175), market, { ...options, denseCuts: 5 });
  assertEquals([ok, leaks.length, leaks[0].stage, leaks[0].change, leaks[0].cut], [false, 1, "training", "none", 150]);
  assertStringIncludes(sentences[0], "Look-ahead: the model was trained on labels known until 2020-09-20");
  assert(sentences[1].startsWith("Nothing moved"));
  assertEquals((await checkLookahead(engine, stateUntil(149), market, { ...options, denseCuts: 5 })).ok, true);
});
