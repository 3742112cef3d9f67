/**
 * What regimes are worth to forecasts of volatility: the errors of a forecaster and of cheap methods by the regime known at each
 * decision, whether adapting on rows of that regime beats adapting on the last ones, and whether the regime should say who
 * forecasts. `--help` says what it takes.
 * @module
 */
import { parseArgs } from "node:util";
import { type Candles, DataError } from "@adaptrade/adaptrade";
import { labelRegimes } from "@adaptrade/adaptrade/features";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { FORECAST_OPTIONS, forecastHelp, planForecast, trainWithProgress } from "./market/forecast_plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { chooseByRegime, switchedForecasts } from "./regimes/choice.ts";
import { qlikeOf, squaredErrors, studyRegimes } from "./regimes/study.ts";
import { choiceTable, lossTable, sentences } from "./regimes/tables.ts";

const HELP = `Forecasts volatility in five regimes, adapts on rows of the regime, and lets it say who forecasts.

deno run examples/regimes.ts [options]

${SOURCE_HELP}
${forecastHelp(["volatility"])}
  --min-bars N       least validation decisions of a regime to choose on (default 60)
  --backend NAME     auto, webgpu or cpu (default auto)
  --help             this text`;

const { target: _target, ...TRAINING_OPTIONS } = FORECAST_OPTIONS;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...TRAINING_OPTIONS,
      "min-bars": { type: "string", default: "60" },
      backend: { type: "string", default: "auto" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const minBars = numberOption("min-bars", values["min-bars"], { min: 2, integer: true });
  await requestAccess({ needs: [sourceAccess(values)] });
  const { signal, dispose } = interruptSignal();
  try {
    const all = await readMarkets(values, signal);
    const { unseen, seen, testFrom, options } = planForecast(all, { ...values, target: "volatility" });
    const markets = all.filter(({ time }) =>
      time.filter((at) => at < testFrom).length > 300 && time.at(-1)! > testFrom
    );
    if (markets.length === 0) {
      throw new DataError("Cannot study regimes: no market has 300 bars before the test, and some in it");
    }
    const labels = markets.map((candles) => labelRegimes(candles));
    const names = (some: readonly Candles[]): string => some.map(({ symbol }) => symbol).join(", ");
    const day = new Date(testFrom).toISOString().slice(0, 10);
    console.log(
      `Learning over ${names(seen)} before ${day}; the test is after it, on ${names(markets)}; never seen: ${
        names(unseen)
      }.`,
    );
    await using engine = await openChosenEngine(values.backend);
    const trained = await trainWithProgress(engine, seen, { ...options, signal });
    // Adapting is what is studied: it is done here whatever validation chose.
    const forecaster = { ...trained, steps: trained.members[0].state.config.inner.steps };
    const from = forecaster.trainedOn.validationFrom;
    const study = await studyRegimes(engine, forecaster, { markets, labels, pool: seen, from, signal });

    console.log(
      `\nSquared error of log volatility over the next ${study.horizon} bars. DM is Diebold and Mariano's statistic:`,
    );
    console.log("below −2, rows of the regime are better to adapt on than the last ones, beyond chance.\n");
    console.log(textTable(lossTable(study, (said) => squaredErrors(said, study), testFrom)));
    console.log("\nQLIKE.\n");
    console.log(textTable(lossTable(study, (said) => qlikeOf(said, study, testFrom), testFrom)));
    const choice = chooseByRegime(study, labels, { testFrom, minBars });
    console.log(
      `\nSquared error by which a method is chosen (*) for each regime.\n\n${textTable(choiceTable(choice))}`,
    );
    const switched = switchedForecasts(study, labels, choice);
    console.log(`\n${sentences(study, { choice, switched, testFrom }).join("\n")}`);
    for (const note of trained.notes) console.log(`Note: ${note}.`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
