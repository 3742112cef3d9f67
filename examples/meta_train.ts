/**
 * Data to forecaster: the training of `multi_asset.ts` by itself, of volatility or of returns. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { type Candles, learningRates } from "@adaptrade/adaptrade";
import { keepForecaster, requestAccess } from "./access.ts";
import { interruptSignal, runMain, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import {
  FORECAST_OPTIONS,
  forecastHelp,
  planForecast,
  type TargetName,
  trainWithProgress,
} from "./market/forecast_plan.ts";
import { memberFiles } from "./market/member_files.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";

/** What can be traded: `backtest.ts` knows what to do with these. */
const TARGETS: readonly TargetName[] = ["volatility", "return"];

const HELP =
  `Trains a forecaster on many markets and saves it as one file, for backtest.ts, forecast.ts and online_trading.ts.

deno run --allow-read=. --allow-write=out examples/meta_train.ts [options]

${SOURCE_HELP}
${forecastHelp(TARGETS)}
  --backend NAME     auto, webgpu or cpu (default auto)
  --forecaster FILE  what to write (default out/forecaster.bin)
  --resume           take the networks that an interrupted run left beside it instead of training them again
  --help             this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...FORECAST_OPTIONS,
      backend: { type: "string", default: "auto" },
      forecaster: { type: "string", default: "out/forecaster.bin" },
      resume: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const { forecaster: path, resume, target } = values;
  const folder = dirname(path);
  await requestAccess({ needs: [sourceAccess(values), { ...(resume && { read: [folder] }), write: [folder] }] });
  const { signal, dispose } = interruptSignal();
  try {
    const { seen, unseen, options } = planForecast(await readMarkets(values, signal), values, TARGETS);
    await using engine = await openChosenEngine(values.backend);
    const names = (markets: readonly Candles[]): string => markets.map(({ symbol }) => symbol).join(", ");
    console.log(`Learning over ${names(seen)}; unseen: ${names(unseen)}`);
    const files = memberFiles(path.replace(/\.[^./]*$/, ""), { resume, kept: true });
    const kept = await files.of(target, seen, options);
    const forecaster = await trainWithProgress(engine, seen, { ...options, ...kept, signal });
    const { members: [{ state }], validation, steps, shrinkage, notes } = forecaster;
    for (const { layer, mean } of learningRates(state)) {
      console.log(`layer ${layer}: inner rate ${mean.toPrecision(3)}`);
    }
    console.log(
      `On ${validation.rows} validation decisions: unadapted ${validation.unadapted.toFixed(4)}, adapted ` +
        `${validation.adapted.toFixed(4)}; chosen are ${steps} inner steps and a shrinkage of ${shrinkage.toFixed(3)}`,
    );
    for (const note of notes) console.log(`Note: ${note}.`);
    await Deno.mkdir(folder, { recursive: true });
    await keepForecaster(path, forecaster);
    await files.clear();
    console.log(`Wrote ${path}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
