// What the online page reads of a trader: settings, records, events, the thinned life, the log.
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import { barVariances, riskMetricsVolatility } from "../../lib/features/mod.ts";
import { openDatabase } from "../../lib/store/database.ts";
import { TRADER_MIGRATIONS } from "../../lib/store/trader_schema.ts";
import { simulateMarket } from "../../mod.ts";
import { forecastEnd, forecastMargin, NEXT_RETURN, outcomes } from "../../web/components/online_forecast.ts";
import { lossWeights } from "../../web/components/learned_loss.ts";
import { DEFAULT_ONLINE, parseOnline } from "../../web/server/online_config.ts";
import { firstForecastClose, history, logLines, pointsAfter } from "../../web/server/online_life.ts";
import { standingOf } from "../../web/server/online_standing.ts";
import { openOnlineStore, TakenOverError } from "../../web/server/online_store.ts";

const REPORT = {
  bars: 1,
  total: null,
  time: 0,
  equity: 1,
  capital: 1,
  held: 0,
  costs: 0,
  updates: 0,
  rejected: 0,
  withheld: 0,
  judged: 0,
  calibration: [],
};

/** A trader's file with `bars` bars; from the third on a forecast, and a position wanted that turns at the fifth. */
async function life(bars: number) {
  const db = await openDatabase(":memory:", TRADER_MIGRATIONS);
  for (let time = 0; time < bars; time++) {
    db.prepare(
      "INSERT INTO moments (time, equity, fees, spread, slippage, funding, borrow) VALUES (?, ?, 0, 0, 0, 0, 0)",
    ).run(time, 100 + time);
    const outcome = time === 6 ? "rejected" : "idle";
    db.prepare("INSERT INTO meta_parameters VALUES (?, ?, NULL, '[0.1,0.2]', '[1,2,3]', 0.5)").run(time, outcome);
    db.prepare("INSERT INTO bars VALUES ('X', ?, 1, 1, 1, ?, 0)").run(time, 50 + time);
    if (time >= 2) db.prepare("INSERT INTO predictions VALUES ('X', ?, 0.01, 0.002, 0.1)").run(time);
    db.prepare("INSERT INTO positions VALUES ('X', ?, 0, ?)").run(time, time < 2 ? 0 : time < 4 ? 1 : -0.5);
  }
  const fill = db.prepare(
    "INSERT INTO fills (moment, market, time, price, from_position, to_position, cost, reason, quantity) " +
      "VALUES (?, 'X', ?, 52.5, 0, 1, 0.25, ?, 2)",
  );
  fill.run(3, 3, "signal");
  fill.run(5, 5, "stop");
  return db;
}

Deno.test("history() thins a life evenly and keeps its last bars; pointsAfter() goes on behind it", async () => {
  using db = await life(10);
  assertEquals(history(db, 4, 1).map(({ time }) => time), [0, 3, 6, 9]);
  assertEquals(history(db, 4, 3).map(({ time }) => time), [0, 3, 6, 7, 8, 9]);
  assertEquals(history(db, 100, 0).length, 10);
  const [point] = pointsAfter(db, 7, 1);
  assertEquals(point, {
    time: 8,
    close: 58,
    equity: 108,
    peak: 108,
    bought: null,
    sold: null,
    value: 0.01,
    spread: 0.002,
    deviation: 0.1,
    held: 0,
    wanted: -0.5,
    rates: [0.1, 0.2],
    phi: [1, 2, 3],
    weightDecay: 0.5,
  });
  assertEquals(
    history(db, 100, 0).map(({ bought }) => bought),
    Array.from({ length: 10 }, (_, i) => i === 3 || i === 5 ? 52.5 : null),
  );
  db.exec("UPDATE moments SET equity = 90 WHERE time = 8");
  assertEquals(pointsAfter(db, 7, 1).map(({ equity, peak, sold }) => [equity, peak, sold]), [[90, 107, null]]);
  assertEquals(pointsAfter(db, 9, 5), []);
  assertEquals(firstForecastClose(db), 52);
});

Deno.test("logLines() tells changes of what is wanted, fills and refusals among the events, newest first", async () => {
  using db = await life(10);
  const events = [
    { id: 9, time: null, at: 5, kind: "started", text: "A" },
    { id: 10, time: null, at: 6, kind: "connected", text: "B" },
    { id: 11, time: 9, at: 7, kind: "stopped", text: "C" },
  ];
  const lines = logLines(db, events, { most: 100, forecasts: NEXT_RETURN });
  assertEquals(lines.map(({ time, kind }) => [time, kind]), [
    [9, "stopped"],
    [6, "rejected"],
    [5, "fill"],
    [4, "decision"],
    [3, "fill"],
    [2, "decision"],
    [null, "connected"],
    [null, "started"],
  ]);
  assertEquals(lines[5].text, "Wants to be long 100%: forecast +1.000%, ± 10.000% expected error");
  assertEquals(lines[2].text, "From flat to long 100% at 52.5, costs 0.25, by its stop");
  assertEquals(logLines(db, events, { most: 2, forecasts: NEXT_RETURN }).length, 2);
  assertEquals(logLines(null, events, { most: 9, forecasts: NEXT_RETURN }).length, 3);
  db.prepare("UPDATE predictions SET value = ?, deviation = ?").run(Math.log(0.02), Math.log(2) / 1.2815515655446004);
  const forecasts = { target: "logVolatility", horizon: 5 } as const;
  assertEquals(
    logLines(db, events, { most: 100, forecasts })[5].text,
    "Wants to be long 100%: forecast 2.000%, 80%: 1.000% to 4.000%",
  );
});

Deno.test("forecasts of a volatility read as per cent a bar, with an interval of factors, beside what its closes came to", () => {
  const forecasts = { target: "logVolatility", horizon: 2 } as const;
  const forecast = { value: Math.log(0.01), deviation: 0.1 };
  assertAlmostEquals(forecastEnd(forecasts, forecast, 1)! * forecastEnd(forecasts, forecast, -1)!, 1e-4, 1e-12);
  assertEquals(forecastEnd(forecasts, { ...forecast, deviation: null }, 1), null);
  assertEquals(forecastMargin(forecasts, { value: null, deviation: null }), "");
  assertEquals(forecastMargin(forecasts, { ...forecast, deviation: null }), "its error is not known yet");
  assertEquals(forecastMargin(NEXT_RETURN, { value: 0.01, deviation: 0.002 }), "± 0.200% expected error");
  const closes = [100, 100 * Math.exp(0.03), 100 * Math.exp(-0.01), 100];
  const came = outcomes(forecasts, closes);
  assertAlmostEquals(came[0]!, Math.sqrt((0.03 ** 2 + 0.04 ** 2) / 2), 1e-12);
  assertAlmostEquals(came[1]!, Math.sqrt((0.04 ** 2 + 0.01 ** 2) / 2), 1e-12);
  assertEquals(came.slice(2), [null, null]);
  assertEquals(outcomes({ target: "return", horizon: 3 }, closes), [0, null, null, null]);
});

Deno.test("standingOf() judges returns over their horizon, no other forecasts by returns, and tells the equity's volatility", async () => {
  using db = await life(40);
  db.exec("PRAGMA foreign_keys = OFF");
  db.exec("UPDATE moments SET time = time * 86400000, equity = CASE time % 2 WHEN 0 THEN 100 ELSE 101 END");
  db.exec("UPDATE bars SET time = time * 86400000, close = 100 + time");
  db.exec("UPDATE predictions SET time = time * 86400000");
  const of = (target: "return" | "logVolatility", horizon: number) =>
    standingOf(db, { capital: 100, forecasts: { target, horizon } });
  assertEquals([of("return", 1).skill!.count, of("return", 5).skill!.count, of("logVolatility", 5).skill], [
    37,
    33,
    null,
  ]);
  assertEquals(of("return", 1).fills, 2);
  // Moves of a hundredth up and down, every day.
  assertAlmostEquals(of("logVolatility", 5).risk!, 0.01 * Math.sqrt(365.25), 0.002);
});

Deno.test("standingOf() judges forecasts of volatility beside RiskMetrics, whose bias is what outcomes known by then have shown", async () => {
  using db = await openDatabase(":memory:", TRADER_MIGRATIONS);
  const { candles } = simulateMarket({ bars: 300, seed: 3, symbol: "X", interval: "1d" });
  const { time, open, high, low, close, volume } = candles;
  const [horizon, fewest] = [5, 20];
  const cameOf = (total: Float64Array) => (t: number) =>
    0.5 * Math.log(total.slice(t + 1, t + 1 + horizon).reduce((sum, variance) => sum + variance) / horizon);
  const ofCloses = cameOf(barVariances(candles, { closeOnly: true }).total);
  const ofRanges = cameOf(barVariances(candles).total);
  const level = riskMetricsVolatility(candles).map(Math.log);
  time.forEach((at, t) => {
    db.prepare(
      "INSERT INTO moments (time, equity, fees, spread, slippage, funding, borrow) VALUES (?, 100, 0, 0, 0, 0, 0)",
    ).run(at);
    db.prepare("INSERT INTO bars VALUES ('X', ?, ?, ?, ?, ?, ?)").run(
      at,
      open[t],
      high[t],
      low[t],
      close[t],
      volume[t],
    );
  });
  const say = (forecastAt: (t: number) => number) => {
    db.exec("DELETE FROM predictions");
    for (let t = 1; t + horizon < time.length; t++) {
      db.prepare("INSERT INTO predictions VALUES ('X', ?, ?, 0, 0.1)").run(time[t], forecastAt(t));
    }
  };
  const skill = (closeOnly: boolean) =>
    standingOf(db, { capital: 100, forecasts: { target: "logVolatility", horizon, closeOnly } }).skill;
  assertEquals(skill(true), null);
  // Half of RiskMetrics' error, by hand: a quarter of its square.
  const first = 1 + fewest - 1 + horizon;
  say((t) => {
    if (t < first) return 0;
    let bias = 0;
    for (let j = 1; j <= t - horizon; j++) bias += (ofCloses(j) - level[j]) / (t - horizon);
    return (level[t] + bias + ofCloses(t)) / 2;
  });
  const { saved, ...rest } = skill(true)!;
  assertEquals(rest, {
    count: time.length - horizon - first,
    latest: false,
    reference: "RiskMetrics",
    beyondChance: true,
  });
  assertAlmostEquals(saved, 0.75, 1e-9);
  assert(skill(false)!.saved < 0.7);
  say(ofRanges);
  assertAlmostEquals(skill(false)!.saved, 1, 1e-9);
  assert(skill(true)!.saved < 0.9);
});

Deno.test("standingOf() counts trades, falls, days and skill of a whole life", async () => {
  const day = 86_400_000;
  using db = await openDatabase(":memory:", TRADER_MIGRATIONS);
  assertEquals(standingOf(db, { capital: 100, forecasts: NEXT_RETURN }), {
    fills: 0,
    closed: 0,
    won: 0,
    trades: [],
    days: [],
    falls: [],
    skill: null,
    risk: null,
    away: { bars: 0, stretches: 0 },
  });
  // Half days: closes rise by 10%, then fall back; every forecast says half of what comes.
  const [closes, equity] = [[100, 110, 100, 110], [100, 104, 96, 120]];
  closes.forEach((close, i) => {
    const time = i * day / 2;
    db.prepare(
      "INSERT INTO moments (time, equity, fees, spread, slippage, funding, borrow, lived) VALUES (?, ?, 0, 0, 0, 0, 0, ?)",
    ).run(time, equity[i], i === 2 ? 0 : 1);
    db.prepare("INSERT INTO bars VALUES ('X', ?, 1, 1, 1, ?, 0)").run(time, close);
    const next = (closes[i + 1] ?? 1000) / close - 1;
    if (i > 0) db.prepare("INSERT INTO predictions VALUES ('X', ?, ?, 0, 0.1)").run(time, next / 2);
  });
  const trade = db.prepare(
    "INSERT INTO trades (moment, market, side, entry_time, entry_price, exit_time, exit_price, exit_reason, pnl, cost) " +
      "VALUES (?, 'X', 'long', 0, 100, ?, 110, 'signal', ?, 2)",
  );
  trade.run(0, day, 5);
  trade.run(day, 2 * day, 1);
  const { closed, won, trades, days, falls, skill, away } = standingOf(db, { capital: 100, forecasts: NEXT_RETURN });
  assertEquals([closed, won], [2, 1]);
  assertEquals(trades.map(({ id, net, exitReason }) => [id, net, exitReason]), [[2, -1, "signal"], [1, 3, "signal"]]);
  assertEquals(days, [{ time: 0, profit: 4 }, { time: day, profit: 16 }]);
  assertEquals(falls.map(({ from, bottom, recovered }) => [from, bottom, recovered]), [[day / 2, day, 1.5 * day]]);
  assertAlmostEquals(falls[0].depth, 96 / 104 - 1, 1e-12);
  // The last forecast is not judged, the first bar has none: errors are half of the returns, so a quarter of their squares.
  assertEquals(skill!.count, 2);
  assertAlmostEquals(skill!.saved, 0.75, 1e-12);
  assertEquals(away, { bars: 1, stretches: 1 });
});

Deno.test("lossWeights() gives what the learned loss multiplies its parts by", () => {
  const [direction, magnitude, tilt] = lossWeights([0, -30, 0.5]);
  assertAlmostEquals(direction, Math.LN2, 1e-12);
  assertAlmostEquals(magnitude, Math.exp(-30), 1e-20);
  assertAlmostEquals(tilt, Math.tanh(0.5), 1e-12);
});

Deno.test("openOnlineStore() keeps a trader's words from its owner alone", async () => {
  using store = await openOnlineStore(":memory:");
  const { id } = store.create(DEFAULT_ONLINE);
  assertEquals(store.get(id)!.settings, DEFAULT_ONLINE);
  store.claim(id, "first");
  store.report(id, "first", REPORT);
  store.tell(id, "first", { time: null, at: 1, kind: "started", text: "A" });
  store.claim(id, "second");
  assertThrows(() => store.report(id, "first", REPORT), TakenOverError);
  assertThrows(() => store.tell(id, "first", { time: 1, at: 1, kind: "gap", text: "B" }), TakenOverError);
  store.stop(id);
  assertEquals(store.get(id)!.stopping, true);
  store.finish(id, "second", "stopped");
  const { status, stopping, owner, report } = store.get(id)!;
  assertEquals([status, stopping, owner, report], ["stopped", false, null, REPORT]);
  assertEquals(store.events(id, 10).map(({ text }) => text), ["A"]);
  store.remove(id);
  assertEquals([store.list(), store.events(id, 10)], [[], []]);
});

Deno.test("parseOnline() fills in defaults, spells symbol and interval as the feed does, and refuses what is out of range", () => {
  assertEquals(parseOnline({}), { ...DEFAULT_ONLINE });
  const live = parseOnline({ source: "live", symbol: " btcusdt", interval: "60" });
  assertEquals([live.symbol, live.interval], ["BTCUSDT", "1h"]);
  for (
    const bad of [{ speed: -1 }, { members: 1 }, { source: "x" }, { market: "/etc" }, { fee: NaN }, { symbol: "a b" }, {
      other: 1,
    }]
  ) {
    assertThrows(() => parseOnline(bad), RangeError, "Cannot start the trader");
  }
  assertThrows(() => parseOnline([]), TypeError);
  assert(Object.values(DEFAULT_ONLINE).every((value) => value !== undefined));
});

Deno.test("logLines() tells how long a trader was away, behind the first bar that it lived", async () => {
  using db = await life(10);
  db.exec("UPDATE moments SET lived = 0 WHERE time IN (0, 4, 5, 6)");
  const away = logLines(db, [], { most: 100, forecasts: NEXT_RETURN }).filter(({ kind }) => kind === "away");
  assertEquals(away.map(({ time }) => time), [6]);
  assert(away[0].text.startsWith("Away for 3 bars from 1970-01-01T00:00:00.004Z"), away[0].text);
});
