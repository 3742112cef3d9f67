/**
 * What a backtest is asked for: plain JSON with sane defaults, checked where it comes in, and the options of the library that it
 * stands for. Shared by the form, the API and the worker; loads no data.
 * @module
 */
import type { BacktestOptions, Sizing } from "@adaptrade/adaptrade";
import { backtestField } from "../components/form_fields.ts";
import { dateUtc } from "../components/format.ts";
import { FieldError, type FieldRange, requireChoice, requireNumber } from "./field_error.ts";
import type { TargetKind } from "./run_config.ts";
import { knownSettings, requireSettings, type SettingNames } from "./settings.ts";

/** A backtest as asked for. Fractions are of the price unless said otherwise. */
export interface BacktestRequest {
  /** The run whose model is tested. */
  readonly run: string;
  /** Id of the market. */
  readonly market: string;
  /** First decision, ISO date; "" for the first bar that training neither saw nor was selected on. */
  readonly from: string;
  /** Of returns: long and short, or long and flat. */
  readonly mode: "long-short" | "long-flat";
  /** Fee of an order. */
  readonly fee: number;
  /** Whole bid-ask spread. */
  readonly spread: number;
  /** Slippage of an order. */
  readonly slippage: number;
  /** Kind of stop. */
  readonly stop: "none" | "fixed" | "trailing" | "volatility";
  /** Its distance: a fraction of the price, or a multiple of the volatility a bar. */
  readonly stopDistance: number;
  /** Gain at which to leave, a fraction of the price; 0 for never. */
  readonly takeProfit: number;
  /** After a stop or take-profit: wait until the side wanted changes, or enter again at the next bar. */
  readonly reentry: "signal" | "bar";
  /** Of returns: rule of size. */
  readonly sizing: Exclude<Sizing["kind"], "custom">;
  /** What the rule scales by: forecast of a full position, aimed deviation a bar, or share of Kelly. */
  readonly sizingScale: number;
  /** Of returns: forecasts within this stay flat, as a return. */
  readonly threshold: number;
  /** Bars between decisions. */
  readonly every: number;
  /** Of volatility: what the market is held at, a year. */
  readonly risk: number;
}

/** A tenth of a per cent to trade, decided at every bar, no stop; held at 15% a year. */
export const DEFAULT_BACKTEST: Omit<BacktestRequest, "run" | "market"> = {
  from: "",
  mode: "long-short",
  fee: 0.0005,
  spread: 0.0005,
  slippage: 0.00025,
  stop: "none",
  stopDistance: 0.03,
  takeProfit: 0,
  reentry: "signal",
  sizing: "threshold",
  sizingScale: 0.01,
  threshold: 0.001,
  every: 1,
  risk: 0.15,
};

const NAMES = ["run", "market", ...Object.keys(DEFAULT_BACKTEST)] as SettingNames<BacktestRequest>;

/** Of a request that is kept, perhaps by another version, what is known. It checks nothing. */
export function keptRequest(kept: unknown): Partial<BacktestRequest> {
  return knownSettings<BacktestRequest>(kept, NAMES);
}

const CHOICES: Readonly<Partial<Record<keyof BacktestRequest, readonly string[]>>> = {
  mode: ["long-short", "long-flat"],
  stop: ["none", "fixed", "trailing", "volatility"],
  reentry: ["signal", "bar"],
  sizing: ["threshold", "proportional", "volatility", "kelly"],
};

const RANGES: Readonly<Partial<Record<keyof BacktestRequest, FieldRange>>> = {
  fee: [0, 0.5, false],
  spread: [0, 0.5, false],
  slippage: [0, 0.5, false],
  stopDistance: [1e-6, 1000, false],
  takeProfit: [0, 1000, false],
  sizingScale: [1e-9, 1000, false],
  threshold: [0, 10, false],
  every: [1, 10_000, true],
  risk: [1e-6, 100, false],
};

/**
 * Checks a request from outside; what it leaves out is filled in from {@linkcode DEFAULT_BACKTEST}.
 *
 * @throws {TypeError} It is no object.
 * @throws {FieldError} A field is not known, missing, of the wrong type, or out of range.
 */
export function parseBacktestRequest(input: unknown): BacktestRequest {
  const request = { ...DEFAULT_BACKTEST, ...requireSettings("Cannot backtest", input, NAMES) } as BacktestRequest;
  for (const field of ["run", "market", "from"] as const) {
    if (typeof request[field] !== "string" || (field !== "from" && request[field] === "")) {
      throw new FieldError(field, `Cannot backtest: choose a ${field}`);
    }
  }
  if (request.from !== "" && !isDate(request.from)) {
    const { label } = backtestField("from", DEFAULT_BACKTEST);
    throw new FieldError(
      "from",
      `Cannot backtest: expected “${label}” to be a date such as 2015-01-31, received ${request.from}`,
    );
  }
  for (const [field, allowed] of Object.entries(CHOICES)) {
    const { label } = backtestField(field as keyof BacktestRequest, DEFAULT_BACKTEST);
    requireChoice("Cannot backtest", request[field as keyof BacktestRequest], { field, label, allowed });
  }
  for (const [field, range] of Object.entries(RANGES)) {
    const words = backtestField(field as keyof BacktestRequest, request);
    requireNumber("Cannot backtest", request[field as keyof BacktestRequest], { field, words, range });
  }
  return request;
}

/** Whether a text is a day of the calendar, such as 2015-01-31; the 31st of February is none. */
function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00Z`);
  return /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(time) && dateUtc(time) === text;
}

function sizingOf({ sizing, sizingScale }: BacktestRequest): Sizing {
  if (sizing === "proportional") return { kind: sizing, scale: sizingScale };
  if (sizing === "volatility") return { kind: sizing, target: sizingScale };
  if (sizing === "kelly") return { kind: sizing, fraction: sizingScale };
  return { kind: "threshold" };
}

/** How a forecaster of a target is traded by a request; size, threshold and side are of returns alone, others are held at a risk. */
export function tradingOptionsOf(request: BacktestRequest, target: TargetKind): BacktestOptions {
  const { fee, spread, slippage, stop, stopDistance, takeProfit, reentry, mode, threshold, every } = request;
  const distance = stop === "volatility" ? { volatility: stopDistance } : { fraction: stopDistance };
  return {
    costs: { takerFee: fee, spread, slippage },
    exits: {
      ...(stop !== "none" && { stop: { ...distance, trailing: stop === "trailing" } }),
      ...(takeProfit > 0 && { takeProfit: { fraction: takeProfit } }),
      ...(reentry === "bar" && { reentry }),
    },
    every,
    ...(target === "return" && { sizing: sizingOf(request), mode, threshold }),
  };
}
