// What a notebook is shown: fragments with their own style, by Jupyter's protocol.
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { backtestPositions } from "../../lib/backtest/backtest.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import type { Forecasts } from "../../lib/forecast/forecast.ts";
import { show } from "../../lib/report/show.ts";
import { scoresTable } from "../../lib/report/tear_sheet/forecast.ts";
import { randomWalk } from "../features/markets.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read");

Deno.test("show() draws a backtest's verdict, table and equity, and leaves the page around it alone", async () => {
  const candles = randomWalk(300, 3, "<b>X</b>");
  const walk = walkForward(candles, { supportRows: 20 });
  const held = backtestPositions("held", candles, {
    walk,
    wanted: new Float64Array(walk.time.length).fill(1),
    options: {},
  });
  const shown = await show(compareResults([held], candles, { shuffles: 20, resamples: 100 }));
  assertStringIncludes(shown.html, "Equity after costs");
  assertStringIncludes(shown.text, "After costs held");
  assert(!shown.html.includes("<b>X</b>") && !/:root|body\{/.test(shown.html));
  const asked = shown as unknown as Record<symbol, () => Record<string, string>>;
  assertEquals(asked[Symbol.for("Jupyter.display")](), { "text/html": shown.html, "text/plain": shown.text });
});

Deno.test("show() refuses what it cannot draw, by what it has", async () => {
  const error = await assertRejects(() => show({ sharpe: 3 } as never), TypeError);
  assertMatch(error.message, /expected candles, forecasts, a comparison or a history curve, got an object of sharpe/);
  await assertRejects(() => show(null as never), TypeError, "got null");
});

Deno.test("show() names a band by its coverage and says how often it held, where that is known", async () => {
  const time = Float64Array.of(0, 86_400_000, 172_800_000);
  const value = Float64Array.of(1, 2, 3);
  const forecasts = { market: "X", horizon: 1, unit: "ln σ", time, knownAt: time, value, labels: value };
  const made = { ...forecasts, limited: new Uint8Array(3) } as unknown as Forecasts;
  const edges = { low: value.map((one) => one - 1), high: value.map((one) => one + 1) };
  const held = { ...edges, coverage: 0.9, share: 0.85, count: 40, bound: 0.1 };
  const { html } = await show(made, { band: held });
  assertStringIncludes(html, "90% band");
  assertStringIncludes(
    html,
    "The 90% band held 85.0% of 40 outcomes; whatever the market does it is at most 10.0 points off.",
  );
  const plain = (await show(made, { band: edges })).html;
  assert(!/\d+% band|band held/.test(plain), plain);
});

test("the guide to reports names the columns that a report has", async () => {
  const level = { level: 0.01, tickLoss: 0, coverage: 0 };
  const score = { name: "zero", mse: 1, qlike: null, r2: 0, against: null, againstQlike: null, valueAtRisk: [level] };
  const table = scoresTable({ scores: [score] } as unknown as Parameters<typeof scoresTable>[0]);
  const guide = await Deno.readTextFile(new URL("../../docs/read_the_report.md", import.meta.url));
  const named = [...guide.matchAll(/^\| (?!column|-)([^|]+?) +\|/gm)].flatMap(([, names]) => names.split(", "));
  assert(named.length >= 6, named.join());
  for (const name of named) assertStringIncludes(table, name);
});
