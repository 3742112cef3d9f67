/**
 * Tomorrow's forecast of a market by a saved forecaster: the value with its band, what it rests on, and what it would have said
 * unadapted. `--help` says what it takes.
 * @module
 */
import { parseArgs } from "node:util";
import { forecast, type Forecaster } from "@adaptrade/adaptrade";
import { BAND_COVERAGES, conformalBand } from "@adaptrade/adaptrade/forecast";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import {
  FORECAST_OPTIONS,
  forecastHelp,
  planForecast,
  readForecaster,
  trainWithProgress,
} from "./market/forecast_plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";

/** Forecasts before those shown whose errors the band follows, at most. */
const BAND_BARS = 250;

const HELP = `Forecasts the next bars of a market with a saved forecaster.

deno run --allow-read=.,out examples/forecast.ts [options]

  --forecaster FILE  written by multi_asset.ts (default out/forecaster.bin); trained anew, in memory, where it may not be read
  --market SYMBOL    the market to forecast (default NASDAQ, else the last)
  --bars N           forecasts to print, the last ones (default 5)
  --coverage P       of the band: ${BAND_COVERAGES.join(", ")} (default 0.8)
${SOURCE_HELP}
Where a forecaster is trained anew:
${forecastHelp()}
  --help             this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...FORECAST_OPTIONS,
      forecaster: { type: "string" },
      market: { type: "string" },
      bars: { type: "string", default: "5" },
      coverage: { type: "string", default: "0.8" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const bars = numberOption("bars", values.bars, { min: 1, integer: true });
  const coverage = numberOption("coverage", values.coverage, { min: 0, max: 1 });
  if (!BAND_COVERAGES.includes(coverage)) {
    throw new UsageError(`--coverage must be one of ${BAND_COVERAGES.join(", ")}, got "${values.coverage}"`);
  }
  const named = values.forecaster;
  await requestAccess({ needs: [sourceAccess(values), named === undefined ? {} : { read: [named] }] });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    const { unseen: [unseen], seen, options } = planForecast(markets, {
      ...values,
      ...(values.market !== undefined && { unseen: values.market }),
    });
    await using engine = await openChosenEngine("auto");
    const saved = await savedForecaster(named);
    const forecaster = saved ?? await trainWithProgress(engine, seen, { ...options, testFrom: Infinity, signal });
    const { trainedOn, target, validation, residual, trust } = forecaster;
    // The band follows the market's own errors, of forecasts made of labels that no training saw.
    const first = Math.max(0, unseen.time.length - bars);
    const before = Math.max(0, first - BAND_BARS - target.horizon);
    const learned = trainedOn.markets.includes(unseen.symbol) ? trainedOn.trainedUntil : -Infinity;
    const from = Math.min(unseen.time[first], Math.max(unseen.time[before], learned));
    const said = await forecast(engine, forecaster, unseen, { from, others: seen, signal });
    const band = conformalBand(forecaster, said, { coverage });
    const shownFrom = said.time.length - Math.min(bars, said.time.length);
    const shown = target.kind === "logVolatility"
      ? { of: (value: number) => `${(100 * Math.exp(value)).toFixed(2)}%`, unit: "volatility a bar" }
      : { of: (value: number) => value.toPrecision(4), unit: said.unit };
    const day = (time: number): string => new Date(time).toISOString().slice(0, 16).replace("T00:00", "");
    console.log(
      `${unseen.symbol}: ${
        target.kind === "logVolatility" ? "volatility" : target.kind
      } over the next ${target.horizon} ` +
        `bars (${shown.unit}), made at the close of each bar.\n`,
    );
    console.log(textTable([
      ["close of", "forecast", `${100 * coverage}% band`, "unadapted", "level now", "note"],
      ...Array.from(said.time, (time, i) => [
        day(time),
        shown.of(said.value[i]),
        `${shown.of(band.low[i])} … ${shown.of(band.high[i])}`,
        shown.of(said.unadapted[i]),
        shown.of(said.anchor[i]),
        said.limited[i] === 1 ? "adapting held back" : "",
      ]).slice(shownFrom),
    ]));
    if (band.share !== null) {
      console.log(
        `\nThe band follows the errors of the ${band.count} forecasts before: it held ${
          (100 * band.share).toFixed(1)
        }% of them.`,
      );
    }
    console.log(
      `\nIt rests on ${forecaster.members.length} networks trained on ${trainedOn.markets.join(", ")} until ` +
        `${day(trainedOn.trainedUntil)}, and on the last ${forecaster.support.rows} labelled rows of ${unseen.symbol}` +
        `${
          forecaster.steps === 0 ? ", which validation chose not to adapt on" : ""
        }.\nOn ${validation.rows} validation ` +
        `decisions its squared error was ${
          (100 * (1 - validation.chosen / validation.anchor)).toFixed(1)
        }% below that of ` +
        `the level now; its errors have a deviation of ${
          residual.deviation.toFixed(3)
        } (log), and adapting is believed up to ` +
        `${
          trust.limit === Infinity ? "any move" : `moves of ${(trust.limit * forecaster.scaler.labelScale).toFixed(3)}`
        }.`,
    );
    for (const note of forecaster.notes) console.log(`Note: ${note}.`);
  } finally {
    dispose();
  }
}

/** The forecaster of a file; none where no file was named and the default one is not there or may not be read. */
async function savedForecaster(named: string | undefined): Promise<Forecaster | undefined> {
  const path = named ?? "out/forecaster.bin";
  if (named === undefined) {
    const { state } = await Deno.permissions.query({ name: "read", path });
    if (state !== "granted") {
      console.log(`Training anew: --allow-read=out would read ${path}`);
      return undefined;
    }
    if (!await Deno.stat(path).then(() => true, () => false)) {
      console.log(`Training anew: there is no ${path}; multi_asset.ts writes it`);
      return undefined;
    }
  }
  return await readForecaster(path);
}

if (import.meta.main) await runMain(main);
