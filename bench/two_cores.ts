/**
 * What this machine gives two programs at once: the ceiling of any ratio of two workers to one. A loop on registers, and the search
 * of searches.ts on one worker, each alone and then as two processes that share nothing; and that search on a worker that has one core
 * for itself and the threads of its V8, beside two that have two. Prints all.
 * @module
 */
import { parseArgs } from "node:util";
import { numberOption, runMain, textTable } from "../examples/cli.ts";
import { corePeak } from "./peak.ts";
import { search, type Size } from "./searches.ts";

const HELP =
  `Times two processes at once beside one, and two workers on two cores beside one on one (by Linux's taskset).

deno run --allow-read --allow-run bench/two_cores.ts [--most 9] [--steps 600]`;

/** What is run, and gives how fast it was: a rate, or a reciprocal of seconds. */
const PROGRAMS: Readonly<Record<string, (size: Size) => Promise<number>>> = {
  loop: corePeak,
  search: async (size) => 1 / (await search(1, size)).seconds,
  "search on two": async (size) => 1 / (await search(2, size)).seconds,
};

/** Runs a program in a process of its own, on some cores or all. */
async function speedOf(program: string, args: readonly string[], cores?: string): Promise<number> {
  const file = new URL(import.meta.url).pathname;
  const run = [Deno.execPath(), "run", "--allow-read", file, "--once", program, ...args];
  const [command, ...rest] = cores === undefined ? run : ["taskset", "-c", cores, ...run];
  const { stdout, success } = await new Deno.Command(command, { args: rest, stderr: "inherit" }).output();
  if (!success) throw new Error(`${program} failed`);
  return Number(new TextDecoder().decode(stdout));
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      once: { type: "string" },
      most: { type: "string", default: "9" },
      steps: { type: "string", default: "600" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const size = {
    most: numberOption("most", values.most, { min: 1 }),
    steps: numberOption("steps", values.steps, { min: 1, integer: true }),
  };
  if (values.once) return console.log(await PROGRAMS[values.once](size));
  const rows = [["program", "two processes at once, times one alone"]];
  const args = ["--most", values.most, "--steps", values.steps];
  for (const program of ["loop", "search"]) {
    const alone = await speedOf(program, args);
    const both = await Promise.all([speedOf(program, args), speedOf(program, args)]);
    rows.push([program, ((both[0] + both[1]) / alone).toFixed(2)]);
  }
  console.log(textTable(rows));
  const rounds: string[][] = [["a core for each worker", "one worker, one core", "two workers, two cores", "ratio"]];
  for (let round = 1; round <= 3; round++) {
    const [one, two] = [await speedOf("search", args, "0"), await speedOf("search on two", args, "0,1")];
    rounds.push([`round ${round}`, `${(1 / one).toFixed(1)} s`, `${(1 / two).toFixed(1)} s`, (two / one).toFixed(2)]);
  }
  console.log(textTable(rounds));
}

if (import.meta.main) await runMain(main);
