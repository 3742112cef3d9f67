/**
 * What every example's command line shares: Ctrl-C as an AbortSignal, a progress line, numbers out of strings.
 * @module
 */

/** Thrown for a bad command line; the message is meant for the person who typed it. */
export class UsageError extends Error {
  /** The class name, for logs. */
  override readonly name = "UsageError";
}

/** Reads a number in a range out of an option. */
export function numberOption(
  name: string,
  text: string,
  range: { readonly min: number; readonly max?: number; readonly integer?: boolean },
): number {
  const { min, max = Infinity, integer = false } = range;
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < min || value > max || (integer && value % 1 !== 0)) {
    const upper = max < Infinity ? ` and at most ${max}` : "";
    throw new UsageError(
      `--${name} must be ${integer ? "an integer" : "a number"} of at least ${min}${upper}, got "${text}"`,
    );
  }
  return value;
}

/** A signal that Ctrl-C (SIGINT) aborts; a second Ctrl-C ends the process as usual. */
export function interruptSignal(): { readonly signal: AbortSignal; dispose(): void } {
  const controller = new AbortController();
  const onInterrupt = (): void => {
    Deno.removeSignalListener("SIGINT", onInterrupt);
    controller.abort(new DOMException("Interrupted", "AbortError"));
  };
  Deno.addSignalListener("SIGINT", onInterrupt);
  return {
    signal: controller.signal,
    dispose: (): void => {
      if (!controller.signal.aborted) Deno.removeSignalListener("SIGINT", onInterrupt);
    },
  };
}

/** Columns of a stream's terminal; Infinity where it is none. */
function columnsOf(stream: { isTerminal(): boolean }): number {
  return stream.isTerminal() ? Deno.consoleSize().columns : Infinity;
}

/** Writes progress over itself on a terminal, cut to its width, and a line now and then elsewhere. */
export function progressLine(): { update(text: string): void; done(text: string): void } {
  const isTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  let last = 0;
  return {
    update(text: string): void {
      const now = Date.now();
      if (now - last < (isTerminal ? 100 : 5000)) return;
      last = now;
      // A line that wraps cannot be written over.
      const cut = text.slice(0, columnsOf(Deno.stderr) - 1);
      Deno.stderr.writeSync(encoder.encode(isTerminal ? `\r\x1b[2K${cut}` : `${text}\n`));
    },
    done(text: string): void {
      Deno.stderr.writeSync(encoder.encode(isTerminal ? `\r\x1b[2K${text}\n` : `${text}\n`));
    },
  };
}

/** Runs a program's main function: usage errors and expected failures in one line, exit code 1; Ctrl-C is 130. */
export async function runMain(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") Deno.exit(130);
    if (!(error instanceof Error)) throw error;
    const known = [
      "UsageError",
      "AccessError",
      "DataError",
      "NoGpuError",
      "DivergedError",
      "RangeError",
      "NotCapable",
      "JobError",
    ];
    const text = known.includes(error.name) || "code" in error ? error.message : error.stack ?? error.message;
    const isOption = "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS");
    console.error(`\n${text}${isOption ? "; --help lists the options" : ""}`);
    Deno.exit(1);
  }
}

/**
 * A table in plain text: the first column to the left, the others to the right. One that is wider than `width` (default that of
 * the terminal) goes on below, behind its first column again.
 */
export function textTable(rows: readonly (readonly string[])[], width = columnsOf(Deno.stdout)): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const blocks = [[0]];
  let used = widths[0];
  for (let column = 1; column < widths.length; column++) {
    used += 2 + widths[column];
    if (used > width && blocks[blocks.length - 1].length > 1) {
      blocks.push([0]);
      used = widths[0] + 2 + widths[column];
    }
    blocks[blocks.length - 1].push(column);
  }
  return blocks.map((columns) =>
    rows.map((row) =>
      columns.map((column) => column === 0 ? row[0].padEnd(widths[0]) : row[column].padStart(widths[column]))
        .join("  ").trimEnd()
    ).join("\n")
  ).join("\n\n");
}
