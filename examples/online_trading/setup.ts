/**
 * From a command line to a trader: learner, costs, exits, where the bars come from.
 * @module
 */
import {
  type Candles,
  loadState,
  metaGradient,
  mlp,
  onlineConfig,
  onlineInit,
  openTrader,
  readCandlesDir,
  sampleMarkets,
  type Trader,
} from "@adaptrade/adaptrade";
import type { MarketName, OnlineState } from "@adaptrade/adaptrade/online";
import { numberOption, UsageError } from "../cli.ts";
import { readForecaster } from "../market/forecast_plan.ts";

/** Options of the trader, for `parseArgs`. */
export const TRADER_OPTIONS = {
  checkpoint: { type: "string" },
  forecaster: { type: "string" },
  risk: { type: "string", default: "0.01" },
  hidden: { type: "string", default: "16" },
  members: { type: "string", default: "0" },
  threshold: { type: "string", default: "0" },
  fee: { type: "string", default: "0.00055" },
  slippage: { type: "string", default: "0.0002" },
  stop: { type: "string" },
  capital: { type: "string", default: "10000" },
  seed: { type: "string", default: "0" },
} as const;

/** Help text of {@linkcode TRADER_OPTIONS}. */
export const TRADER_HELP = `  --checkpoint FILE  start from a meta-learned state (default: a fresh network)
  --forecaster FILE  trade by a saved forecaster, which learns no more: of returns, or of volatility to hold the markets at a risk
  --risk 0.01        with a forecaster of volatility: deviation a bar to hold at, a fraction
  --hidden 16        the fresh network's hidden layers, such as 16,16
  --members 0        bootstrapped models a forecast; 0 for one plain model
  --threshold 0      forecast return below which to stay flat
  --fee 0.00055      taker's fee, a fraction of what is traded
  --slippage 0.0002  what a fill loses beside the fee, likewise
  --stop N           leave at a loss of N times the 20-bar volatility (default: no stop)
  --capital 10000    equity at the beginning
  --seed 0           of the fresh network and the bootstraps`;

/** Values of {@linkcode TRADER_OPTIONS} as parsed. */
export type TraderValues =
  & {
    readonly [Name in Exclude<keyof typeof TRADER_OPTIONS, "checkpoint" | "forecaster" | "stop">]: string;
  }
  & { readonly checkpoint?: string; readonly forecaster?: string; readonly stop?: string };

/** The ten features of `tradingFeatures`. */
const INPUTS = 10;

/** A learner of these markets before its first bar: of a fresh network, or of one that was meta-trained. */
async function freshLearner(markets: readonly MarketName[], values: TraderValues): Promise<OnlineState> {
  const hidden = values.hidden.split(",").map((width) => numberOption("hidden", width, { min: 1, integer: true }));
  const start = values.checkpoint === undefined ? undefined : await loadState(values.checkpoint);
  const net = start?.config.net ?? mlp({ inputs: INPUTS, hidden, outputs: 1 });
  const { steps, lr } = start?.config.inner ?? { steps: 5, lr: 0.05 };
  const config = onlineConfig({
    meta: metaGradient({ net, inner: { steps, lr } }),
    members: numberOption("members", values.members, { min: 0, integer: true }),
    seed: numberOption("seed", values.seed, { min: 0, integer: true }),
  });
  return onlineInit(config, markets, start ? { params: start.params } : {});
}

/** A trader of these markets before its first bar. */
export async function freshTrader(
  markets: readonly MarketName[],
  values: TraderValues,
  options: { readonly tradeFrom?: number } = {},
): Promise<Trader> {
  const number = (name: "capital" | "fee" | "slippage" | "threshold" | "risk", min: number): number =>
    numberOption(name, values[name], { min });
  if (values.forecaster !== undefined && values.checkpoint !== undefined) {
    throw new UsageError("--forecaster and --checkpoint exclude each other");
  }
  const forecaster = values.forecaster === undefined ? undefined : await readForecaster(values.forecaster);
  const online = forecaster ? onlineInit(forecaster, markets) : await freshLearner(markets, values);
  const held = forecaster?.target.kind === "logVolatility";
  const stop = values.stop === undefined ? undefined : numberOption("stop", values.stop, { min: 0 });
  return openTrader(online, {
    rules: {
      initialCapital: number("capital", 0),
      costs: { takerFee: number("fee", 0), slippage: number("slippage", 0) },
      exits: stop === undefined ? {} : { stop: { volatility: stop } },
    },
    sizing: {
      threshold: number("threshold", 0),
      ...(held && { sizing: { kind: "volatility", target: number("risk", 0) } }),
    },
    ...options,
  });
}

/** The markets of a replay: the embedded sample (by default its two with opens of their own), or a folder of CSV files. */
export async function replayMarkets(source: string, symbols: readonly string[] | undefined): Promise<Candles[]> {
  if (source === "sample") return await sampleMarkets({ symbols: symbols ?? ["SP500", "NASDAQ"] });
  const markets = await readCandlesDir(source);
  if (!symbols) return markets;
  return symbols.map((symbol) => {
    const found = markets.find((market) => market.symbol === symbol);
    if (found) return found;
    throw new UsageError(`--symbols must be some of ${markets.map((one) => one.symbol).join(", ")}, got "${symbol}"`);
  });
}
