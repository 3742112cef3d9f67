/**
 * Many markets on one capital: one forecaster of volatility, learned before a date, sizes all of them after it, some never seen, so
 * that together they take one risk; beside RiskMetrics, holding, and a forecast of returns as the control. `--help` says what it
 * takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { backtestPortfolio, DataError, executePortfolio } from "@adaptrade/adaptrade";
import { type PortfolioResult, portfolioStatistics } from "@adaptrade/adaptrade/backtest";
import { judgePortfolios, portfolioJson, renderPortfolioReport } from "@adaptrade/adaptrade/report";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { COST_HELP, COST_OPTIONS, costModel, costSettings } from "./market/costs.ts";
import { controlOf, FORECAST_OPTIONS, forecastHelp, planForecast, trainWithProgress } from "./market/forecast_plan.ts";
import { writeFiles } from "./market/outputs.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { earlierPortfolios, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";
import { atOneRisk, chooseBand, JUDGED_BARS, LEAST_ERROR } from "./portfolio/held.ts";
import { bandSentence, portfolioTable, riskSentence, shareTable } from "./portfolio/tables.ts";
import { type Ways, waysToHold } from "./portfolio/ways.ts";

const HELP = `Holds many markets at one risk by a forecaster of volatility, beside every simpler way.

deno run --allow-read=. --allow-write=out examples/portfolio.ts [options]

${SOURCE_HELP}
${forecastHelp(["volatility"])}
  --risk R           volatility a year that the whole portfolio is held at (default 0.1)
  --gross G          most that is held of all markets together, in equity (default 2)
  --cost RATE        fee as a fraction of what is traded (default 0.0005)
${COST_HELP}
                     (defaults: spread 0.0005, slippage 0.02, borrow 0.02 unless --account is perpetual or cash-only;
                     the others are 0 or none)
  --band W           share of its target that a position may be off by before it is traded (default: chosen on validation)
  --capital AMOUNT   equity at the start (default 100000)
  --backend NAME     auto, webgpu or cpu (default auto)
${TRIAL_HELP}
  --out FILE         report (default out/portfolio.html); its JSON and portfolio_trades.csv go beside it
  --help             this text`;

const { target: _target, ...TRAINING_OPTIONS } = FORECAST_OPTIONS;

/** What is held at the risk, by whose forecast. */
const AT_RISK = [
  { way: "forecast", strategy: "at the forecast risk" },
  { way: "unadapted", strategy: "at the unadapted risk" },
  { way: "riskMetrics", strategy: "at RiskMetrics' risk" },
] as const;

/** Interest on what is borrowed a year, where the account borrows and none was given. */
const BORROW = "0.02";

async function main(): Promise<void> {
  const { values: typed } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...TRAINING_OPTIONS,
      ...TRIAL_OPTIONS,
      ...COST_OPTIONS,
      risk: { type: "string", default: "0.1" },
      gross: { type: "string", default: "2" },
      cost: { type: "string", default: "0.0005" },
      spread: { type: "string", default: "0.0005" },
      slippage: { type: "string", default: "0.02" },
      band: { type: "string" },
      capital: { type: "string", default: "100000" },
      backend: { type: "string", default: "auto" },
      out: { type: "string", default: "out/portfolio.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (typed.help) return console.log(HELP);
  const borrows = typed.account === undefined || typed.account === "spot";
  const values = { ...(borrows && { borrow: BORROW }), ...typed, target: "volatility" };
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const risk = numberOption("risk", values.risk, { min: 1e-6, max: 100 });
  const maxGross = numberOption("gross", values.gross, { min: 1e-6, max: 100 });
  const initialCapital = numberOption("capital", values.capital, { min: 1 });
  const band = values.band === undefined ? undefined : numberOption("band", values.band, { min: 0, max: 1 });
  const trading = { costs: costModel(values), initialCapital };
  const kept = await requestAccess({
    needs: [sourceAccess(values)],
    keeps: { write: [dirname(values.out)], what: "the report" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    const { unseen, seen, testFrom, options } = planForecast(markets, values);
    await using engine = await openChosenEngine(values.backend);
    const names = (some: readonly { readonly symbol: string }[]): string => some.map(({ symbol }) => symbol).join(", ");
    console.log(
      `Learning over ${names(seen)} before ${new Date(testFrom).toISOString().slice(0, 10)}; never seen: ` +
        `${names(unseen)}.\nEngine: ${engine.info.backend}, ${engine.info.threads} thread(s)`,
    );
    const forecaster = await trainWithProgress(engine, seen, { ...options, signal });
    const holding = { markets, others: seen, risk, signal };
    const { validationFrom } = forecaster.trainedOn;
    const validated = await waysToHold(engine, forecaster, { ...holding, from: validationFrom, to: testFrom });
    const tested = await waysToHold(engine, forecaster, { ...holding, from: testFrom, to: Infinity });
    const traded = tested.equally.map(({ candles }) => candles);
    if (traded.length === 0) throw new DataError("Cannot hold anything: no market has two bars in the test");

    const held = AT_RISK.map(({ way, strategy }) => {
      const hold = (ways: Ways, width: number): PortfolioResult =>
        executePortfolio(ways[way], { ...trading, maxGross, weighting: atOneRisk(width), strategy });
      if (band !== undefined || validated[way].length === 0) {
        return { result: hold(tested, band ?? 0), choice: undefined };
      }
      const choice = chooseBand((width) => hold(validated, width), risk);
      return { result: hold(tested, choice.chosen.band), choice };
    });
    const aimed = held.map(({ result }) => result);
    const equally = executePortfolio(tested.equally, { ...trading, strategy: "held equally" });
    const control = await trainWithProgress(engine, seen, { ...controlOf(options), signal });
    const returns = await backtestPortfolio(engine, control, traded, {
      ...trading,
      threshold: trading.costs.takerFee ?? 0,
      strategy: "return forecast",
      from: testFrom,
      others: seen,
      signal,
    });
    const results = [...aimed, equally, returns];

    const earlier = await earlierPortfolios(await trialLog(values.trials, kept), results);
    const { seed = 1 } = options;
    const statistics = portfolioStatistics(results, { trials: earlier, seed, benchmark: equally });
    console.log(
      `\n${traded.length} markets, ${equally.time.length} bars, after costs. Those at a risk aim at ${risk} a year; log error ` +
        `is how far the risk of each ${JUDGED_BARS} bars was from it; their number alone leaves ${
          LEAST_ERROR.toFixed(2)
        }.\n`,
    );
    console.log(textTable(portfolioTable(results, { statistics, held: aimed, risk })));
    console.log(
      `\n${riskSentence(aimed, risk)}\nThe control's shrinkage is ${control.shrinkage.toFixed(3)} from validation${
        control.shrinkage === 0 ? ": no return could be forecast, it stays flat" : ""
      }.`,
    );
    for (const { result: { strategy }, choice } of held) if (choice) console.log(bandSentence(strategy, choice));
    for (const note of [...forecaster.notes.map((text) => `${text}.`), ...aimed[0].notes]) console.log(`Note: ${note}`);
    console.log(`\n${aimed[0].strategy}, by market:\n\n${textTable(shareTable(aimed[0], unseen))}`);
    const candidates = 2;
    console.log(`\n${judgePortfolios(results, statistics, candidates).sentences.join("\n")}`);
    if (!kept) return;
    const settings = {
      "learned over": names(seen),
      "risk a year": risk,
      "largest gross": maxGross,
      horizon: forecaster.target.horizon,
      networks: forecaster.members.length,
      ...costSettings(values),
      capital: values.capital,
      seed,
    };
    const report = { settings, candidates, statistics, benchmark: equally };
    const written = await writeFiles({ page: values.out, trades: "portfolio_trades.csv" }, {
      html: await renderPortfolioReport(results, report),
      json: portfolioJson(results, report),
      books: results,
    });
    console.log(`\nWrote ${written.join(", ")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
