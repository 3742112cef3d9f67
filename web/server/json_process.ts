/**
 * Runs one of the dashboard's worker scripts as a process that answers in lines of JSON. Reading large files there keeps their
 * memory and their time out of the server.
 * @module
 */
import { type Permissions, startChild } from "./child_process.ts";

/** A running worker. */
export interface JsonProcess<Line> {
  /** What it says, as it says it; ends when it ends, and throws when it fails. */
  readonly lines: AsyncGenerator<Line, void, void>;
  /** Tells it something more, in a line on its standard input; nothing once it has ended. */
  send(line: unknown): void;
  /** Ends it at once. */
  kill(): void;
}

/** Reading the largest upload takes more heap than V8 allows itself by default. */
const HEAP_MB = 6144;

/** Text in chunks to values, one a line. Blank lines are skipped. @throws {SyntaxError} A line is no JSON. */
export async function* jsonLines<Line>(text: AsyncIterable<string>): AsyncGenerator<Line, void, void> {
  let rest = "";
  for await (const chunk of text) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    for (const line of lines) if (line !== "") yield JSON.parse(line) as Line;
  }
  if (rest !== "") yield JSON.parse(rest) as Line;
}

/**
 * Starts a worker.
 *
 * @param script Its address.
 * @param input What it is told: JSON, its only argument.
 * @param permissions What it may do.
 */
export function startProcess<Line>(script: URL, input: unknown, permissions: Permissions): JsonProcess<Line> {
  const child = startChild(script, { permissions, args: [JSON.stringify(input)], heard: true, heapMb: HEAP_MB });
  const stdin = child.stdin.getWriter();
  const errors = new Response(child.stderr).text();
  const read = async function* (): AsyncGenerator<Line, void, void> {
    try {
      yield* jsonLines<Line>(child.stdout.pipeThrough(new TextDecoderStream()));
      const { code } = await child.status;
      if (code === 0) return;
      const reason = (await errors).trim().split("\n").slice(-2).join(" ") || `exit code ${code}`;
      throw new Error(`The process ended unexpectedly: ${reason}`);
    } finally {
      await stdin.close().catch(() => {});
    }
  };
  return {
    lines: read(),
    send(line) {
      // Of a process that has ended, `lines` tells.
      stdin.write(new TextEncoder().encode(`${JSON.stringify(line)}\n`)).catch(() => {});
    },
    kill() {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has ended already.
      }
    },
  };
}
