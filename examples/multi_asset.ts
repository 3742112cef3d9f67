/**
 * The main job: meta-train on many markets before a date, adapt to one never seen, backtest it after that date beside every
 * baseline, print the table and write the report, its content as JSON and the trades as CSV. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { compareBaselines, judge, pretrain } from "@adaptrade/adaptrade";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { writeOutputs } from "./market/outputs.ts";
import { PLAN_HELP, PLAN_OPTIONS, planTraining } from "./market/plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { comparisonTable } from "./market/table.ts";
import { trainPlan } from "./market/training.ts";
import { judgedByLog, TRIAL_HELP, TRIAL_OPTIONS, trialLog } from "./market/trials.ts";

const HELP = `Meta-trains on many markets, adapts to one it never saw, backtests it beside every baseline.

deno run --allow-read=. --allow-write=out examples/multi_asset.ts [options]

${SOURCE_HELP}
${PLAN_HELP}
  --cost RATE        cost of a trade as a fraction of what is traded (default 0.001)
  --threshold R      forecasts within ±R stay flat, as a return (default: the cost)
  --backend NAME     auto, webgpu or cpu (default auto)
${TRIAL_HELP}
  --resume           continue out/multi_asset.ckpt, left by Ctrl-C
  --out FILE         report (default out/report.html); its JSON and trades.csv go beside it
  --help             this text`;

const CHECKPOINT = "out/multi_asset.ckpt";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...PLAN_OPTIONS,
      ...TRIAL_OPTIONS,
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
  const threshold = values.threshold === undefined ? costRate : numberOption("threshold", values.threshold, { min: 0 });
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const kept = await requestAccess({
    needs: [sourceAccess(values), values.resume ? { read: ["out"], write: ["out"] } : {}],
    keeps: { write: ["out", dirname(values.out)], what: "the report and its checkpoints" },
  });
  const { signal, dispose } = interruptSignal();
  try {
    const plan = planTraining(await readMarkets(values, signal), values);
    await using engine = await openChosenEngine(values.backend);
    const day = (time: number): string => new Date(time).toISOString().slice(0, 10);
    console.log(
      `Meta-training on ${plan.seen.join(", ")} before ${day(plan.testFrom)} (validation from ${
        day(plan.validationFrom)
      }), then ${plan.unseen.symbol}, never seen, after it.\nEngine: ${engine.info.backend}, ${engine.info.adapter}, ${engine.info.threads} thread(s)`,
    );
    const checkpoint = kept ? CHECKPOINT : undefined;
    const trained = await trainPlan(engine, plan, { checkpoint, resume: values.resume, signal });
    const pretrained = await pretrain(engine, plan.config, plan.batches(0), { seed: plan.seed, signal });
    const compared = await compareBaselines(engine, { metaLearned: trained.best, pretrained }, plan.unseen, {
      from: plan.testFrom,
      supportRows: plan.supportRows,
      horizon: plan.horizon,
      costRate,
      threshold,
      seed: plan.seed,
    });
    const [comparison] = await judgedByLog(await trialLog(values.trials, kept), [compared]);
    const [{ result }] = comparison.strategies;
    console.log(
      `\n${plan.unseen.symbol} from ${day(result.decisionTime[0])} to ${
        day(result.decisionTime[result.decisionTime.length - 1])
      }, ${result.time.length} bars, net of ${costRate} a trade; loss@k is the query loss after k adaptation steps,\ndeflated the deflated Sharpe ratio, significant above 0.95:\n`,
    );
    console.log(textTable(comparisonTable(comparison)));
    for (const note of result.notes) console.log(`Note: ${note}`);
    console.log(`\n${judge(comparison).sentences.join("\n")}`);
    if (!kept) return;
    const written = await writeOutputs({ page: values.out, trades: "trades.csv" }, [comparison], {
      title: `${plan.unseen.symbol}: few-shot adaptation backtest`,
      state: trained.best,
      settings: {
        "trained on": plan.seen.join(", "),
        "test from": day(plan.testFrom),
        "outer steps": plan.steps,
        "support bars": plan.supportRows,
        "inner steps": plan.config.inner.steps,
        horizon: plan.horizon,
        cost: costRate,
        threshold,
        seed: plan.seed,
      },
    });
    console.log(`\nWrote ${written.join(", ")}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
