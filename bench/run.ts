/**
 * Races every engine here against every peer that is installed, in one run, and prints one table.
 * Rounds alternate between ours and the peers, so that a drift of the machine hits all alike. `--help` says what it takes.
 * @module
 */
import { parseArgs } from "node:util";
import { availableParallelism } from "node:os";
import type { Engine } from "@adaptrade/adaptrade";
import { type Contender, contenders, timeMetaStep, timeOnline, timeWalkForward } from "./ours.ts";
import { machine } from "./machine.ts";
import { corePeak } from "./peak.ts";
import { installedPeers, type PeerName, timePeer, timeStart } from "./peers.ts";
import { type Growth, renderGrowth, renderRows, type Row } from "./render.ts";
import { keepSection } from "./sections.ts";
import { metaStepFlops, REFERENCE, type Sizes, summarise } from "./statistics.ts";

const HELP = `Races the engines against the peers and prints one table.

deno task bench [--quick] [--seconds S] [--rounds N] [--peers none] [--write]

  --quick      fewer sizes, a second in all for each
  --seconds S  measured time of each contender in each round (default 1.5)
  --rounds N   rounds (default 2)
  --peers none ours alone
  --write      put the figures into bench/README.md and the growth lines into bench/growth.svg

Peers in Python are run with ADAPTRADE_BENCH_PYTHON (default python3); what is not installed is left out, with a word.`;

const WALK_BARS = 8760;

interface Options {
  readonly seconds: number;
  readonly rounds: number;
  readonly peers: readonly PeerName[];
}

/** Peers that would take minutes a step at a size are not asked. */
function canFinish(peer: PeerName, { tasks, hidden, steps }: Sizes): boolean {
  return peer === "jax" || peer === "torch-vmap" || tasks * steps * (hidden / 64) ** 2 <= 320;
}

/** Who takes part in a problem, and how a round of theirs is timed: ms each, or undefined when it fails. */
type Entrants = readonly (readonly [string, () => Promise<number[] | undefined>])[];

/** Everybody's rounds in turn, so that a drift of the machine hits all alike. */
async function alternate(
  problem: string,
  rounds: number,
  entrants: Entrants,
  flops?: number,
): Promise<Row[]> {
  const times = new Map<string, number[]>(entrants.map(([who]) => [who, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [who, time] of entrants) times.get(who)!.push(...await time() ?? []);
  }
  return [...times].filter(([, list]) => list.length > 0)
    .map(([who, list]) => ({ problem, who, timing: summarise(list), ...(flops !== undefined && { flops }) }));
}

/** Our engines, each opened anew for its round. */
function engineEntrants(
  contenders: readonly Contender[],
  time: (engine: Engine) => Promise<number[]>,
): Entrants {
  return contenders.map(({ name, open }) => [name, async () => {
    await using engine = await open();
    return await time(engine);
  }]);
}

/** Ours and the peers on one outer step. */
function race(problem: string, sizes: Sizes, run: Options & { ours: readonly Contender[] }): Promise<Row[]> {
  const { seconds, rounds, ours } = run;
  const peers = run.peers.filter((peer) => canFinish(peer, sizes));
  return alternate(problem, rounds, [
    ...engineEntrants(ours, (engine) => timeMetaStep(engine, sizes, seconds)),
    ...peers.map((peer) => [peer, () => timePeer(peer, sizes, seconds)] as const),
  ], metaStepFlops(sizes));
}

/** The walk-forward and the online step, against PyTorch. */
async function raceOthers({ seconds, rounds, ours, peers }: Options & { ours: readonly Contender[] }): Promise<Row[]> {
  const walk: Sizes = { ...REFERENCE, tasks: WALK_BARS };
  const online: Sizes = { hidden: 64, steps: 3, support: 50, query: 10, tasks: 1 };
  const hasTorch = peers.includes("torch-loop");
  const torch = (who: string, peer: PeerName, sizes: Sizes): Entrants =>
    hasTorch ? [[who, () => timePeer(peer, sizes, seconds)]] : [];
  return [
    ...await alternate(`walk-forward, a bar of ${WALK_BARS}`, rounds, [
      ...engineEntrants(ours, (engine) => timeWalkForward(engine, WALK_BARS, seconds)),
      ...torch("torch, a bar at a time", "walk-torch", walk),
    ]),
    ...await alternate("online update and predict", rounds, [
      ...engineEntrants(ours, (engine) => timeOnline(engine, seconds)),
      ...torch("torch", "online-torch", online),
    ]),
  ];
}

/** Process start to the first result of one reference step, and the most memory that was resident by then. */
async function startRows(peers: readonly PeerName[]): Promise<string> {
  const lines = [
    "| from process start to the first result, 4 tasks | ms | peak memory, MiB |",
    "| --- | ---: | ---: |",
  ];
  const add = (who: string, ms: number, rss: number): void => {
    lines.push(`| ${who} | ${ms.toFixed(0)} | ${(rss / 2 ** 20).toFixed(0)} |`);
  };
  const program = new URL("./first.ts", import.meta.url).pathname;
  const config = new URL("../deno.json", import.meta.url).pathname;
  const start = performance.now();
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", config, "--allow-all", program],
  })
    .output();
  add("ours, cpu, all threads", performance.now() - start, Number(new TextDecoder().decode(stdout).trim()));
  for (const peer of peers) {
    const found = await timeStart(peer, { ...REFERENCE, tasks: 4 });
    if (found) add(peer, found.ms, found.rss);
  }
  return lines.join("\n");
}

/** How our cost grows along one size, the others as in the reference problem with 16 tasks. */
async function growth(ours: Contender, seconds: number): Promise<Growth[]> {
  const base: Sizes = { ...REFERENCE, tasks: 16 };
  const lines: [string, readonly number[], (size: number) => Sizes][] = [
    ["tasks", [4, 16, 64, 256], (tasks) => ({ ...base, tasks })],
    ["support rows", [10, 20, 40, 80], (support) => ({ ...base, support })],
    ["hidden width", [32, 64, 128, 256], (hidden) => ({ ...base, hidden })],
    ["inner steps", [1, 2, 5, 10, 20], (steps) => ({ ...base, steps })],
  ];
  const result: Growth[] = [];
  for (const [name, sizes, make] of lines) {
    const medians: number[] = [];
    for (const size of sizes) {
      await using engine = await ours.open();
      medians.push(summarise(await timeMetaStep(engine, make(size), seconds)).median);
    }
    result.push({ name, sizes, medians });
  }
  return result;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      seconds: { type: "string" },
      rounds: { type: "string" },
      peers: { type: "string", default: "all" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return console.log(HELP);
  const peers = values.peers === "none" ? [] : await installedPeers();
  const seconds = Number(values.seconds ?? (values.quick ? 0.5 : 1.5));
  const rounds = Number(values.rounds ?? (values.quick ? 1 : 2));
  const run = { seconds, rounds, peers, ours: await contenders() };
  const peak = { gflops: await corePeak(), cores: availableParallelism() };
  const hardware = run.ours[0].name.includes("webgpu");
  const taskCounts = values.quick ? [1, 4, 64] : [1, 4, 16, 64, 256, ...(hardware ? [1024, 8192] : [])];
  const problems: [string, Sizes][] = [
    ...taskCounts.map((tasks): [string, Sizes] => [`${tasks} task${tasks > 1 ? "s" : ""}`, { ...REFERENCE, tasks }]),
    ...(values.quick ? [] : [32, 128, 256]).map((hidden): [string, Sizes] => [
      `16 tasks, hidden ${hidden}`,
      { ...REFERENCE, tasks: 16, hidden },
    ]),
    ...(values.quick ? [] : [1, 10]).map((steps): [string, Sizes] => [
      `16 tasks, ${steps} inner step${steps > 1 ? "s" : ""}`,
      { ...REFERENCE, tasks: 16, steps },
    ]),
  ];
  const rows: Row[] = [];
  for (const [problem, sizes] of problems) {
    const found = await race(problem, sizes, run);
    rows.push(...found);
    console.error(found.map(({ who, timing }) => `${problem}: ${who} ${timing.median.toFixed(3)} ms`).join("\n"));
  }
  rows.push(...await raceOthers(run));
  const text = [
    `${await machine()} One core's measured peak: ${peak.gflops.toFixed(1)} GFLOP/s (relaxed SIMD f32x4). ` +
    `${new Date().toISOString().slice(0, 10)}, \`deno task bench\`, ${rounds} rounds of ${seconds} s.`,
    renderRows(rows, peak),
    await startRows(peers),
  ].join("\n\n");
  console.log(text);
  if (!values.write) return;
  await keepSection({ file: "README.md", name: "figures" }, text);
  const chart = renderGrowth(await growth(run.ours[0], seconds));
  await Deno.writeTextFile(new URL("./growth.svg", import.meta.url), chart);
}

if (import.meta.main) await main();
