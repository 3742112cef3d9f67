/**
 * A run so small that it ends within seconds, for the tests of lab, backtest and comparison. Holds no assertions.
 * @module
 */
import { trainedRun } from "./trained_run.ts";

/** Its settings. */
export const SMALL_RUN = {
  name: "small",
  seeds: 1,
  steps: 20,
  tasks: 4,
  hidden: [8],
  unseen: "sample:NASDAQ",
  markets: ["sample:SP500", "sample:FTSE"],
};

/** Trains it, with other settings where given, and gives its id. */
export function trainSmallRun(url: string, settings: Readonly<Record<string, unknown>> = {}): Promise<string> {
  return trainedRun(url, { ...SMALL_RUN, ...settings });
}
