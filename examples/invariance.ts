/**
 * Does a learner over markets fall for what goes with the future in every market of its training, and against it afterwards? A
 * column is planted that does; learners with and without a penalty on environments that differ are judged after the split, and on the
 * same markets without the column. `--help` says what it takes.
 * @module
 */
import { parseArgs } from "node:util";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { judge, learn, type Recipe } from "./invariance/learn.ts";
import { environmentsOf, type Planting } from "./invariance/planted.ts";
import { readMarkets, SOURCE_HELP, SOURCE_OPTIONS, sourceAccess } from "./market/source.ts";

const HELP =
  `Learners with and without invariance, on markets with a planted column that flips after the split, and without it.

deno run --allow-read=. examples/invariance.ts [options]

${SOURCE_HELP}
  --steps N          outer steps of each learner (default 600)
  --rex S            strength of risk extrapolation (default 30)
  --irm S            strength of invariant risk minimisation (default 30)
  --seeds N          seeds to average over (default 3)
  --backend NAME     auto, webgpu or cpu (default auto)
  --help             this text`;

/** With the label in training, in half of the environments more than in the others; against it after the split. */
const PLANTING: Planting = { even: 0.9, odd: 0.1, after: -0.6 };

interface Row {
  readonly name: string;
  readonly recipe: Recipe;
}

function recipes(rex: number, irm: number): Row[] {
  const penalties = [
    ["mean over environments", undefined],
    [`V-REx ${rex}`, { kind: "rex", strength: rex }],
    [`IRM ${irm}`, { kind: "irm", strength: irm }],
  ] as const;
  return [0, 3].flatMap((innerSteps) =>
    penalties.map(([name, invariance]) => ({
      name: `${innerSteps === 0 ? "one fit" : "MAML"}, ${name}`,
      recipe: { innerSteps, ...(invariance ? { invariance } : {}) },
    }))
  );
}

/** Mean and sample deviation over seeds, as text. */
function overSeeds(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return mean.toFixed(3) + (values.length > 1 ? ` ± ${Math.sqrt(squares / (values.length - 1)).toFixed(3)}` : "");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...SOURCE_OPTIONS,
      steps: { type: "string", default: "600" },
      rex: { type: "string", default: "30" },
      irm: { type: "string", default: "30" },
      seeds: { type: "string", default: "3" },
      backend: { type: "string", default: "auto" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const steps = numberOption("steps", values.steps, { min: 2, integer: true });
  const seeds = numberOption("seeds", values.seeds, { min: 1, integer: true });
  const rows = recipes(numberOption("rex", values.rex, { min: 0 }), numberOption("irm", values.irm, { min: 0 }));
  await requestAccess({ needs: [sourceAccess(values)] });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await readMarkets(values, signal);
    await using engine = await openChosenEngine(values.backend);
    const progress = progressLine();
    const table = [["learner", "R² before", "R² after the flip", "reliance on it", "R² after, without it"]];
    for (const { name, recipe } of rows) {
      const found: number[][] = [[], [], [], []];
      for (let seed = 1; seed <= seeds; seed++) {
        progress.update(`${name}, seed ${seed} of ${seeds}`);
        const planted = environmentsOf(markets, PLANTING, 7);
        const fooled = await learn(engine, planted, { recipe, steps, seed, signal });
        const before = await judge(engine, fooled, { rows: planted.train, seed });
        const after = await judge(engine, fooled, { rows: planted.test, seed });
        const real = environmentsOf(markets, null, 7);
        const plain = await learn(engine, real, { recipe, steps, seed, signal });
        const { r2 } = await judge(engine, plain, { rows: real.test, seed });
        [before.r2, after.r2, after.reliance, r2].forEach((value, i) => found[i].push(value));
      }
      table.push([name, ...found.map(overSeeds)]);
    }
    progress.done(`${rows.length} learners, ${seeds} seeds each`);
    console.log(
      `\nLog volatility of the next 5 bars on ${
        markets.map(({ symbol }) => symbol).join(", ")
      }; R² against the mean of the last 20 ` +
        `labels.\nPlanted: a column of correlation ${PLANTING.even} and ${PLANTING.odd} with the label before the split, ` +
        `${PLANTING.after} after it.\n`,
    );
    console.log(textTable(table));
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
