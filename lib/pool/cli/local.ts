/**
 * A pool for a try: `deno task pool` starts a NATS server on this machine and workers beside it, and says how to use them and how
 * another machine joins. All of it ends with SIGINT; what the server kept is deleted, unless it has a folder of its own.
 * @module
 */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { untilAborted } from "../../event_loop.ts";
import { isLoopback } from "../nats/address.ts";
import { serveJobs } from "../nats/serve.ts";

const HELP = `Starts a NATS server and workers on this machine until it is interrupted.

deno task pool [options]

  --host HOST     address that the server listens on (default 127.0.0.1); for other machines, one of a private network
  --port N        its port (default 4222)
  --token TOKEN   what workers and studies must know (default: one drawn)
  --threads N     jobs that run at once here (default: all cores); 0 for the server alone
  --store DIR     where the server keeps what is queued (default: a folder that is deleted at the end)
  --help          this text`;

/** How long the server has to start, ms. */
const START_MS = 5000;

/** Whether anything listens there. */
function listens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port }, () => resolve(true));
    socket.once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** Whether the server listens before it has ended, or the time is up. */
async function hasStarted(host: string, port: number, ended: AbortSignal): Promise<boolean> {
  for (const end = Date.now() + START_MS; Date.now() < end && !ended.aborted;) {
    if (await listens(host, port)) return !ended.aborted;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}

/** Starts the server. @throws {Error} There is none to start. */
function startServer(
  { host, port, token, folder }: Readonly<Record<"host" | "port" | "token" | "folder", string>>,
): Deno.ChildProcess {
  try {
    return new Deno.Command("nats-server", {
      args: ["-js", "-a", host, "-p", port, "--auth", token, "-sd", folder],
      stdin: "null",
      stdout: "null",
      stderr: "null",
      clearEnv: true,
      // An interrupt of the terminal's is for this process, which ends the server after its workers.
      detached: true,
    }).spawn();
  } catch (error) {
    throw new Error(`Cannot start a pool: ${(error as Error).message}; nats-server is a Debian package`, {
      cause: error,
    });
  }
}

/** Runs the command; resolves with its exit code. */
async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      host: { type: "string", default: "127.0.0.1" },
      port: { type: "string", default: "4222" },
      token: { type: "string", default: crypto.randomUUID().replaceAll("-", "") },
      threads: { type: "string" },
      store: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(HELP);
    return 0;
  }
  const { host, port, token } = values;
  if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    throw new RangeError(`Cannot start a pool: expected --port to be an integer from 1 to 65535, received "${port}"`);
  }
  if (await listens(host, Number(port))) {
    throw new Error(`Cannot start a pool: something listens on ${host}:${port} already; give another --port`);
  }
  const ends = new AbortController();
  let isInterrupted = false;
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => {
      isInterrupted = true;
      ends.abort();
    });
  }
  const folder = values.store ?? await mkdtemp(join(tmpdir(), "adaptrade-pool-"));
  const server = startServer({ host, port, token, folder });
  const ended = server.status;
  void ended.then(() => ends.abort());
  try {
    if (!await hasStarted(host, Number(port), ends.signal)) {
      if (isInterrupted) return 0;
      throw new Error(`Cannot start a pool: the nats-server that was started does not listen on ${host}:${port}`);
    }
    const at = `nats://${token}@${host}:${port}`;
    const others = isLoopback(host)
      ? "More workers of this machine join it, and those of others with --host ADDRESS, by"
      : "Another machine joins it by";
    console.log(`The pool is at ${at}\n${others}\n  deno task worker ${at}`);
    if (values.threads === "0") await untilAborted(ended, ends.signal).catch(() => {/* it was interrupted */});
    else {
      const threads = values.threads === undefined ? {} : { threads: Number(values.threads) };
      await serveJobs(at, { ...threads, signal: ends.signal, onEvent: (line) => console.log(line) });
    }
    if (!isInterrupted) throw new Error("Cannot go on with the pool: its nats-server ended");
    return 0;
  } finally {
    try {
      server.kill();
    } catch {
      // It has ended by itself.
    }
    await ended;
    if (values.store === undefined) await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  try {
    process.exitCode = await main(process.argv.slice(2));
  } catch (error) {
    console.error((error as Error).message);
    process.exitCode = 1;
  }
}
