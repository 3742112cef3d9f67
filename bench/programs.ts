/**
 * Races generated programs against JAX and PyTorch on the reference network and on lstm, tcn and attention:
 * one outer step's gradient, second order. `deno run --allow-all bench/programs.ts [--seconds S] [--models a,b] [--peers jax,torch] [--write]`.
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { attention, lstm, maml, metaInit, metaTrain, mlp, type Model, random, tcn } from "@adaptrade/adaptrade";
import { openCpuEngine } from "../lib/engine/cpu/open.ts";
import { machine } from "./machine.ts";
import { keepSection } from "./sections.ts";

const PEER = new URL("./peers/models.py", import.meta.url).pathname;
const PYTHON = Deno.env.get("ADAPTRADE_BENCH_PYTHON") ?? "python3";
/** A peer that has not answered by then is left out. */
const PATIENCE_MS = 150_000;

const SEQUENCE = { time: 20, features: 10, outputs: 1 };
const MODELS: Readonly<Record<string, { readonly tasks: readonly number[]; readonly make: () => Model }>> = {
  mlp: { tasks: [1, 4, 16, 64, 256], make: () => mlp({ inputs: 10, hidden: [64, 64], outputs: 1 }) },
  lstm: { tasks: [1, 16, 64], make: () => lstm({ ...SEQUENCE, hidden: 32 }) },
  tcn: { tasks: [1, 16, 64], make: () => tcn({ ...SEQUENCE, channels: [32, 32], taps: 3 }) },
  attention: { tasks: [1, 16, 64], make: () => attention({ ...SEQUENCE, width: 32 }) },
};

/** First result (building, compiling and tracing included), repeated times, and processor time of a step on all threads; ms. */
interface Measured {
  readonly first: number;
  readonly times: readonly number[];
  readonly cpu: number;
}

/** Processor time of this process so far, ms. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

async function timeOurs(
  net: Model,
  options: { readonly threads?: number },
  { tasks: count, seconds }: { readonly tasks: number; readonly seconds: number },
): Promise<Measured> {
  await using engine = await openCpuEngine(options);
  const stream = random(1);
  const samples = (rows: number) => ({
    rows,
    x: Float32Array.from({ length: rows * net.inputs }, () => stream.normal()),
    y: Float32Array.from({ length: rows }, () => stream.normal()),
  });
  const tasks = Array.from({ length: count }, () => ({ support: samples(20), query: samples(10) }));
  const state = metaInit(maml({ net, inner: { steps: 5, lr: 0.01 }, outer: { lr: 1e-3 } }), { seed: 1 });
  const training = metaTrain(
    engine,
    state,
    (function* () {
      while (true) yield tasks;
    })(),
  );
  const step = async (): Promise<number> => {
    const start = performance.now();
    await training.next();
    return performance.now() - start;
  };
  const first = await step();
  const times: number[] = [];
  // Hosts compile again what turns out to be hot: that is not a step's work.
  const warm = performance.now() + 500 * seconds;
  while (performance.now() < warm) await step();
  const [end, used] = [performance.now() + 1000 * seconds, processorTime()];
  while (times.length < 5 || performance.now() < end) times.push(await step());
  const cpu = (processorTime() - used) / times.length;
  await training.return(state);
  return { first, times, cpu };
}

async function timePeer(who: string, model: string, tasks: number, seconds: number): Promise<Measured | undefined> {
  const { success, stdout } = await new Deno.Command(PYTHON, {
    args: [PEER, who, model, String(tasks), String(seconds)],
    signal: AbortSignal.timeout(PATIENCE_MS),
    stderr: "null",
  }).output().catch(() => ({ success: false, stdout: new Uint8Array() }));
  return success ? JSON.parse(new TextDecoder().decode(stdout)) as Measured : undefined;
}

function render(problem: string, rows: readonly (readonly [string, Measured | undefined])[]): string[] {
  const least = (measured: Measured): number => Math.min(...measured.times);
  const ours = rows[0][1]!;
  return rows.map(([who, measured]) => {
    if (!measured) return `| ${problem} | ${who} | left out | | | | |`;
    const median = [...measured.times].sort((a, b) => a - b)[measured.times.length >> 1];
    const figures = [least(measured), median, measured.cpu].map((ms) => ms.toFixed(3)).join(" | ");
    const ratio = (measured.cpu / ours.cpu).toFixed(2);
    return `| ${problem} | ${who} | ${figures} | ${ratio} | ${measured.first.toFixed(0)} |`;
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seconds: { type: "string" },
      models: { type: "string" },
      peers: { type: "string" },
      write: { type: "boolean", default: false },
    },
  });
  const seconds = Number(values.seconds ?? 2);
  const peers = values.peers?.split(",") ?? ["jax", "torch"];
  const lines = [
    "| model, tasks | who | least ms | median ms | processor ms | × first row (processor) | first result, ms |",
    "| --- | --- | ---: | ---: | ---: | ---: | ---: |",
  ];
  for (const model of values.models?.split(",") ?? Object.keys(MODELS)) {
    const { tasks, make } = MODELS[model];
    for (const count of tasks) {
      const sizes = { tasks: count, seconds };
      const rows: [string, Measured | undefined][] = [
        ["program, 1 thread", await timeOurs(make(), { threads: 1 }, sizes)],
        ["program, all threads", await timeOurs(make(), {}, sizes)],
      ];
      for (const peer of peers) rows.push([peer, await timePeer(peer, model, count, seconds)]);
      const rendered = render(`${model}, ${count}`, rows);
      console.log(rendered.join("\n"));
      lines.push(...rendered);
    }
  }
  if (!values.write) return;
  const date = new Date().toISOString().slice(0, 10);
  const text = `${await machine()} ${date}, ${seconds} s each.\n\n${lines.join("\n")}`;
  await keepSection({ file: "README.md", name: "programs" }, text);
}

if (import.meta.main) await main();
