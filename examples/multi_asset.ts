/**
 * The main job: learn over many markets before a date how violent a market's next days will be, forecast one never seen after
 * it, beside every cheap method, and say what that is worth in money. It prints the tables and writes the report, its content
 * as JSON, the trades and fills as CSV, and the forecaster. `--help` says what it takes.
 * @module
 */
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { compareForecasts, compareResults, forecast, historyCurve, judge, judgeForecasts } from "@adaptrade/adaptrade";
import { conformalBand } from "@adaptrade/adaptrade/forecast";
import { holdAtRisk, tradeReturns } from "@adaptrade/adaptrade/backtest";
import { keepForecaster, requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { controlOf, FORECAST_OPTIONS, forecastHelp, planForecast, trainWithProgress } from "./market/forecast_plan.ts";
import { memberFiles } from "./market/member_files.ts";
import { writeOutputs } from "./market/outputs.ts";
import { curvePicture, curveTable, riskTable } from "./market/risk_table.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { comparisonTable, heldTable } from "./market/table.ts";
import { judgedByLog, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";

const HELP = `Learns over many markets how violent the next days will be, and forecasts one it never saw.

deno run --allow-read=. --allow-write=out examples/multi_asset.ts [options]

${SOURCE_HELP}
${forecastHelp()}
  --risk R           volatility a year that the market is held at (default 0.15)
  --cost RATE        cost of a trade as a fraction of what is traded (default 0.001)
  --threshold R      return forecasts within ±R stay flat (default: the cost)
  --backend NAME     auto, webgpu or cpu (default auto)
${TRIAL_HELP}
  --resume           take the networks that an interrupted run left in out/ instead of training them again
  --out FILE         report (default out/report.html); JSON, trades.csv, fills.csv and forecaster.bin go beside it
  --help             this text`;

/** Decisions of the history curve are this many bars apart: it cuts every feature anew at each. */
const CURVE_EVERY = 5;

function day(time: number): string {
  return new Date(time).toISOString().slice(0, 10);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...FORECAST_OPTIONS,
      ...TRIAL_OPTIONS,
      risk: { type: "string", default: "0.15" },
      cost: { type: "string", default: "0.001" },
      threshold: { type: "string" },
      backend: { type: "string", default: "auto" },
      resume: { type: "boolean", default: false },
      out: { type: "string", default: "out/report.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const costRate = numberOption("cost", values.cost, { min: 0, max: 1 });
  const risk = numberOption("risk", values.risk, { min: 1e-6, max: 100 });
  const threshold = values.threshold === undefined ? costRate : numberOption("threshold", values.threshold, { min: 0 });
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const kept = await requestAccess({
    needs: [sourceAccess(values), values.resume ? { read: ["out"], write: ["out"] } : {}],
    keeps: { write: ["out", dirname(values.out)], what: "the report, the forecaster and its checkpoints" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const { unseen: [unseen], seen, testFrom, options } = planForecast(await readMarkets(values, signal), values);
    await using engine = await openChosenEngine(values.backend);
    console.log(
      `Learning over ${seen.map(({ symbol }) => symbol).join(", ")} before ${day(testFrom)}, then forecasting ` +
        `${unseen.symbol}, never seen, after it.\nEngine: ${engine.info.backend}, ${engine.info.adapter}, ${engine.info.threads} thread(s)`,
    );
    const files = memberFiles("out/multi_asset", { resume: values.resume, kept });
    const train = async (name: string, own: typeof options) =>
      await trainWithProgress(engine, seen, { ...own, ...await files.of(name, seen, own), signal });
    const forecaster = await train(values.target, options);
    if (kept) await keepForecaster(join(dirname(values.out), "forecaster.bin"), forecaster);

    const range = { pool: seen, from: testFrom, signal };
    const comparison = await compareForecasts(engine, forecaster, [unseen], range);
    console.log(
      `\n1. RISK. Log ${values.target} of ${unseen.symbol} over the next ${comparison.horizon} bars, ${
        day(comparison.from)
      } to ${
        day(comparison.to)
      }, ${comparison.rows} decisions.\nDM is Diebold and Mariano's statistic of meta-learned ` +
        `against each: below −2, meta-learned is better beyond chance.\n`,
    );
    console.log(textTable(riskTable(comparison)));
    const longest = unseen.time.filter((time) => time < testFrom).length;
    const lengths = [5, 20, 60, 250].filter((length) => length <= longest);
    const curve = await historyCurve(engine, forecaster, [unseen], { ...range, lengths, every: CURVE_EVERY });
    console.log(
      `\nHad it been listed so many bars ago: squared error by bars of history, ${curve.rows} decisions in each column.\n`,
    );
    console.log(textTable(curveTable(curve)));
    console.log(`\n${curvePicture(curve)}\n`);
    console.log(judgeForecasts(comparison).sentences.join("\n"));
    for (const note of forecaster.notes) console.log(`Note: ${note}.`);

    const others = seen;
    const said = await forecast(engine, forecaster, unseen, { from: testFrom, others, signal });
    const band = conformalBand(forecaster, said);
    if (band.share !== null) {
      console.log(
        `The adaptive 80% band held ${
          (100 * band.share).toFixed(1)
        }% of ${band.count} outcomes; whatever the market does it is ` +
          `at most ${(100 * band.bound!).toFixed(1)} points off.`,
      );
    }
    const report = {
      comparison,
      curve,
      forecasts: said,
      band,
      notes: forecaster.notes,
    };
    const settings = {
      "learned over": seen.map(({ symbol }) => symbol).join(", "),
      "test from": day(testFrom),
      target: `log ${values.target}, ${comparison.horizon} bars`,
      networks: forecaster.members.length,
      "inner steps": forecaster.steps,
      shrinkage: forecaster.shrinkage.toFixed(2),
      seed: values.seed,
    };
    if (forecaster.target.kind !== "logVolatility") {
      console.log("\n2. MONEY. Only forecasts of volatility and returns are traded; --target volatility shows both.");
      return;
    }
    const returns = await train("return", controlOf(options));
    const { seed = 1 } = options;
    const trading = { market: unseen, others, from: testFrom, seed, options: { costRate, threshold } };
    const held = await holdAtRisk(engine, forecaster, { ...trading, risk });
    const traded = await tradeReturns(engine, returns, trading);
    const compared = compareResults([...held.results, ...traded], unseen, { costRate, seed });
    const [money] = await judgedByLog(await trialLog(values.trials, kept), [compared]);
    console.log(
      `\n2. MONEY. ${unseen.symbol} held at a risk of ${risk} a year, net of ${costRate} a trade. Log error is how far ` +
        `the risk taken was from the target.\n`,
    );
    console.log(textTable(heldTable(held.risk)));
    console.log(
      `\nAnd the control, a forecast of returns, with shrinkage ${returns.shrinkage.toFixed(3)} from validation${
        returns.shrinkage === 0 ? ": nothing was found, it stays flat" : ""
      }:\n`,
    );
    console.log(textTable(comparisonTable(money)));
    for (const note of money.strategies[0].result.notes) console.log(`Note: ${note}`);
    console.log(`\n${judge(money).sentences.join("\n")}`);
    if (!kept) return;
    const written = await writeOutputs({ page: values.out, trades: "trades.csv" }, [money], {
      title: `${unseen.symbol}: few-shot forecast of ${values.target}`,
      forecast: report,
      settings: { ...settings, cost: costRate, threshold, risk },
    });
    await files.clear();
    console.log(`\nWrote ${written.join(", ")}, ${join(dirname(values.out), "forecaster.bin")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
