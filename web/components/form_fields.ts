/**
 * What the fields of the forms are called, and in what they are typed: one list for the forms, which show it, and for the
 * server, which names a field by it when it refuses its value. Draws nothing.
 * @module
 */
import type { BacktestRequest } from "../server/backtest_request.ts";
import type { OnlineSettings } from "../server/online_config.ts";
import type { RunConfig } from "../server/run_config.ts";

/** The form of a run. */
export const RUN_LABELS: Readonly<Record<keyof RunConfig, string>> = {
  name: "Name",
  markets: "Markets to train on",
  unseen: "Market kept unseen",
  target: "Forecast",
  horizon: "Bars ahead",
  seeds: "Networks",
  method: "Method",
  steps: "Budget (steps a network)",
  tasks: "Tasks in a batch",
  innerSteps: "Inner steps tried beside none",
  innerLr: "Inner learning rate at the start",
  hidden: "Hidden layers",
  supportRows: "Support rows",
  seed: "Seed",
  backend: "Engine",
};

/** The form of a paper trader. */
export const ONLINE_LABELS: Readonly<Record<keyof OnlineSettings, string>> = {
  name: "Name (empty: its market's)",
  source: "Bars from",
  market: "Market",
  speed: "Speed",
  symbol: "Symbol",
  interval: "Interval",
  category: "Category",
  run: "Learner",
  hidden: "Hidden units",
  innerSteps: "Inner steps",
  innerLr: "Inner learning rate to begin with",
  members: "Models in the ensemble",
  threshold: "Stay flat below a forecast return of",
  risk: "Volatility a year to hold at, by a forecast of it",
  fee: "Fee, share of what is traded",
  slippage: "Slippage, likewise",
  stop: "Stop, times the volatility (0: none)",
  capital: "Capital",
  seed: "Seed",
};

/** Rules of size of a backtest: name, what its scale is called (null: it has none), and the scale to begin with. */
export const SIZING: Readonly<
  Record<BacktestRequest["sizing"], readonly [name: string, scale: string | null, start: number]>
> = {
  threshold: ["All or nothing", null, 0.01],
  proportional: ["In proportion to the forecast", "Forecast of a full position, %", 0.01],
  volatility: ["Towards a volatility", "Deviation a bar to aim at, %", 0.01],
  kelly: ["A share of Kelly", "Share of Kelly, %", 0.25],
};

/** Stops of a backtest: name, what its distance is called (null: it has none), and the distance to begin with. */
export const STOPS: Readonly<
  Record<BacktestRequest["stop"], readonly [name: string, distance: string | null, start: number]>
> = {
  none: ["None", null, 0.03],
  fixed: ["Fixed", "Distance from the entry, %", 0.03],
  trailing: ["Trailing", "Distance from the best price, %", 0.03],
  volatility: ["Volatility", "Multiple of the volatility a bar", 2],
};

/** What comes after a stop or take-profit; of a risk that is held one side alone is ever wanted. */
export const REENTRY: Readonly<Record<BacktestRequest["reentry"], readonly [name: string, ofOneSide: string]>> = {
  signal: ["Wait until the side wanted changes", "Stay out to the end"],
  bar: ["Enter again at the next bar", "Enter again at the next bar"],
};

/** What a field is called, and how many of its units are one: 100 where a fraction is typed as per cent. */
export interface FieldWords {
  /** Its label. */
  readonly label: string;
  /** What its value is multiplied by to be shown. */
  readonly scale: number;
}

const BACKTEST_LABELS: Readonly<Record<keyof BacktestRequest, string>> = {
  run: "Run",
  market: "Market",
  from: "Test from",
  mode: "Positions",
  fee: "Fee of an order, %",
  spread: "Spread, % (half of it is paid)",
  slippage: "Slippage of an order, %",
  stop: "Stop",
  stopDistance: "Distance of the stop, %",
  takeProfit: "Take-profit, % (0: none)",
  reentry: "After such an exit",
  sizing: "Size",
  sizingScale: "Scale of the size, %",
  threshold: "Stay flat within a forecast of ±, %",
  every: "Bars between decisions",
  risk: "Held at a volatility a year of, %",
};

/** A number as its field shows it; nothing where the field was emptied. */
export function shownNumber(value: number, scale = 1): string {
  return Number.isNaN(value) ? "" : String(Number((value * scale).toPrecision(12)));
}

/** A field of the form of a backtest; two of them are called by what was chosen. */
export function backtestField(
  field: keyof BacktestRequest,
  { stop, sizing }: Pick<BacktestRequest, "stop" | "sizing">,
): FieldWords {
  const chosen = field === "stopDistance" ? STOPS[stop][1] : field === "sizingScale" ? SIZING[sizing][1] : null;
  const label = chosen ?? BACKTEST_LABELS[field];
  return { label, scale: label.includes("%") ? 100 : 1 };
}
