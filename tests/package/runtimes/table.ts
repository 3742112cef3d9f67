/**
 * What runs where: the table of the README, whose every cell the consumer's checks confirm (`runtimes_test.ts`).
 * @module
 */

/** Runtimes, in the order of the columns. */
export const RUNTIMES = ["Deno", "Node 20", "Node 22", "Node 24", "Bun", "Chromium"] as const;

/** One of them. */
export type Runtime = typeof RUNTIMES[number];

/** A cell: whether it runs, and if not, what the error must say. */
export interface Cell {
  /** The text of the cell. */
  readonly shown: "yes" | "no" | "with a driver";
  /** What the error says where it does not run. */
  readonly error?: RegExp;
}

const YES: Cell = { shown: "yes" };
const NO_GPU: Cell = { shown: "no", error: /^NoGpuError: .*navigator\.gpu/ };
const DRIVER: Cell = { shown: "with a driver", error: /^NoGpuError: Cannot open a WebGPU engine/ };
const NO_SQLITE: Cell = { shown: "no", error: /has no node:sqlite/ };
const NO_SOCKET: Cell = { shown: "no", error: /has no WebSocket/ };
const NO_FILES: Cell = { shown: "no", error: /a browser has no node:fs/ };

/** A cell for each check of `consumer.ts`, by runtime in the order of `RUNTIMES`. */
export const TABLE: Readonly<Record<string, readonly Cell[]>> = {
  "learning, adapting, forecasting": [YES, YES, YES, YES, YES, YES],
  "on several threads": [YES, YES, YES, YES, YES, YES],
  "on the GPU": [DRIVER, NO_GPU, NO_GPU, NO_GPU, NO_GPU, DRIVER],
  "a forecaster, a backtest, a report": [YES, YES, YES, YES, YES, YES],
  "candles from streams: CSV, gzip, Parquet": [YES, YES, YES, YES, YES, YES],
  "files: candles, checkpoints": [YES, YES, YES, YES, YES, NO_FILES],
  "SQLite: runs, trials, the paper trader": [YES, NO_SQLITE, YES, YES, YES, NO_SQLITE],
  "downloads from Bybit": [YES, YES, YES, YES, YES, YES],
  "the live feed": [YES, NO_SOCKET, YES, YES, YES, YES],
};

/** The table in Markdown, one line a row. */
export function markdownRows(): readonly string[] {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [
    row(["", ...RUNTIMES]),
    ...Object.entries(TABLE).map(([name, cells]) => row([name, ...cells.map(({ shown }) => shown)])),
  ];
}
