/**
 * Comparisons judged by every backtest of their markets that was logged before, deleted ones too: trying until one looks good is
 * what a deflated Sharpe ratio is there for.
 * @module
 */
import { dirname } from "node:path";
import type { Comparison } from "@adaptrade/adaptrade";
import { deflateTogether, type PortfolioResult } from "@adaptrade/adaptrade/backtest";
import { mergeTrials, NO_TRIALS, type TrialLog } from "@adaptrade/adaptrade/statistics";
import { openTrials } from "@adaptrade/adaptrade/store";

/** The option that names the log, for `parseArgs`. */
export const TRIAL_OPTIONS = { trials: { type: "string", default: "out/trials.sqlite" } } as const;

/** Help text of {@linkcode TRIAL_OPTIONS}. */
export const TRIAL_HELP =
  `  --trials FILE      log of every backtest of each market, which deflated Sharpe ratios count (default out/trials.sqlite;
                     data/trials.sqlite is the dashboard's)`;

/**
 * The log, where it may be kept: SQLite reads what it writes.
 *
 * @param file As typed.
 * @param isKept Whether anything may be written.
 * @returns The file, its folder made; undefined where it must do without, which a line on stdout then says.
 */
export async function trialLog(file: string, isKept: boolean): Promise<string | undefined> {
  if (!isKept) return undefined;
  const path = dirname(file);
  for (const name of ["read", "write"] as const) {
    if ((await Deno.permissions.query({ name, path })).state === "granted") continue;
    console.log(`No trial is logged: --allow-read=${path} --allow-write=${path} would keep ${file}`);
    return undefined;
  }
  await Deno.mkdir(path, { recursive: true });
  return file;
}

/**
 * Logs comparisons and takes their deflated Sharpe ratios again, against all trials of their markets. Bars of several lengths do
 * not compare: each is then judged by itself.
 *
 * @param file The log, see {@linkcode trialLog}; left out, the comparisons are judged by their own strategies alone.
 * @param comparisons At least one.
 */
export async function judgedByLog(file: string | undefined, comparisons: readonly Comparison[]): Promise<Comparison[]> {
  const intervals = new Set(comparisons.map(({ strategies: [{ result }] }) => result.interval));
  const groups = intervals.size > 1 ? comparisons.map((one) => [one]) : [comparisons];
  if (file === undefined) return groups.flatMap((group) => deflateTogether(group));
  using trials = await openTrials(file);
  return groups.flatMap((group) => {
    const earlier = group.map(({ strategies }) => trials.record(strategies.map(({ result }) => result)));
    return deflateTogether(group, mergeTrials(earlier));
  });
}

/**
 * Logs portfolios of the same markets, and gives the trials before them.
 *
 * @param file The log; left out, there were none.
 * @param results At least one.
 */
export async function earlierPortfolios(
  file: string | undefined,
  results: readonly PortfolioResult[],
): Promise<TrialLog> {
  if (file === undefined) return NO_TRIALS;
  using trials = await openTrials(file);
  const market = [...new Set(results.flatMap(({ markets }) => markets))].sort().join("+");
  return trials.record(results.map((result) => ({ ...result, market })));
}
