/**
 * The families of tasks that the regimes example mixes, all before the validation part, and how each learner is trained.
 * @module
 */
import {
  type Candles,
  DataError,
  type Engine,
  marketRows,
  metaInit,
  type MetaState,
  metaTrain,
} from "@adaptrade/adaptrade";
import type { RegimeLabels } from "@adaptrade/adaptrade/features";
import {
  assetFamily,
  classStarts,
  type HierarchicalFamily,
  hierarchicalTasks,
  mixTasks,
  periodFamily,
  regimeFamily,
  strategyFamily,
  type WeightedFamily,
} from "@adaptrade/adaptrade/tasks";
import { progressLine } from "../cli.ts";
import type { MarketPlan } from "../market/plan.ts";

/** Markets to learn from, with what is known of them. */
export interface Learning {
  /** Bars of each market that training may see. */
  readonly markets: readonly Candles[];
  /** Regimes of every market. */
  readonly labels: readonly RegimeLabels[];
  /** Split, method and seed. */
  readonly plan: MarketPlan;
}

/** Families with their weights, and the nested one by itself. */
export interface Families {
  /** To mix. */
  readonly mixed: readonly WeightedFamily[];
  /** Asset class, asset and time scale. */
  readonly hierarchy: HierarchicalFamily | undefined;
  /** Families that the data could not give, and why. */
  readonly missing: readonly string[];
}

/** Asset classes of the sample; a folder of files is one class. */
const ENERGY = ["WTI"];

function byClass(markets: readonly Candles[]): Record<string, Candles[]> {
  const classes: Record<string, Candles[]> = {};
  const sample = markets.some(({ symbol }) => ENERGY.includes(symbol));
  for (const candles of markets) {
    const name = !sample ? "markets" : ENERGY.includes(candles.symbol) ? "energy" : "equity";
    (classes[name] ??= []).push(candles);
  }
  return classes;
}

/** Every family that the data can give, drawn from rows whose labels were known before `to`, ms UTC. */
export function familiesOf({ markets, labels, plan }: Learning, range: { from?: number; to: number }): Families {
  const { horizon, supportRows } = plan;
  const options = { supportRows, queryRows: 10, horizon, skipShort: true, ...range };
  const rows = markets.map((candles) => marketRows(candles, { horizon }));
  const daily = markets.every(({ interval }) => interval === "1d");
  const missing: string[] = [];
  const attempt = <T>(make: () => T): T | undefined => {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      missing.push(error.message);
    }
  };
  const hierarchy = attempt(() =>
    hierarchicalTasks(byClass(markets), { ...options, scales: [1, daily ? "1w" : "4h"] })
  );
  const families = [
    { family: attempt(() => assetFamily(rows, options)), weight: 2 },
    { family: attempt(() => regimeFamily(rows, labels, options)), weight: 1 },
    { family: attempt(() => periodFamily(rows, { ...options, period: "quarter" })), weight: 1 },
    { family: attempt(() => strategyFamily(markets, options)), weight: 1 },
    { family: hierarchy, weight: 1 },
  ];
  const mixed = families.flatMap(({ family, weight }) => family ? [{ family, weight }] : []);
  return { mixed, hierarchy, missing };
}

/** Tasks a batch, as in the other market examples. */
const TASKS = 16;

/** Meta-trains one start, keeping the one with the lowest validation loss. */
async function train(
  engine: Engine,
  plan: MarketPlan,
  run: {
    readonly name: string;
    readonly families: readonly WeightedFamily[];
    readonly signal: AbortSignal;
  },
): Promise<MetaState> {
  const { name, families, signal } = run;
  const { config, seed, steps, validation } = plan;
  const line = progressLine();
  let best = { state: metaInit(config, { seed }), loss: Infinity };
  const batches = mixTasks(families, { tasks: TASKS, batches: steps, seed });
  for await (const progress of metaTrain(engine, best.state, batches, { every: 25, validation, signal })) {
    const loss = progress.validationLoss!;
    if (loss < best.loss) best = { state: progress.state, loss };
    line.update(`${name}: outer step ${progress.step} of ${steps}, validation loss ${loss.toFixed(4)}`);
  }
  line.done(`${name}: validation loss ${best.loss.toFixed(4)} at outer step ${best.state.step} of ${steps}`);
  return best.state;
}

/** A start to adapt from, for each market. */
export interface LearnedStart {
  /** Its name in the tables. */
  readonly name: string;
  /** The start that a market adapts from. */
  startOf(symbol: string): MetaState;
}

/** Trains the learners: on mixed families, on assets alone, by class from the mixed start, and not at all. */
export async function trainLearners(
  engine: Engine,
  learning: Learning,
  run: { readonly families: Families; readonly signal: AbortSignal },
): Promise<LearnedStart[]> {
  const { plan, markets } = learning;
  const { families: { mixed, hierarchy }, signal } = run;
  const assets = mixed.filter(({ family }) => family.name === "asset");
  const learners: LearnedStart[] = [];
  const all = await train(engine, plan, { name: "mixed families", families: mixed, signal });
  learners.push({ name: "mixed families", startOf: () => all });
  if (assets.length > 0) {
    const pooled = await train(engine, plan, { name: "assets alone", families: assets, signal });
    learners.push({ name: "assets alone", startOf: () => pooled });
  }
  const classes = Object.entries(hierarchy?.classes ?? {});
  if (classes.length > 1) {
    const batchesOf = Object.fromEntries(classes.map(([name, family]) => [
      name,
      mixTasks([{ family, weight: 1 }], { tasks: TASKS, batches: Math.ceil(plan.steps / 4), seed: plan.seed + 2 }),
    ]));
    const later = familiesOf(learning, { from: plan.validationFrom, to: plan.testFrom }).hierarchy?.classes ?? {};
    const validation = Object.fromEntries(
      classes.filter(([name]) => later[name]).map(([name]) => {
        const [tasks] = mixTasks([{ family: later[name], weight: 1 }], { tasks: 100, batches: 1, seed: plan.seed + 3 });
        return [name, tasks];
      }),
    );
    const starts = await classStarts(engine, all, batchesOf, { validation, lr: 3e-4, signal });
    const classOf = new Map(
      Object.entries(byClass(markets)).flatMap(([name, own]) => own.map(({ symbol }) => [symbol, name] as const)),
    );
    for (const [name, start] of Object.entries(starts)) {
      console.error(`${name}: ${start === all ? "nothing better than the mixed start" : "a start of its own"}`);
    }
    learners.push({ name: "start by class", startOf: (symbol) => starts[classOf.get(symbol) ?? ""] ?? all });
  }
  const scratch = metaInit(plan.config, { seed: plan.seed });
  return [...learners, { name: "from scratch", startOf: () => scratch }];
}
