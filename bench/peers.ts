/**
 * The peers as programs: found, started, timed. A peer that is not installed is left out, with a word.
 * @module
 */
import type { Sizes } from "./statistics.ts";

const FOLDER = new URL("./peers/", import.meta.url).pathname;
/** A peer that has not answered by then is left out. */
const PATIENCE_MS = 120_000;
const PYTHON = Deno.env.get("ADAPTRADE_BENCH_PYTHON") ?? "python3";

/** What a peer can be asked for. */
export type PeerName = "torch-loop" | "torch-vmap" | "jax" | "jax-js" | "tfjs" | "walk-torch" | "online-torch";

/** Peers that take a meta-step, most widely used first. */
export const META_PEERS: readonly PeerName[] = ["jax", "torch-vmap", "torch-loop", "jax-js", "tfjs"];

interface Output {
  readonly ok: boolean;
  readonly stdout: string;
  readonly stderr: string;
  readonly ms: number;
}

async function run(command: string, args: string[]): Promise<Output> {
  const start = performance.now();
  try {
    const { success, stdout, stderr } = await new Deno.Command(command, {
      args,
      stdin: "null",
      signal: AbortSignal.timeout(PATIENCE_MS),
    }).output();
    const decoder = new TextDecoder();
    return {
      ok: success,
      stdout: decoder.decode(stdout),
      stderr: decoder.decode(stderr),
      ms: performance.now() - start,
    };
  } catch (error) {
    return { ok: false, stdout: "", stderr: String(error), ms: 0 };
  }
}

function commandOf(peer: PeerName, sizes: Sizes, seconds: number): [string, string[]] {
  const { tasks, hidden, steps, support, query } = sizes;
  if (peer === "jax-js" || peer === "tfjs") {
    const flags = ["run", "--quiet", "--no-lock", "--config", `${FOLDER}deno.json`, "--allow-all"];
    const numbers = [tasks, hidden, steps, support, query, seconds].map(String);
    return [Deno.execPath(), [...flags, `${FOLDER}peer.ts`, peer, ...numbers]];
  }
  const numbers = Object.entries({ tasks, hidden, steps, support, query, seconds }).map(([name, value]) =>
    `--${name}=${value}`
  );
  return [PYTHON, [`${FOLDER}peer.py`, peer, ...numbers]];
}

/** What a peer's program prints. */
interface Answer {
  readonly times: number[];
  readonly rss: number;
}

function answerOf({ ok, stdout }: Output): Answer | undefined {
  const line = stdout.trim().split("\n").findLast((text) => text.startsWith("{"));
  return ok && line ? JSON.parse(line) as Answer : undefined;
}

/** Times a peer; ms a step. Undefined when it fails, with the last line of what it said on stderr. */
export async function timePeer(peer: PeerName, sizes: Sizes, seconds: number): Promise<number[] | undefined> {
  const [command, args] = commandOf(peer, sizes, seconds);
  const output = await run(command, args);
  const answer = answerOf(output);
  if (answer) return answer.times;
  console.error(`${peer} left out at ${JSON.stringify(sizes)}: ${output.stderr.trim().split("\n").at(-1)}`);
  return undefined;
}

/** Process start to the first meta-step's result in ms, and the memory held by then in bytes; undefined when it fails. */
export async function timeStart(
  peer: PeerName,
  sizes: Sizes,
): Promise<{ readonly ms: number; readonly rss: number } | undefined> {
  const output = await run(...commandOf(peer, sizes, 0));
  const answer = answerOf(output);
  return answer && { ms: output.ms, rss: answer.rss };
}

/** The versions of the peers that are installed. */
export async function peerVersions(): Promise<string> {
  const names = ["torch", "jax", "numpy"];
  const found = await Promise.all(names.map(async (name) => {
    const { ok, stdout } = await run(PYTHON, ["-c", `import ${name}; print(${name}.__version__)`]);
    return ok ? `${name} ${stdout.trim()}` : `no ${name}`;
  }));
  return found.join(", ");
}

/** The peers of {@linkcode META_PEERS} that answer at the smallest size. */
export async function installedPeers(): Promise<PeerName[]> {
  const small: Sizes = { tasks: 1, hidden: 4, steps: 1, support: 2, query: 2 };
  const found: PeerName[] = [];
  for (const peer of META_PEERS) if (await timeStart(peer, small) !== undefined) found.push(peer);
  return found;
}
