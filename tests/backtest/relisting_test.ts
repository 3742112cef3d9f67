// Nothing is held, labelled or measured across a hole behind which another instrument may trade, and the result says so.
import { assert, assertAlmostEquals, assertEquals, assertStringIncludes } from "@std/assert";
import { backtest, backtestPositions } from "../../lib/backtest/backtest.ts";
import { execute } from "../../lib/backtest/execution.ts";
import { executePortfolio } from "../../lib/backtest/portfolio.ts";
import { randomWalkNull } from "../../lib/backtest/random_walk_null.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import type { Candles } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { maml } from "../../lib/meta/presets.ts";
import { metaInit } from "../../lib/meta/state.ts";
import { mlp } from "../../lib/net/mlp.ts";
import { marketRows } from "../../lib/tasks/market_rows.ts";
import { barsFrom, HOUR, randomWalk } from "../features/markets.ts";

/** A walk, 2,000 hours without a bar before bar `at`, then another walk at 40 times the price. */
function relisted(bars: number, at: number): Candles {
  const [old, fresh] = [randomWalk(at, 5, "ZZZ"), randomWalk(bars - at, 6, "ZZZ")];
  const join = (a: Float64Array, b: Float64Array): Float64Array => Float64Array.of(...a, ...b);
  const scaled = (values: Float64Array): Float64Array => values.map((price) => 40 * price);
  return {
    ...old,
    time: join(old.time, fresh.time.map((time) => time + (at + 2000) * HOUR)),
    open: join(old.open, scaled(fresh.open)),
    high: join(old.high, scaled(fresh.high)),
    low: join(old.low, scaled(fresh.low)),
    close: join(old.close, scaled(fresh.close)),
    volume: join(old.volume, fresh.volume),
  };
}

const AT = 300;
const MARKET = relisted(700, AT);
const WANTED = new Float64Array(200).fill(1);
const walkOf = (candles: Candles, start: number, decisions: number) => ({
  start,
  time: candles.time.slice(start, start + decisions),
  pairs: [],
  scalers: [],
  labels: new Float64Array(decisions).fill(NaN),
  supportKnownAt: candles.time.slice(start, start + decisions),
  horizon: 1,
});

Deno.test("backtestPositions() closes at the last price before such a hole, and buys the new instrument a bar later", () => {
  const start = 200;
  const result = backtestPositions("held", MARKET, {
    walk: walkOf(MARKET, start, WANTED.length),
    wanted: WANTED,
    options: { costRate: 0 },
  });
  const [first, out, again] = result.fills;
  assertEquals([out.time, out.price, out.reason], [MARKET.time[AT - 1], MARKET.close[AT - 1], "hole"]);
  assertEquals([again.time, again.price], [MARKET.time[AT + 1], MARKET.open[AT + 1]]);
  const held = (from: number, to: number): number => to / from;
  const expected = held(first.price, out.price) * held(again.price, MARKET.close[start + WANTED.length - 1]);
  assertAlmostEquals(result.equity.at(-1)!, 10_000 * expected, 1e-6);
  assertEquals(result.netReturns[AT - start - 1], 0, "the bar behind the hole earns nothing");
  assertEquals(result.trades[0].exitReason, "hole");
});

Deno.test("a result carries what checkCandles() finds in the bars used, and says what it did about a hole", () => {
  const run = { walk: walkOf(MARKET, 200, 200), wanted: WANTED, options: { costRate: 0 } };
  const { findings, notes } = backtestPositions("held", MARKET, run);
  const kinds = findings.map(({ kind }) => kind);
  assert(kinds.includes("gap") && kinds.includes("possible-relisting"), kinds.join());
  assertEquals(findings.find(({ kind }) => kind === "gap")!.index, AT);
  assertEquals(new Set(findings.map(({ market }) => market)), new Set(["ZZZ"]));
  const day = new Date(MARKET.time[AT]).toISOString().slice(0, 10);
  assertStringIncludes(notes.join("\n"), `ZZZ has a hole before ${day}`);
  const early = backtestPositions("held", MARKET, { ...run, walk: walkOf(MARKET, 50, 200) });
  assertEquals([early.findings, early.notes], [[], []], "bars after the last one used are not looked at");
});

Deno.test("executePortfolio() leaves such a market alone, and its findings name the market", () => {
  const other = { ...randomWalk(700, 9, "OTHER"), time: MARKET.time };
  const market = (candles: Candles, decisions = 500) => ({
    candles,
    start: 200,
    sizes: new Float64Array(decisions).fill(1),
    volatility: new Float64Array(decisions).fill(0.01),
    horizon: 1,
  });
  const result = executePortfolio([market(MARKET), market(other)], { costRate: 0 });
  assertEquals(result.fills.filter(({ reason }) => reason === "hole").map((fill) => fill.market), ["ZZZ"]);
  assert(result.findings.some((finding) => finding.market === "ZZZ" && finding.kind === "possible-relisting"));
  assert(result.notes.some((note) => note.startsWith("ZZZ has a hole")), result.notes.join());
});

Deno.test("walkForward() begins anew behind such a hole: what is decided there is what the new instrument alone gives", () => {
  const options = { supportRows: 20, horizon: 3 };
  const walk = walkForward(MARKET, options);
  const alone = walkForward(barsFrom(MARKET, AT), options);
  const blind = Array.from(walk.blind!);
  const firstBlind = blind.indexOf(1);
  assertEquals(walk.time[firstBlind], MARKET.time[AT]);
  const at = walk.time.indexOf(alone.time[0]);
  assertEquals(blind.indexOf(0, firstBlind), at);
  assertEquals(walk.pairs.slice(at), alone.pairs);
  assertEquals(walk.labels.slice(at), alone.labels);
  assertEquals(walk.time.length, 700 - walk.start);
  // A label over three bars that would end behind the hole is none.
  assertEquals([...walk.labels.slice(firstBlind - 3, at)].filter((label) => !Number.isNaN(label)), []);
  assertEquals(walkForward(randomWalk(300, 1), options).blind, undefined);
});

Deno.test("marketRows() has no row that reaches across such a hole", () => {
  const rows = marketRows(MARKET, { horizon: 3 });
  const [before, behind] = [marketRows(barsFrom(MARKET, AT), { horizon: 3 }), MARKET.time[AT]];
  const first = rows.time.findIndex((time) => time >= behind);
  assertEquals(rows.y.slice(first), before.y);
  assertEquals(rows.x.slice(first * rows.cols), before.x);
  assert(rows.knownAt.slice(0, first).every((time) => time < behind));
});

Deno.test("backtest() forecasts nothing and holds nothing while it knows nothing of the new instrument", async () => {
  await using engine = openNaiveEngine();
  const state = metaInit(maml({ net: mlp({ inputs: 10, hidden: [4], outputs: 1 }), inner: { steps: 1, lr: 0.05 } }));
  const result = await backtest(engine, state, MARKET, { supportRows: 20, costRate: 0 });
  const walk = walkForward(MARKET, { supportRows: 20 });
  walk.blind!.forEach((isBlind, i) => {
    if (isBlind) assertEquals([result.predictions[i], result.wanted[i]], [0, 0]);
  });
  assert(Math.max(...result.netReturns.map(Math.abs)) < 0.2);
});

Deno.test("randomWalkNull() has no bar that is the difference of two instruments", () => {
  const result = backtestPositions("held", MARKET, {
    walk: walkOf(MARKET, 200, WANTED.length),
    wanted: WANTED,
    options: { costRate: 0 },
  });
  const { ratios } = randomWalkNull(result, MARKET, { costRate: 0, shuffles: 20 });
  const calm = barsFrom(MARKET, AT);
  const other = execute(calm, { start: 0, positions: WANTED }, { costRate: 0 });
  const largest = Math.max(...other.netReturns.map(Math.abs));
  // A bar that gains forty times the equity would leave a ratio near √periods / √bars in every shuffle.
  assert(largest < 0.1 && ratios.some((ratio) => ratio < 0), `${ratios}`);
});
