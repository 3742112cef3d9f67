/**
 * What the market examples train on: the target, the split in time, the markets kept unseen. They share it, so that a saved
 * forecaster means the same everywhere.
 * @module
 */
import {
  type Candles,
  DataError,
  type Engine,
  type Forecaster,
  loadForecaster,
  type TargetConfig,
  trainForecaster,
} from "@adaptrade/adaptrade";
import type { ForecasterProgress, TrainForecasterOptions } from "@adaptrade/adaptrade/forecast";
import { numberOption, progressLine, UsageError } from "../cli.ts";

/** The options of a forecaster's training, for `parseArgs`. */
export const FORECAST_OPTIONS = {
  target: { type: "string", default: "volatility" },
  horizon: { type: "string" },
  seeds: { type: "string", default: "3" },
  seed: { type: "string", default: "1" },
  steps: { type: "string" },
  unseen: { type: "string" },
  "test-from": { type: "string" },
} as const;

/** What `--target` may be: what the library calls it, and the bars that it looks ahead where nobody says. */
const TARGETS = {
  volatility: { kind: "logVolatility", horizon: 5 },
  volume: { kind: "logVolume", horizon: 5 },
  return: { kind: "return", horizon: 1 },
} as const;

/** A value of `--target`. */
export type TargetName = keyof typeof TARGETS;

/** What the main job forecasts: a return is its control alone. */
const MAIN_TARGETS: readonly TargetName[] = ["volatility", "volume"];

/** Help text of {@linkcode FORECAST_OPTIONS}, where `--target` may be one of some names, the first by default. */
export function forecastHelp([first, ...others]: readonly TargetName[] = MAIN_TARGETS): string {
  const target = others.length === 0
    ? ""
    : `  --target NAME      ${first} (default) or ${others.join(" or ")}: what is forecast of the next bars\n`;
  return `${target}  --horizon N        bars that it looks ahead (default 5${
    others.includes("return") ? "; 1 for a return" : ""
  })
  --seeds N          networks whose mean is the forecast (default 3; 5 is the library's)
  --seed N           seed of everything random (default 1)
  --steps N          steps of pretraining, and 0.4 N of meta-training (default: by the bars' length)
  --unseen A,B       markets kept out of training; the first of them is forecast (default NASDAQ, else the last)
  --test-from DATE   the test starts here, ISO date (default: the last quarter of the time that all markets span)`;
}

/** Values of {@linkcode FORECAST_OPTIONS} as parsed. */
export interface ForecastValues {
  /** What is forecast. */
  readonly target: string;
  /** Bars. */
  readonly horizon?: string;
  /** Networks. */
  readonly seeds: string;
  /** Seed. */
  readonly seed: string;
  /** Steps of pretraining. */
  readonly steps?: string;
  /** Symbols, comma-separated. */
  readonly unseen?: string;
  /** ISO date. */
  readonly "test-from"?: string;
}

/** A training laid out. */
export interface ForecastPlan {
  /** The markets that training never sees, at least one. */
  readonly unseen: readonly [Candles, ...Candles[]];
  /** The markets trained on, their later bars included: the means over them are read at every decision. */
  readonly seen: readonly Candles[];
  /** First time of the test part, ms UTC. */
  readonly testFrom: number;
  /** What `trainForecaster` takes, but for the target's kind where a control is trained beside. */
  readonly options: TrainForecasterOptions;
}

/** Share of the time of all markets that is tested, where nobody says. */
const TEST_SHARE = 0.25;

/** The markets that are kept out of training: those asked for, NASDAQ, or the last. */
function pickUnseen(markets: readonly Candles[], text: string | undefined): readonly [Candles, ...Candles[]] {
  const [first, ...others] = text === undefined ? [] : text.split(",").map((symbol) => {
    const found = markets.find((market) => market.symbol === symbol.trim());
    if (found) return found;
    throw new UsageError(`--unseen must be one of ${markets.map((m) => m.symbol).join(", ")}, got "${symbol}"`);
  });
  const usual = markets.find(({ symbol }) => symbol === "NASDAQ") ?? markets[markets.length - 1];
  const unseen = [first ?? usual, ...others] as const;
  if (markets.length > unseen.length) return unseen;
  throw new DataError(
    `Cannot keep a market unseen: expected at least ${unseen.length + 1} markets, received ${markets.length}`,
  );
}

/** When the test starts. */
function testStart(markets: readonly Candles[], text: string | undefined): number {
  const first = Math.min(...markets.map(({ time }) => time[0]));
  const last = Math.max(...markets.map(({ time }) => time[time.length - 1]));
  if (text === undefined) return first + (1 - TEST_SHARE) * (last - first);
  const testFrom = Date.parse(text);
  if (Number.isNaN(testFrom)) throw new UsageError(`--test-from must be an ISO date such as 2015-01-01, got "${text}"`);
  if (testFrom <= first || testFrom > last) {
    throw new UsageError(
      `--test-from must lie between ${new Date(first).toISOString()} and ${
        new Date(last).toISOString()
      }, got "${text}"`,
    );
  }
  return testFrom;
}

/** Lays a forecaster's training out; `--target` may be one of `targets`. */
export function planForecast(
  markets: readonly Candles[],
  values: ForecastValues,
  targets: readonly TargetName[] = MAIN_TARGETS,
): ForecastPlan {
  const name = targets.find((one) => one === values.target);
  if (name === undefined) throw new UsageError(`--target must be ${targets.join(" or ")}, got "${values.target}"`);
  const { kind, horizon: usual } = TARGETS[name];
  const horizon = values.horizon === undefined
    ? usual
    : numberOption("horizon", values.horizon, { min: 1, integer: true });
  const seeds = numberOption("seeds", values.seeds, { min: 1, max: 100, integer: true });
  const seed = numberOption("seed", values.seed, { min: 0, integer: true });
  const steps = values.steps === undefined ? undefined : numberOption("steps", values.steps, { min: 1, integer: true });
  const unseen = pickUnseen(markets, values.unseen);
  const testFrom = testStart(markets, values["test-from"]);
  const target: TargetConfig = { kind, horizon };
  return {
    unseen,
    seen: markets.filter((market) => !unseen.includes(market)),
    testFrom,
    options: {
      target,
      testFrom,
      seeds,
      seed,
      ...(steps !== undefined && { pretrain: { steps }, meta: { steps: Math.ceil(0.4 * steps) } }),
    },
  };
}

/** Steps of a control's training as a share of a forecaster's: what it learns is to say nothing. */
const CONTROL_SHARE = 1 / 3;

/** The training of the control: returns of the next bar, with all else alike. */
export function controlOf(options: TrainForecasterOptions): TrainForecasterOptions {
  return {
    ...options,
    target: { kind: "return", horizon: 1 },
    pretrain: { steps: Math.ceil(CONTROL_SHARE * (options.pretrain?.steps ?? 1500)) },
    meta: { steps: Math.ceil(CONTROL_SHARE * (options.meta?.steps ?? 600)) },
  };
}

/** Reads a saved forecaster. @throws {UsageError} There is no such file; it says who writes one. */
export async function readForecaster(path: string): Promise<Forecaster> {
  const isThere = await Deno.stat(path).then(({ isFile }) => isFile, () => false);
  if (!isThere) throw new UsageError(`There is no forecaster in ${path}: multi_asset.ts and meta_train.ts write one`);
  return await loadForecaster(path);
}

/** One line of progress: the loss on validation beside that of saying nothing. */
export function progressText({ phase, member, members, step, steps, loss, anchorLoss }: ForecasterProgress): string {
  return `${phase} ${member}/${members}, step ${step}/${steps}: validation loss ${loss.toFixed(3)} ` +
    `(saying nothing: ${anchorLoss.toFixed(3)})`;
}

/** Trains with a progress line. */
export async function trainWithProgress(
  engine: Engine,
  markets: readonly Candles[],
  options: TrainForecasterOptions,
): Promise<Forecaster> {
  const line = progressLine();
  const forecaster = await trainForecaster(engine, markets, {
    ...options,
    onProgress: (progress) => line.update(progressText(progress)),
  });
  const { validation, target } = forecaster;
  line.done(
    `Trained ${forecaster.members.length} networks on ${target.kind}: validation loss ${
      validation.chosen.toFixed(3)
    }, ` +
      `saying nothing ${validation.anchor.toFixed(3)}`,
  );
  return forecaster;
}
