/**
 * What this machine gives two programs at once: the ceiling of any ratio of two workers to one. A loop on registers, and the search
 * of searches.ts on one worker, each alone and then as two processes that share nothing. Prints both.
 * @module
 */
import { parseArgs } from "node:util";
import { numberOption, runMain, textTable } from "../examples/cli.ts";
import { corePeak } from "./peak.ts";
import { search } from "./searches.ts";

const HELP = `Times two processes at once beside one.

deno run --allow-read --allow-run bench/two_cores.ts [--most 9] [--steps 600]`;

/** What is run, and gives how fast it was: a rate, or a reciprocal of seconds. */
const PROGRAMS: Readonly<Record<string, (size: { most: number; steps: number }) => Promise<number>>> = {
  loop: corePeak,
  search: async (size) => 1 / (await search(1, size)).seconds,
};

/** Runs a program in a process of its own. */
async function speedOf(program: string, args: readonly string[]): Promise<number> {
  const file = new URL(import.meta.url).pathname;
  const { stdout, success } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-read", file, "--once", program, ...args],
    stderr: "inherit",
  }).output();
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
  for (const program of Object.keys(PROGRAMS)) {
    const alone = await speedOf(program, args);
    const both = await Promise.all([speedOf(program, args), speedOf(program, args)]);
    rows.push([program, ((both[0] + both[1]) / alone).toFixed(2)]);
  }
  console.log(textTable(rows));
}

if (import.meta.main) await runMain(main);
