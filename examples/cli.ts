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

/** Writes progress over itself on a terminal, and a line now and then elsewhere. */
export function progressLine(): { update(text: string): void; done(text: string): void } {
  const isTerminal = Deno.stderr.isTerminal();
  const encoder = new TextEncoder();
  let last = 0;
  return {
    update(text: string): void {
      const now = Date.now();
      if (now - last < (isTerminal ? 100 : 5000)) return;
      last = now;
      Deno.stderr.writeSync(encoder.encode(isTerminal ? `\r\x1b[2K${text}` : `${text}\n`));
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
    console.error(`\n${text}`);
    Deno.exit(1);
  }
}

/** A table in plain text: the first column to the left, the others to the right. */
export function textTable(rows: readonly (readonly string[])[]): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => column === 0 ? cell.padEnd(widths[column]) : cell.padStart(widths[column])).join("  ")
      .trimEnd()
  ).join("\n");
}
