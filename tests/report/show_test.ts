// What a notebook is shown: fragments with their own style, by Jupyter's protocol.
import { assert, assertEquals, assertMatch, assertRejects, assertStringIncludes } from "@std/assert";
import { compareResults } from "../../lib/backtest/compare_results.ts";
import { backtestPositions } from "../../lib/backtest/backtest.ts";
import { walkForward } from "../../lib/backtest/walk_forward.ts";
import { show } from "../../lib/report/show.ts";
import { randomWalk } from "../features/markets.ts";

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
