/**
 * Few-shot classification of market conditions: forty labelled rows of a market never seen, then its regime or its direction five bars
 * ahead. Learners over markets beside what the support alone allows. `--help` says what it takes.
 * @module
 */
import { parseArgs } from "node:util";
import { type Candles, type Engine, readCandlesDir } from "@adaptrade/adaptrade";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { baselines, forecastsBy, learn, LEARNERS } from "./few_shot_classes/forecasters.ts";
import { type ClassScore, scoreClasses } from "./few_shot_classes/score.ts";
import { type ClassMarkets, type ClassProblem, directionProblem, regimeProblem } from "./few_shot_classes/tasks.ts";
import { sampleSplit } from "./methods/problems.ts";

const HELP = `Regimes and directions of markets never seen, from forty labelled rows each.

deno run --allow-read=. examples/few_shot_classes.ts [options]

  --csv DIR          markets of one's own, with --unseen and --from (default: the sample, NASDAQ unseen, from 2010-10)
  --unseen A,B       markets that are judged on and never learned from
  --from DATE        first time that is judged; labels learned from were known before
  --steps N          outer steps of each learner (default 600)
  --tests N          tasks to be judged on (default 300)
  --seeds N          seeds to average over (default 3)
  --backend NAME     auto, webgpu or cpu (default auto)
  --help             this text

Regimes are labelled point in time. Every forecast's probabilities are held to at least 1%.`;

async function marketsOf(
  { csv, unseen, from }: { csv?: string; unseen?: string; from?: string },
): Promise<ClassMarkets> {
  const given = [csv, unseen, from].filter((one) => one !== undefined).length;
  if (given === 0) return await sampleSplit();
  if (csv === undefined || unseen === undefined || from === undefined) {
    throw new UsageError("--csv, --unseen and --from go together");
  }
  const time = Date.parse(from);
  if (Number.isNaN(time)) throw new UsageError(`--from must be a date, got "${from}"`);
  const names = unseen.split(",");
  const all = await readCandlesDir(csv);
  const missing = names.find((name) => !all.some(({ symbol }) => symbol === name));
  if (missing !== undefined) {
    throw new UsageError(
      `--unseen must name markets of ${csv} (${all.map(({ symbol }) => symbol).join(", ")}), got "${missing}"`,
    );
  }
  const isUnseen = ({ symbol }: Candles): boolean => names.includes(symbol);
  return { train: all.filter((one) => !isUnseen(one)), test: all.filter(isUnseen), from: time };
}

function rowOf(name: string, scores: readonly ClassScore[]): string[] {
  const cell = (pick: (score: ClassScore) => number): string => {
    const values = scores.map(pick);
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    const half = (Math.max(...values) - Math.min(...values)) / 2;
    return mean.toFixed(3) + (values.length > 1 ? ` ± ${half.toFixed(3)}` : "");
  };
  return [
    name,
    cell(({ accuracy }) => accuracy),
    cell(({ logLoss }) => logLoss),
    cell(({ calibrationError }) => calibrationError),
  ];
}

/** The table of a problem. */
async function tableOf(
  engine: Engine,
  problem: ClassProblem,
  run: {
    readonly steps: number;
    readonly seeds: number;
    readonly signal: AbortSignal;
    readonly told: (text: string) => void;
  },
): Promise<string[][]> {
  const { steps, seeds, signal, told } = run;
  const rows = [["", "accuracy", "log loss", "calibration error"]];
  for (const [name, forecasts] of Object.entries(await baselines(engine, problem))) {
    rows.push(rowOf(name, [scoreClasses(forecasts)]));
  }
  for (const [name, start] of Object.entries(LEARNERS)) {
    const scores: ClassScore[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      told(`${problem.title}: ${name}, seed ${seed} of ${seeds}`);
      const state = await learn(engine, start(problem, { seed, steps }), { problem, steps, seed, signal });
      scores.push(scoreClasses(await forecastsBy(engine, state, problem.tests)));
    }
    rows.push(rowOf(name, scores));
  }
  return rows;
}

async function main(): Promise<void> {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    options: {
      csv: text,
      unseen: text,
      from: text,
      steps: { ...text, default: "600" },
      tests: { ...text, default: "300" },
      seeds: { ...text, default: "3" },
      backend: { ...text, default: "auto" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const [steps, tests, seeds] = (["steps", "tests", "seeds"] as const)
    .map((name) => numberOption(name, values[name], { min: 1, integer: true }));
  await requestAccess({ needs: values.csv === undefined ? [] : [{ read: [values.csv] }] });
  const { signal, dispose } = interruptSignal();
  try {
    const markets = await marketsOf(values);
    await using engine = await openChosenEngine(values.backend);
    const line = progressLine();
    for (const make of [regimeProblem, directionProblem]) {
      const problem = make(markets, { tasks: 8, tests });
      const table = await tableOf(engine, problem, { steps, seeds, signal, told: line.update });
      line.done(`${problem.title}: ${problem.classes.join(", ")}`);
      console.log(
        `\n${problem.title}, ${tests} tasks of ${markets.test.map(({ symbol }) => symbol).join(", ")} from ${
          new Date(markets.from).toISOString().slice(0, 10)
        }; learned from ${markets.train.map(({ symbol }) => symbol).join(", ")} before it:\n\n${textTable(table)}\n`,
      );
    }
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
