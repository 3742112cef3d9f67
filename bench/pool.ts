/**
 * What a job costs beside itself: jobs a second on threads of this machine and over a NATS server on loopback, the processor time
 * of each process a job (Linux), and what that makes of 1,000 workers and a million jobs on paper.
 *
 * deno run -A bench/pool.ts [JOBS]
 * @module
 */
import { openPool, type Pool } from "@adaptrade/adaptrade/pool";
import { startServer, startWorker } from "../tests/pool/nats_server.ts";
import { type PoolModel, simulatePool } from "./pool_simulation.ts";

const KINDS = [import.meta.resolve("./pool_kinds.ts")];
const JOBS = Number(Deno.args[0] ?? 2000);
/** 1 Gbit/s. */
const BYTES_PER_MS = 117_000;

/** Processor time of a process so far, ms; Linux counts it in hundredths of a second. */
function cpuMs(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const [user, system] = stat.slice(stat.lastIndexOf(")") + 2).split(" ").slice(11, 13).map(Number);
  return (user + system) * 10;
}

/** What a job takes: of the clock, and of each process. */
interface Cost {
  readonly ms: number;
  readonly cpu: Readonly<Record<string, number>>;
}

/** Every run has jobs of its own: results of the same ones are there already. */
let runs = 0;

/** Runs jobs whose inputs and results have so many bytes, each another. */
async function cost(pool: Pool, bytes: number, pids: Readonly<Record<string, number>>): Promise<Cost> {
  const run = async (count: number, first: number): Promise<void> => {
    const input = await pool.put(new Uint8Array(bytes).fill(first));
    await pool.map(Array.from({ length: count }, (_, i) => ({
      kind: "carried",
      version: 1,
      inputs: [input],
      params: first + i,
      seed: bytes,
    })));
  };
  await run(50, runs++ * 1e6 + JOBS);
  const before = Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
  const start = performance.now();
  await run(JOBS, runs++ * 1e6);
  const ms = (performance.now() - start) / JOBS;
  const cpu = Object.entries(pids).map(([name, pid]) => [name, (cpuMs(pid) - before[name]) / JOBS]);
  return { ms, cpu: Object.fromEntries(cpu) };
}

function say(name: string, bytes: number, { ms, cpu }: Cost): void {
  const parts = Object.entries(cpu).map(([who, value]) => `${who} ${value.toFixed(2)}`).join(", ");
  console.log(
    `${name.padEnd(28)} ${String(bytes).padStart(6)} B  ${ms.toFixed(2)} ms a job, ${
      Math.round(1000 / ms)
    } a second  cpu ms: ${parts}`,
  );
}

const here = { coordinator: Deno.pid };
for (const bytes of [100, 60_000]) {
  await using pool = await openPool("local", { workers: 1, kinds: KINDS });
  say("local, 1 thread", bytes, await cost(pool, bytes, here));
}
let way: Cost | undefined;
await using server = await startServer();
const worker = await startWorker(server.at, 10_000, KINDS);
for (const journal of [undefined, `${server.folder}/results.db`]) {
  for (const bytes of [100, 60_000]) {
    await using pool = await openPool(server.at, journal === undefined ? {} : { journal: `${journal}-${bytes}` });
    const pids = { ...here, broker: server.pid(), worker: worker.pid };
    const found = await cost(pool, bytes, pids);
    say(journal ? "NATS, 1 thread, journal" : "NATS, 1 thread", bytes, found);
    if (journal && bytes === 60_000) way = found;
  }
}
worker.kill("SIGTERM");
await worker.status;

const { coordinator, broker, worker: carrier } = way!.cpu;
console.log(
  "\nOn paper, 1,000 workers and 1,000,000 jobs of 60 KB in and out, with the costs of the last row and 1 Gbit/s:",
);
for (const jobMs of [100, 1000, 2000, 10_000]) {
  const model: PoolModel = {
    workers: 1000,
    jobs: 1_000_000,
    jobMs,
    coordinatorMs: coordinator,
    brokerMs: broker,
    workerMs: carrier,
    // Each way: an input and a result come to the server, and both go on.
    bytes: 2 * 60_000,
    bytesPerMs: BYTES_PER_MS,
    atOnce: 4096,
  };
  const { ms, busy, limit } = simulatePool(model);
  const parts = Object.entries(busy).map(([who, share]) => `${who} ${(100 * share).toFixed(0)}%`).join(", ");
  console.log(
    `jobs of ${jobMs} ms: ${(ms / 3.6e6).toFixed(2)} h, ${
      Math.round(1e6 / ms * 1000)
    } jobs a second, ${parts}; at its limit: ${limit}`,
  );
}
