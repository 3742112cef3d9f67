/**
 * Which method? Every method of the library on the same tasks with the same budget: the field's sinusoids, next-hour volatility, 5-day
 * volatility of the sample, and classes of direction. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { DivergedError, type Engine, metaTrain, readCandlesDir, type Task } from "@adaptrade/adaptrade";
import { requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { classShares, methodLosses, plainLosses } from "./methods/judge.ts";
import { type Contender, CONTENDERS } from "./methods/methods.ts";
import { renderMethods } from "./methods/page.ts";
import {
  direction,
  type Markets,
  type Problem,
  sampleSplit,
  shuffled,
  simulatedSplit,
  sinusoid,
  type Sizes,
  volatility,
} from "./methods/problems.ts";

const HELP = `Every method on the same tasks with the same budget, judged on markets never seen.

deno run --allow-read=. --allow-write=out examples/methods.ts [options]

  --steps N          outer steps of every method (default 600)
  --tasks N          tasks a step (default 8)
  --tests N          tasks to be judged on (default 300)
  --seeds N          seeds to average over (default 3)
  --shuffle          judge on supports whose rows are in random order: what did their order tell?
  --problems A,B     sinusoid, hour, days, direction (default all)
  --only A,B         methods whose names hold one of these
  --train DIR        hourly markets to learn from for "hour", with --test DIR and --from DATE (default: simulated ones)
  --test DIR         hourly markets to be judged on
  --from DATE        first time that is judged; labels learned from were known before
  --backend NAME     auto, webgpu or cpu (default auto)
  --out FILE         page (default out/methods.html)
  --help             this text

Figures are losses on query rows over those of a forecast of the support's mean, or of the shares that classes have among the tasks
learned from: below 1 is skill.`;

interface Options {
  readonly steps: number;
  readonly seeds: number;
  readonly sizes: Sizes;
  readonly shuffle: boolean;
  readonly problems: readonly string[];
  readonly only: readonly string[] | undefined;
  readonly hourly: { readonly train: string; readonly test: string; readonly from: number } | undefined;
  readonly backend: string;
  readonly out: string;
}

const PROBLEMS = ["sinusoid", "hour", "days", "direction"];

function readOptions(args: string[]): Options | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({
    args,
    options: {
      steps: { ...text, default: "600" },
      tasks: { ...text, default: "8" },
      tests: { ...text, default: "300" },
      seeds: { ...text, default: "3" },
      shuffle: { type: "boolean", default: false },
      problems: { ...text, default: PROBLEMS.join(",") },
      only: text,
      train: text,
      test: text,
      from: text,
      backend: { ...text, default: "auto" },
      out: { ...text, default: "out/methods.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  const count = (name: "steps" | "tasks" | "tests" | "seeds"): number =>
    numberOption(name, values[name], { min: 1, integer: true });
  const problems = values.problems.split(",");
  const unknown = problems.find((id) => !PROBLEMS.includes(id));
  if (unknown !== undefined) throw new UsageError(`--problems must name ${PROBLEMS.join(", ")}, got "${unknown}"`);
  const { train, test, from } = values;
  const given = [train, test, from].filter((one) => one !== undefined).length;
  if (given !== 0 && given !== 3) throw new UsageError("--train, --test and --from go together");
  const time = from === undefined ? 0 : Date.parse(from);
  if (Number.isNaN(time)) throw new UsageError(`--from must be a date, got "${from}"`);
  return {
    steps: count("steps"),
    seeds: count("seeds"),
    sizes: { tasks: count("tasks"), tests: count("tests") },
    shuffle: values.shuffle,
    problems,
    only: values.only?.split(","),
    hourly: train !== undefined && test !== undefined ? { train, test, from: time } : undefined,
    backend: values.backend,
    out: values.out,
  };
}

async function problemOf(id: string, { sizes, hourly }: Options): Promise<Problem> {
  if (id === "sinusoid") return sinusoid(sizes);
  if (id === "days") return volatility({ id, title: "5-day volatility" }, await sampleSplit(), { horizon: 5, sizes });
  if (id === "direction") return direction(await sampleSplit(), sizes);
  const markets: Markets = hourly
    ? { train: await readCandlesDir(hourly.train), test: await readCandlesDir(hourly.test), from: hourly.from }
    : simulatedSplit();
  const title = `next-hour volatility${hourly ? "" : ", simulated"}`;
  return volatility({ id, title }, markets, { horizon: 1, sizes });
}

/** A method's loss over that of what needs no method; Infinity where its training or its answers diverged, undefined where it is not for the problem. */
async function judged(
  engine: Engine,
  contender: Contender,
  run: {
    readonly problem: Problem;
    /** Shares of the classes among tasks to learn from; absent where targets are numbers. */
    readonly shares: readonly number[] | undefined;
    readonly seed: number;
    readonly steps: number;
    readonly signal: AbortSignal;
  },
): Promise<number | undefined> {
  const { problem, seed, steps, signal } = run;
  let state = contender.start(problem, { seed, batches: steps });
  if (!state) return undefined;
  const source = contender.simulated ? problem.simulated!(seed) : problem.batches(seed);
  function* batches() {
    let left = steps;
    for (const batch of source) {
      yield batch;
      if (--left === 0) return;
    }
  }
  const { tests: tasks, classes } = problem;
  try {
    for await (const progress of metaTrain(engine, state, batches(), { every: steps, signal })) state = progress.state;
    return mean(await methodLosses(engine, state, { tasks, classes })) / mean(plainLosses(tasks, run.shares));
  } catch (error) {
    if (error instanceof DivergedError) return Infinity;
    throw error;
  }
}

/** Tasks of the first batches of a seed that no training has. */
function learnedFrom(problem: Problem): Task[] {
  const tasks: Task[] = [];
  for (const batch of problem.batches(0)) {
    tasks.push(...batch);
    if (tasks.length >= 500) break;
  }
  return tasks;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value / values.length, 0);
}

/** Mean, and half of what lies between the least and the most. */
function cellOf(values: readonly (number | undefined)[]): string {
  const found = values.filter((value) => value !== undefined);
  if (found.length === 0) return "–";
  if (!found.every(Number.isFinite)) return "diverged";
  const half = (Math.max(...found) - Math.min(...found)) / 2;
  return mean(found).toFixed(3) + (found.length > 1 ? ` ± ${half.toFixed(3)}` : "");
}

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  if (!options) return console.log(HELP);
  const { steps, seeds, sizes, only, hourly, out } = options;
  const contenders = CONTENDERS.filter(({ name }) => !only || only.some((part) => name.includes(part)));
  if (contenders.length === 0) throw new UsageError(`--only must name a method, got "${only}"`);
  const kept = await requestAccess({
    needs: hourly ? [{ read: [hourly.train, hourly.test] }] : [],
    keeps: { write: [dirname(out)], what: "the page" },
  });
  await using engine = await openChosenEngine(options.backend);
  const { signal, dispose } = interruptSignal();
  try {
    const line = progressLine();
    const problems: Problem[] = [];
    const columns: string[][] = [];
    for (const id of options.problems) {
      const whole = await problemOf(id, options);
      const problem = options.shuffle ? { ...whole, tests: whole.tests.map(shuffled) } : whole;
      const shares = problem.classes ? classShares(learnedFrom(problem)) : undefined;
      const column: string[] = [];
      for (const contender of contenders) {
        const found: (number | undefined)[] = [];
        for (let seed = 1; seed <= seeds; seed++) {
          line.update(`${problem.title}: ${contender.name}, seed ${seed} of ${seeds}`);
          found.push(await judged(engine, contender, { problem, shares, seed, steps, signal }));
        }
        column.push(cellOf(found));
      }
      problems.push(problem);
      columns.push(column);
    }
    line.done(`${steps} outer steps of ${sizes.tasks} tasks, ${seeds} seeds, judged on ${sizes.tests} tasks`);
    const table = [
      ["method", ...problems.map(({ title }) => title)],
      ...contenders.map(({ name }, i) => [name, ...columns.map((column) => column[i])]),
    ];
    console.log(
      `\nLoss over that of the support's mean, or of the classes' shares; mean over seeds ± half their range:\n\n${
        textTable(table)
      }`,
    );
    if (!kept) return;
    await Deno.mkdir(dirname(out), { recursive: true });
    await Deno.writeTextFile(out, renderMethods(table, { steps, seeds, ...sizes }));
    console.log(`\nWrote ${out}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
