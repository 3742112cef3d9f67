/**
 * Reproduces the sinusoid regression of Finn et al. 2017 (section 5.1 and table 2): every method trained on the same tasks
 * and tested on the same 600 new ones. `--help` says what it takes.
 * @module
 */
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import {
  DivergedError,
  type Engine,
  loadState,
  metaInit,
  type MetaState,
  metaTrain,
  type Task,
} from "@adaptrade/adaptrade";
import { keepState, requestAccess } from "./access.ts";
import { interruptSignal, numberOption, progressLine, runMain, textTable, UsageError } from "./cli.ts";
import { openChosenEngine } from "./engine.ts";
import { fittedCurves, testErrors } from "./sinusoid/evaluate.ts";
import { type Method, methods } from "./sinusoid/methods.ts";
import { type CurvePanel, renderSinusoidReport } from "./sinusoid/report.ts";
import { type ErrorSummary, summarise } from "./sinusoid/statistics.ts";
import { testTasks, trainingBatch } from "./sinusoid/tasks.ts";

const HELP = `Reproduces the sinusoid table of Finn et al. 2017 (MAML, section 5.1 and table 2).

deno run --allow-read=. --allow-write=out examples/sinusoid.ts [options]

  --quick            2,000 outer steps and 100 test tasks instead of 70,000 and 600 (under a minute)
  --iterations N     outer steps of every method
  --only A,B         methods: pretrained, maml, fomaml, reptile, anil, meta_sgd, maml_plus_plus, imaml
  --seed N           seed of parameters and tasks (default 1)
  --backend NAME     auto, webgpu or cpu (default auto)
  --resume           continue the checkpoints in out/sinusoid/ instead of starting again
  --out FILE         report (default out/sinusoid.html)
  --help             this text

Ctrl-C stops cleanly: each method's progress stays in out/sinusoid/.`;

const TRAINING = { tasks: 25, rows: 10 };
const SHOTS = 5;
const TEST_STEPS = [1, 5, 10];
const PAPER: Readonly<Record<string, readonly string[]>> = {
  pretrained: ["2.41", "2.23", "2.19"],
  maml: ["0.67", "0.38", "0.35"],
};

interface Options {
  readonly iterations: number;
  readonly testCount: number;
  readonly seed: number;
  readonly backend: string;
  readonly only: readonly string[] | undefined;
  readonly resume: boolean;
  readonly out: string;
}

function readOptions(args: string[]): Options | undefined {
  const { values } = parseArgs({
    args,
    options: {
      quick: { type: "boolean", default: false },
      iterations: { type: "string" },
      only: { type: "string" },
      seed: { type: "string", default: "1" },
      backend: { type: "string", default: "auto" },
      resume: { type: "boolean", default: false },
      out: { type: "string", default: "out/sinusoid.html" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return undefined;
  if (!["auto", "webgpu", "cpu"].includes(values.backend)) {
    throw new UsageError(`--backend must be auto, webgpu or cpu, got "${values.backend}"`);
  }
  return {
    iterations: values.iterations
      ? numberOption("iterations", values.iterations, { min: 1, integer: true })
      : values.quick
      ? 2000
      : 70_000,
    testCount: values.quick ? 100 : 600,
    seed: numberOption("seed", values.seed, { min: 0, integer: true }),
    backend: values.backend,
    only: values.only?.split(","),
    resume: values.resume,
    out: values.out,
  };
}

function chosenMethods({ iterations, only }: Options): Method[] {
  const all = methods(iterations);
  if (!only) return all;
  const unknown = only.find((id) => !all.some((method) => method.id === id));
  if (unknown !== undefined) {
    throw new UsageError(`--only must name ${all.map(({ id }) => id).join(", ")}, got "${unknown}"`);
  }
  return all.filter(({ id }) => only.includes(id));
}

function* batches(method: Method, options: Options, from: number): Generator<Task[]> {
  for (let i = from; i < options.iterations; i++) {
    const tasks = trainingBatch(options.seed, i, TRAINING);
    yield method.prepare ? tasks.map(method.prepare) : tasks;
  }
}

async function train(
  engine: Engine,
  method: Method,
  run: { readonly options: Options; readonly kept: boolean; readonly signal: AbortSignal },
): Promise<MetaState> {
  const { options, kept, signal } = run;
  const path = `out/sinusoid/${method.id}-${options.iterations}-seed${options.seed}.ckpt`;
  let state = metaInit(method.config, { seed: options.seed });
  if (options.resume) {
    const saved = await loadState(path).catch((error) => {
      if (error.code === "ENOENT") return undefined;
      throw error;
    });
    state = saved ?? state;
  }
  const line = progressLine();
  const started = performance.now();
  const from = state.step;
  const every = 500;
  try {
    for await (const progress of metaTrain(engine, state, batches(method, options, from), { every, signal })) {
      state = progress.state;
      const seconds = (performance.now() - started) / 1000;
      const left = seconds / (state.step - from) * (options.iterations - state.step);
      line.update(
        `${method.title}: step ${state.step} of ${options.iterations}, loss ${progress.meanLoss.toFixed(4)}, ` +
          `${left.toFixed(0)} s left`,
      );
      if (kept && (state.step % 10_000 === 0 || signal.aborted)) await keepState(path, state);
    }
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    state = error.state;
    line.done(`${method.title}: ${error.message}; going on with the state before it`);
  }
  if (kept) await keepState(path, state);
  line.done(`${method.title}: ${state.step} steps, ${((performance.now() - started) / 1000).toFixed(1)} s`);
  return state;
}

function tableOf(rows: readonly { method: Method; summaries: readonly ErrorSummary[] }[]): string[][] {
  const header = ["method", ...TEST_STEPS.flatMap((k) => [`step ${k}`, "±95%", "median", "99% trimmed", "paper"])];
  return [
    header,
    ...rows.map(({ method, summaries }) => [
      method.title,
      ...summaries.flatMap(({ mean, halfWidth, median, trimmed }, i) => [
        ...[mean, halfWidth, median, trimmed].map((value) => Number.isFinite(value) ? value.toFixed(3) : "diverged"),
        PAPER[method.id]?.[i] ?? "–",
      ]),
    ]),
  ];
}

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  if (!options) return console.log(HELP);
  const chosen = chosenMethods(options);
  const kept = await requestAccess({
    needs: options.resume ? [{ read: ["out"], write: ["out"] }] : [],
    keeps: { write: ["out", dirname(options.out)], what: "the report and its checkpoints" },
  });
  await using engine = await openChosenEngine(options.backend);
  const { signal, dispose } = interruptSignal();
  try {
    if (kept) await Deno.mkdir("out/sinusoid", { recursive: true });
    console.log(
      `Sinusoid regression on ${engine.info.backend} (${engine.info.adapter}, ${engine.info.threads} threads): ` +
        `${options.iterations} outer steps of ${TRAINING.tasks} tasks, ${SHOTS}-shot test on ${options.testCount} new curves`,
    );
    const started = performance.now();
    const tests = testTasks(options.seed, options.testCount, SHOTS);
    const rows: { method: Method; state: MetaState; summaries: ErrorSummary[]; errors: number[][] }[] = [];
    for (const method of chosen) {
      const state = await train(engine, method, { options, kept, signal });
      const errors: number[][] = [];
      for (const steps of [0, ...TEST_STEPS]) errors.push(await testErrors(engine, state, { tasks: tests, steps }));
      rows.push({ method, state, summaries: errors.slice(1).map(summarise), errors });
    }
    const table = tableOf(rows);
    console.log(`\nMean squared error after adaptation to ${SHOTS} points:\n\n${textTable(table)}`);
    console.log(`\n${((performance.now() - started) / 1000).toFixed(0)} s in all`);
    if (!kept) return;
    const shown = tests.slice(0, 3);
    const panels: CurvePanel[] = [];
    for (const { method, state } of rows) {
      const fits = await Promise.all(
        [0, ...TEST_STEPS].map((steps) => fittedCurves(engine, state, { tasks: shown, steps })),
      );
      shown.forEach((task, t) => panels.push({ method: method.title, task, fits: fits.map((curves) => curves[t]) }));
    }
    await Deno.writeTextFile(options.out, renderSinusoidReport({ table, panels, steps: [0, ...TEST_STEPS] }));
    console.log(`Wrote ${options.out}`);
  } finally {
    dispose();
  }
}

if (import.meta.main) await runMain(main);
