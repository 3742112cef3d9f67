/**
 * A worker of a pool on a NATS server: `deno task worker nats://TOKEN@HOST`. It ends on SIGINT and SIGTERM and gives back what it
 * has not done.
 * @module
 */
import process from "node:process";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import type { PoolBuild } from "../job_engine.ts";
import { serveJobs } from "../nats/serve.ts";

const HELP = `Runs jobs of the pool at a NATS server until it is interrupted.

deno task worker nats://TOKEN@HOST[:PORT] [options]

  --threads N     jobs that run at once (default: all cores)
  --build NAME    relaxed or simd: the kernels that all of the pool must have (default: the fastest of this machine)
  --kinds FILE    a module that exports job kinds of one's own; may be given again
  --silence MS    how long a worker may be silent before its job goes to another (default 10,000)
  --name NAME     what lists and logs call it
  --help          this text`;

/** Runs the command; resolves with its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      threads: { type: "string" },
      build: { type: "string" },
      kinds: { type: "string", multiple: true, default: [] },
      silence: { type: "string" },
      name: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help || positionals.length !== 1) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const ends = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => ends.abort());
  await serveJobs(positionals[0], {
    kinds: values.kinds.map((file) => /^\w+:\/\//.test(file) ? file : pathToFileURL(file).href),
    signal: ends.signal,
    onEvent: (line) => console.log(line),
    ...(values.threads === undefined ? {} : { threads: Number(values.threads) }),
    ...(values.silence === undefined ? {} : { silence: Number(values.silence) }),
    ...(values.build === undefined ? {} : { build: values.build as PoolBuild }),
    ...(values.name === undefined ? {} : { name: values.name }),
  });
  return 0;
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
