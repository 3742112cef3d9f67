/**
 * When to leave a position, how large to make it and how to order it, off a command line: stops, take-profits, rules of size, the
 * brake, rebalancing, limit orders.
 * @module
 */
import type { BacktestOptions, Sizing } from "@adaptrade/adaptrade";
import type { ExitDistance, ExitRules } from "@adaptrade/adaptrade/trading";
import { numberOption, UsageError } from "../cli.ts";

/** Options of exits and sizes, for `parseArgs`. */
export const RISK_OPTIONS = {
  stop: { type: "string" },
  "stop-vol": { type: "string" },
  trailing: { type: "boolean" },
  "take-profit": { type: "string" },
  "take-profit-vol": { type: "string" },
  sizing: { type: "string" },
  "size-target": { type: "string" },
  "size-cap": { type: "string" },
  brake: { type: "string" },
  rebalance: { type: "string" },
  limit: { type: "string" },
} as const;

/** What {@linkcode RISK_OPTIONS} do. */
export const RISK_HELP = `  --stop R           leave at a loss of this fraction of the entry price
  --stop-vol M       or of this many deviations of 1-bar returns
  --trailing         the stop follows the best price since the entry
  --take-profit R    leave at a gain of this fraction of the entry price
  --take-profit-vol M  or of this many deviations of 1-bar returns
  --sizing NAME      threshold, proportional, volatility or kelly (default threshold: all or nothing)
  --size-target N    its number: forecast of a full position (proportional), deviation a bar to aim at (volatility),
                     share of the Kelly size (kelly, default 0.25)
  --size-cap P       largest position of a rule of size (default 1)
  --brake A,B        shrink positions from a drawdown of A, to nothing at B
  --rebalance RULE   when a position that has drifted is brought back to its target: always, never, or once it is further
                     away than this share of the target (default 0.1)
  --limit R          enter by limit orders this far from the close decided on, as a fraction (default: at market)`;

type Values = { readonly [name in keyof typeof RISK_OPTIONS]?: string | boolean };

/** An option's text; undefined where it was not given. */
function textOf(values: Values, name: keyof Values): string | undefined {
  const value = values[name];
  return typeof value === "string" ? value : undefined;
}

/** A number above 0, where it was given. */
function above0(values: Values, name: keyof Values, max?: number): number | undefined {
  const text = textOf(values, name);
  return text === undefined ? undefined : numberOption(name, text, { min: 1e-9, ...(max !== undefined && { max }) });
}

function distance(values: Values, name: "stop" | "take-profit"): ExitDistance | undefined {
  const fraction = above0(values, name, name === "stop" ? 0.99 : undefined);
  const volatility = above0(values, `${name}-vol`);
  if (fraction !== undefined && volatility !== undefined) {
    throw new UsageError(`--${name} and --${name}-vol say the same: give one of them`);
  }
  if (fraction !== undefined) return { fraction };
  return volatility === undefined ? undefined : { volatility };
}

function exitRules(values: Values): ExitRules | undefined {
  const [stop, takeProfit] = [distance(values, "stop"), distance(values, "take-profit")];
  if (values.trailing === true && !stop) throw new UsageError("--trailing needs --stop or --stop-vol");
  if (!stop && !takeProfit) return undefined;
  return {
    ...(stop && { stop: { ...stop, trailing: values.trailing === true } }),
    ...(takeProfit && { takeProfit }),
  };
}

function sizingOf(values: Values): Sizing | undefined {
  const kind = textOf(values, "sizing") ?? "threshold";
  const number = above0(values, "size-target", kind === "kelly" ? 1 : undefined);
  const cap = above0(values, "size-cap");
  const capped = cap === undefined ? {} : { cap };
  if (kind === "proportional" || kind === "volatility") {
    if (number === undefined) throw new UsageError(`--sizing ${kind} needs --size-target`);
    return kind === "proportional" ? { kind, scale: number, ...capped } : { kind, target: number, ...capped };
  }
  if (kind === "kelly") return { kind, ...(number !== undefined && { fraction: number }), ...capped };
  if (kind !== "threshold") {
    throw new UsageError(`--sizing must be threshold, proportional, volatility or kelly, got "${kind}"`);
  }
  if (number !== undefined || cap !== undefined) {
    throw new UsageError("--size-target and --size-cap need --sizing proportional, volatility or kelly");
  }
  return undefined;
}

function brakeOf(text: string | undefined): BacktestOptions["brake"] {
  if (text === undefined) return undefined;
  const [start, stop, ...others] = text.split(",").map((part) => numberOption("brake", part, { min: 0, max: 1 }));
  if (stop === undefined || others.length > 0 || !(stop > start)) {
    throw new UsageError(`--brake must be two drawdowns that ascend, such as 0.1,0.25, got "${text}"`);
  }
  return { start, stop };
}

function rebalanceOf(text: string | undefined): BacktestOptions["rebalance"] {
  if (text === undefined || text === "always" || text === "never") return text;
  if (!(Number(text) >= 0)) throw new UsageError(`--rebalance must be always, never or a width, got "${text}"`);
  return { kind: "band", width: Number(text) };
}

function entryOf(text: string | undefined): BacktestOptions["entry"] {
  if (text === undefined) return undefined;
  return { kind: "limit", offset: numberOption("limit", text, { min: 0, max: 0.99 }) };
}

/**
 * Exits, sizes, the brake, rebalancing and orders that options describe; what was not given is left out.
 *
 * @throws {UsageError} A value is out of range, or options contradict each other.
 */
export function riskOptions(
  values: Values,
): Pick<BacktestOptions, "exits" | "sizing" | "brake" | "rebalance" | "entry"> {
  const [exits, sizing, brake] = [exitRules(values), sizingOf(values), brakeOf(textOf(values, "brake"))];
  const [rebalance, entry] = [rebalanceOf(textOf(values, "rebalance")), entryOf(textOf(values, "limit"))];
  return {
    ...(exits && { exits }),
    ...(sizing && { sizing }),
    ...(brake && { brake }),
    ...(rebalance && { rebalance }),
    ...(entry && { entry }),
  };
}

/** Those options in words, by the names that a report prints. */
export function riskSettings(
  { exits, sizing, brake, rebalance, entry }: ReturnType<typeof riskOptions>,
): Record<string, string> {
  const words = (far: ExitDistance): string =>
    "fraction" in far ? `${far.fraction} of the price` : `${far.volatility} deviations`;
  const drift = (rule: { readonly kind: string; readonly width?: number }): string =>
    `once ${rule.width} of the target away`;
  const size = (rule: Sizing): string => {
    const { kind, ...numbers } = rule;
    return [kind, ...Object.entries(numbers).map(([name, value]) => `${name} ${value}`)].join(", ");
  };
  return {
    ...(exits?.stop && { stop: `${words(exits.stop)}${exits.stop.trailing ? ", trailing" : ""}` }),
    ...(exits?.takeProfit && { "take-profit": words(exits.takeProfit) }),
    ...(sizing && { sizing: size(sizing) }),
    ...(brake && { brake: `drawdown ${brake.start} to ${brake.stop}` }),
    ...(rebalance && { rebalance: typeof rebalance === "string" ? rebalance : drift(rebalance) }),
    ...(entry?.kind === "limit" && { entry: `limit orders ${entry.offset} from the close` }),
  };
}
