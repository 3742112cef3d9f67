// What a verdict may claim: no win that loses, no loss in words that hide a ruin.
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { backtestPositions } from "../../lib/backtest/backtest.ts";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { judge } from "../../lib/report/verdict.ts";
import { closesOnly, randomWalk } from "../features/markets.ts";

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
  assertEquals(lost.sentences[0], "short was ruined on 2020-09-13: its equity fell to 0.");
  assertMatch(lost.sentences[1], /ruined\) does not beat flat \(0\.00, 0\.0%\)/);
  assert(!lost.sentences.some((sentence) => /−\d{3,}\.\d%|It loses money/.test(sentence)), lost.sentences.join(" "));
  const rich = { ...long, metrics: { ...long.metrics, sharpe: 0.1 } };
  const lucky = { ...short, metrics: { ...short.metrics, sharpe: 5 } };
  assertStringIncludes(judge(compareResults([rich, lucky], rising, QUICK)).sentences[0], "ahead of every baseline");
});
