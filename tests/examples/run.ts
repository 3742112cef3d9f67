/** Runs an example as its users do: a child process, in a folder of its own, with the permissions that its help shows. */
import { candlesToCsv } from "../../lib/data/csv_write.ts";
import { simulateMarket } from "../../lib/features/simulate_market.ts";

const ROOT = new URL("../../", import.meta.url).pathname;

/** What a finished program printed. */
export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
}

/** Starts an example in `folder`, by default with what its help names: reading, and writing to `out`. */
export function startExample(
  name: string,
  args: string[],
  folder: string,
  env: Record<string, string> = {},
  grants: readonly string[] = [`--allow-read=${ROOT},${folder}`, `--allow-write=${folder}/out`],
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      `--config=${ROOT}deno.json`,
      "--quiet",
      "--no-lock",
      ...grants,
      `${ROOT}examples/${name}.ts`,
      ...args,
    ],
    cwd: folder,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Waits for a program's end. */
export async function finish(child: Deno.ChildProcess): Promise<Finished> {
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Runs an example to its end as a newcomer does: in the project's folder, without a permission or a terminal. */
export function runPlainly(name: string, args: readonly string[]): Promise<Finished> {
  return finish(
    new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", `examples/${name}.ts`, ...args],
      cwd: ROOT,
      env: { NO_COLOR: "1" },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn(),
  );
}

/** Runs an example to its end. */
export function runExample(
  name: string,
  args: string[],
  folder: string,
  env?: Record<string, string>,
): Promise<Finished> {
  return finish(startExample(name, args, folder, env));
}

/** Writes small markets of moving volatility, a file each, into a new folder: days from 2016 on. */
export async function writeMarkets(
  folder: string,
  { symbols, bars }: { readonly symbols: readonly string[]; readonly bars: number },
): Promise<void> {
  await Deno.mkdir(folder);
  for (const [seed, symbol] of symbols.entries()) {
    const garch = { alpha: 0.1, beta: 0.88 };
    const { candles } = simulateMarket({ bars, seed, symbol, interval: "1d", start: Date.UTC(2016, 0), garch });
    await Deno.writeTextFile(`${folder}/${symbol}.csv`, candlesToCsv(candles));
  }
}

/** Runs a test body in a folder that is removed afterwards. */
export async function inTempFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
