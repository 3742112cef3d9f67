/**
 * Where finished backtests are kept: a folder each under `backtests/` in the data folder, with what the page shows, the tear
 * sheet, the trades and the fills. A folder appears whole or not at all. It computes nothing.
 * @module
 */
import { join } from "node:path";
import { completeView } from "../components/earlier_backtest.ts";
import { type BacktestSummary, type BacktestView, summaryOf } from "./backtest_view.ts";
import { dataFolder, inside } from "./paths.ts";

/** A file of a finished backtest. */
export type BacktestFile = "summary.json" | "view.json" | "report.html" | "trades.csv" | "fills.csv";

function root(): string {
  return join(dataFolder(), "backtests");
}

/** Keeps a finished backtest. */
export async function keepBacktest(
  view: BacktestView,
  files: { readonly report: string; readonly trades: string; readonly fills: string },
): Promise<void> {
  const folder = inside(root(), view.id);
  const unfinished = inside(root(), `.${view.id}`);
  await Deno.mkdir(unfinished, { recursive: true });
  const write = (name: BacktestFile, text: string) => Deno.writeTextFile(join(unfinished, name), text);
  await write("summary.json", JSON.stringify(summaryOf(view)));
  await write("view.json", JSON.stringify(view));
  await write("report.html", files.report);
  await write("trades.csv", files.trades);
  await write("fills.csv", files.fills);
  await Deno.rename(unfinished, folder);
}

/** A file of a finished backtest; null where there is no such backtest. @throws {RangeError} The id leads out of the folder. */
export async function readBacktest(id: string, file: BacktestFile): Promise<Uint8Array<ArrayBuffer> | null> {
  try {
    return await Deno.readFile(join(inside(root(), id), file));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** A finished backtest as its page shows it; null where there is none of that id. */
export async function readView(id: string): Promise<BacktestView | null> {
  const bytes = await readBacktest(id, "view.json").catch((error) => {
    // An id from an address that leads out of the folder names none either.
    if (error instanceof RangeError) return null;
    throw error;
  });
  return bytes === null ? null : completeView(JSON.parse(new TextDecoder().decode(bytes)));
}

/** The finished backtests, newest first. */
export async function listBacktests(): Promise<BacktestSummary[]> {
  const found: BacktestSummary[] = [];
  try {
    for await (const { name, isDirectory } of Deno.readDir(root())) {
      if (!isDirectory || name.startsWith(".")) continue;
      const bytes = await readBacktest(name, "summary.json");
      if (bytes !== null) found.push(JSON.parse(new TextDecoder().decode(bytes)));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return found.sort((a, b) => b.createdAt - a.createdAt);
}

/** Removes a finished backtest. */
export async function removeBacktest(id: string): Promise<void> {
  await Deno.remove(inside(root(), id), { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
