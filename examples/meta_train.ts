/**
 * Data to checkpoint: the training of `multi_asset.ts` by itself. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { learningRates } from "@adaptrade/adaptrade";
import { requestAccess } from "./access.ts";
import { interruptSignal, runMain, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { PLAN_HELP, PLAN_OPTIONS, planTraining } from "./market/plan.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";
import { bestPath, trainPlan } from "./market/training.ts";

const HELP = `Meta-trains on many markets and writes a checkpoint.

deno run --allow-read=. --allow-write=out examples/meta_train.ts [options]

${SOURCE_HELP}
${PLAN_HELP}
  --backend NAME     auto, webgpu or cpu (default auto)
  --checkpoint FILE  what to write (default out/meta_train.ckpt; the best state lies beside it as FILE.best.ckpt)
  --resume           continue the checkpoint if it is there
  --help             this text`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      ...PLAN_OPTIONS,
      backend: { type: "string", default: "auto" },
      checkpoint: { type: "string", default: "out/meta_train.ckpt" },
      resume: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  const folder = dirname(values.checkpoint);
  await requestAccess({ needs: [sourceAccess(values), { read: [folder], write: [folder] }] });
  const { signal, dispose } = interruptSignal();
  try {
    const plan = planTraining(await readMarkets(values, signal), values);
    await using engine = await openChosenEngine(values.backend);
    const { best, validationLoss } = await trainPlan(engine, plan, { ...values, signal });
    for (const { layer, mean } of learningRates(best)) console.log(`layer ${layer}: inner rate ${mean.toPrecision(3)}`);
    console.log(
      `Wrote ${values.checkpoint} and ${bestPath(values.checkpoint)} (validation loss ${validationLoss.toFixed(4)})`,
    );
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
