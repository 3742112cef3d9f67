/** A NATS server of a test's own on this machine, and workers as processes, both of which can be killed. */
import { permits } from "../permissions.ts";

const MAY = permits("read", "write", "run", "net", "env");

function isInstalled(): boolean {
  try {
    return new Deno.Command("nats-server", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync()
      .success;
  } catch {
    return false;
  }
}

/** Whether there is a server to start. */
export const HAS_NATS: boolean = MAY && isInstalled();

/** What is skipped without one, and the command that makes it run; undefined where nothing is. */
export const natsSkips: string | undefined = MAY && !HAS_NATS
  ? "Tests with a NATS server: none installed; after apt-get install nats-server (Debian) they run"
  : undefined;

/** `Deno.test` for tests that start a server. */
export function testNats(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !HAS_NATS, fn });
}

/** The test's own kinds, for workers. */
export const KINDS: readonly string[] = [import.meta.resolve("./own_kinds.ts")];

/** Running. */
export interface TestServer extends AsyncDisposable {
  /** Its address for pools and workers. */
  readonly at: string;
  /** Folder for whatever the test writes. */
  readonly folder: string;
  /** The process that runs now. */
  pid(): number;
  /** Ends it without a word, and starts it again; `empty` deletes its data before, `token` is the one that it has then. */
  restart(options?: { readonly empty?: boolean; readonly token?: string }): Promise<void>;
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await connection.read(new Uint8Array(1));
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("the NATS server did not start");
}

/** Starts a server with JetStream and a token on a free port of loopback. */
export async function startServer(): Promise<TestServer> {
  const folder = await Deno.makeTempDir();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  const token = "test-token";
  const data = `${folder}/jetstream`;
  const start = async (token: string): Promise<Deno.ChildProcess> => {
    const child = new Deno.Command("nats-server", {
      args: ["-js", "-a", "127.0.0.1", "-p", `${port}`, "--auth", token, "-sd", data],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await answers(port);
    return child;
  };
  let child = await start(token);
  const end = async (): Promise<void> => {
    child.kill("SIGKILL");
    await child.status;
  };
  return {
    at: `nats://${token}@127.0.0.1:${port}`,
    folder,
    pid: () => child.pid,
    async restart({ empty = false, token: other = token } = {}) {
      await end();
      if (empty) await Deno.remove(data, { recursive: true });
      child = await start(other);
    },
    async [Symbol.asyncDispose]() {
      await end();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** A worker process of one thread with the test's kinds, or others; resolves when it is there. */
export async function startWorker(
  at: string,
  silence: number,
  kinds: readonly string[] = KINDS,
): Promise<Deno.ChildProcess> {
  const main = new URL("../../lib/pool/cli/worker.ts", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-prompt", "-A", main, at, "--threads", "1", "--silence", `${silence}`]
      .concat(kinds.flatMap((module) => ["--kinds", module])),
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  if (!value) throw new Error("the worker did not start");
  // Its further lines are read, so that it never waits for a reader.
  void (async () => {
    while (!(await reader.read()).done);
  })();
  return child;
}
