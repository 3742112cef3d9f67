/**
 * What a paper trader says in a terminal: a line a bar, and a summary.
 * @module
 */
import type { Trader } from "@adaptrade/adaptrade";
import { calibration, type OnlinePrediction, type TraderStep } from "@adaptrade/adaptrade/online";
import type { TraderStore } from "@adaptrade/adaptrade/store";
import { textTable } from "../cli.ts";

function percent(fraction: number, digits: number): string {
  return `${fraction < 0 ? "" : "+"}${(100 * fraction).toFixed(digits)}%`;
}

/** A forecast in words: a return with its deviation, or a volatility a bar with the band of one deviation. */
function forecastText(online: Trader["online"], prediction: OnlinePrediction | undefined): string {
  if (!prediction) return "no forecast";
  const { value, deviation } = prediction;
  if ("forecaster" in online.config && online.config.forecaster.target.kind === "logVolatility") {
    const [low, middle, high] = [-1, 0, 1].map((side) => (100 * Math.exp(value + side * deviation)).toFixed(2));
    return `volatility ${middle}%, ${low} to ${high}`;
  }
  return `${percent(value, 2)} ± ${(100 * deviation).toFixed(2)}`;
}

/** One line: time, then of each market its close, its forecast and what is held and wanted, then equity. */
export function stepLine({ record, trader }: TraderStep): string {
  const time = new Date(record.time).toISOString().slice(0, 16).replace("T", " ");
  const markets = record.bars.map(({ symbol, bar }) => {
    const prediction = record.predictions.find((one) => one.symbol === symbol);
    const position = record.positions.find((one) => one.symbol === symbol);
    const forecast = forecastText(trader.online, prediction);
    return `${symbol} ${bar.close} (${forecast}) ${position?.held.toFixed(2)} → ${position?.wanted.toFixed(2)}`;
  });
  const missed = record.lived ? "" : "  (missed: learned from, not traded)";
  return `${time}  ${markets.join("  ")}  equity ${trader.account.equity.toFixed(2)}${missed}`;
}

function count(store: TraderStore, table: "fills" | "trades"): number {
  return Number(store.database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
}

/** How long the trader was away, in one line each; none where it never was. */
function awayLines(store: TraderStore): string[] {
  return store.away().map(({ from, to, bars }) => {
    const [start, end] = [from, to].map((time) => new Date(time).toISOString().slice(0, 16).replace("T", " "));
    return `Away: ${bars} bars from ${start} to ${end} were learned from and marked, not traded`;
  });
}

/** Equity, costs by kind, positions, and how the forecasts' intervals have held. */
export function summary(trader: Trader, store: TraderStore): string {
  const { account, online, moments, time } = trader;
  const { initialCapital, equity, costs } = account;
  const held = Object.entries(account.holdings).filter(([, { position }]) => position !== 0)
    .map(([market, { position }]) => `${market} ${position.toFixed(2)}`);
  const until = time === null ? "" : ` until ${new Date(time).toISOString()}`;
  const kinds = Object.entries(costs).map(([kind, value]) => `${kind} ${value.toFixed(2)}`);
  const rows = online.markets.map(({ symbol, score }) => [
    symbol,
    String(score.count),
    ...calibration(score, online.config.horizon).map(({ share, tolerance, bound }) =>
      share === null
        ? "–"
        : `${(100 * share).toFixed(1)} ± ${(100 * tolerance!).toFixed(1)}, at most ${(100 * bound!).toFixed(1)} off`
    ),
  ]);
  return [
    `${moments} bars${until}: equity ${equity.toFixed(2)} (${percent(equity / initialCapital - 1, 2)})`,
    `Costs: ${kinds.join(", ")}; ${count(store, "fills")} fills, ${count(store, "trades")} trades closed`,
    ...awayLines(store),
    `Held: ${held.join(", ") || "nothing"}`,
    `Updates: ${online.updates} (${online.rejected} rejected); forecasts withheld: ${online.withheld}`,
    textTable([["Share of outcomes within, %", "forecasts", "50%", "80%", "95%"], ...rows]),
  ].join("\n");
}
