import { assert, assertEquals, assertThrows } from "@std/assert";
import type { MarketForecasts } from "../../lib/backtest/forecast_market.ts";
import { riskEvaluator, withRiskSettings } from "../../lib/backtest/risk_evaluator.ts";
import { DataError } from "../../lib/data/candles.ts";
import { trailingVolatility } from "../../lib/features/trailing_volatility.ts";
import { tuneRisk } from "../../lib/trading/tune_risk.ts";
import { firstBars, HOUR, randomWalk } from "../features/markets.ts";
import type { Candles } from "../../lib/data/candles.ts";

function forecastsOf(candles: Candles, prediction: (i: number) => number): MarketForecasts {
  const start = 25;
  const predictions = Float64Array.from({ length: candles.time.length - start }, (_, i) => prediction(i));
  const volatility = trailingVolatility(candles.close, 20).slice(start);
  return { candles, start, predictions, volatility, horizon: 1 };
}

const at = (candles: Candles, bar: number): number => candles.time[0] + bar * HOUR;

Deno.test("riskEvaluator() reads no bar at or after the window's end", () => {
  const whole = randomWalk(300, 4);
  const window = { from: at(whole, 50), to: at(whole, 180) };
  const settings = { stopVolatility: 1.5, threshold: 0.001 };
  const net = (candles: Candles) => riskEvaluator([forecastsOf(candles, (i) => Math.sin(i) / 100)])(settings, window);
  const changed = { ...whole, close: whole.close.map((price, i) => i >= 180 ? price * 9 : price) };
  assertEquals(net(whole), net(firstBars(whole, 180)));
  assertEquals(net(whole), net(changed));
  assertEquals((net(whole) as Float64Array).length, 130);
  const late = { from: at(whole, 299), to: at(whole, 400) };
  assertThrows(() => riskEvaluator([forecastsOf(whole, () => 1)])(settings, late), DataError, "no market has two");
});

Deno.test("tuneRisk() over real stops finds the stop that a planted crash asks for", async () => {
  // Long throughout. Twice a fall of 20% in one bar that touches every level on its way: the tightest stop that noise spares wins.
  const quiet = randomWalk(400, 8);
  const close = Float64Array.from(
    { length: 400 },
    (_, i) => 100 * 1.001 ** i * (i >= 120 ? 0.8 : 1) * (i >= 260 ? 0.8 : 1),
  );
  const open = close.map((_, i) => i === 0 ? 100 : close[i - 1]);
  const candles: Candles = {
    ...quiet,
    open,
    close,
    high: close.map((price, i) => Math.max(price, open[i]) * 1.012),
    low: close.map((price, i) => Math.min(price, open[i]) * 0.988),
  };
  const evaluate = riskEvaluator([forecastsOf(candles, () => 1)], {
    costs: { takerFee: 0.0005 },
    exits: { reentry: "bar", stop: { fraction: 0.5, trailing: true } },
  });
  const { settings, trials } = await tuneRisk(evaluate, { stop: [0, 0.01, 0.04, 0.1] }, {
    windows: [{ from: at(candles, 30), to: at(candles, 200) }, { from: at(candles, 200), to: at(candles, 390) }],
    testFrom: at(candles, 390),
  });
  assertEquals(settings, { stop: 0.04 });
  const byStop = new Map(trials.map(({ settings, objective }) => [settings.stop, objective]));
  assert(byStop.get(0.1)! > byStop.get(0)!, "a wide stop still beats none");
  assert(byStop.get(0.01)! < byStop.get(0)!, "a stop within the noise is worse than none");
});

Deno.test("withRiskSettings() changes what is named, and 0 takes a rule away", () => {
  const options = { mode: "long-flat", exits: { stop: { fraction: 0.1, trailing: true }, reentry: "bar" } } as const;
  assertEquals(withRiskSettings(options, { stop: 0.02 }).exits, {
    stop: { fraction: 0.02, trailing: true },
    reentry: "bar",
  });
  assertEquals(withRiskSettings(options, { stop: 0, takeProfitVolatility: 2 }).exits, {
    stop: undefined,
    reentry: "bar",
    takeProfit: { volatility: 2 },
  });
  assertEquals(withRiskSettings(options, { volatilityTarget: 0.01 }).sizing, { kind: "volatility", target: 0.01 });
  assertEquals(withRiskSettings(options, { kellyFraction: 0.5 }).sizing, { kind: "kelly", fraction: 0.5 });
  assertEquals(options.exits.stop, { fraction: 0.1, trailing: true });
  assertThrows(() => withRiskSettings({}, { stopp: 1 }), RangeError, "received stopp");
  assertThrows(() => withRiskSettings({}, { stop: 1, stopVolatility: 1 }), RangeError, "received both");
  assertThrows(() => withRiskSettings({}, { volatilityTarget: 1, kellyFraction: 1 }), RangeError, "received both");
});
