/** A search that was run to some point, put into a data folder as its runner leaves it. Holds no assertions. */
import {
  defineSpace,
  hyperband,
  nextTrials,
  openSearches,
  populationBased,
  type ScoredTrial,
  type SearchMethod,
} from "../../lib/search/mod.ts";

/** What is searched. */
export const SPACE = defineSpace({
  "meta.lr": { kind: "logUniform", min: 1e-4, max: 1e-1 },
  hidden: { kind: "choice", values: [[8], [16, 16]] },
});

/** How it goes. */
export interface StoredSearch {
  /** Its name (default "bowl"). */
  readonly name?: string;
  /** How it searches (default Hyperband up to a budget of 9). */
  readonly method?: SearchMethod;
  /** Trials that end before it is cut (default all of them). */
  readonly trials?: number;
  /** File in the folder (default searches.sqlite). */
  readonly file?: string;
  /** Whether trials keep a ratio that can be deflated (default true). */
  readonly ratios?: boolean;
}

/** A population of six over three generations. */
export const POPULATION = populationBased({ members: 6, generations: 3 });

/** Runs it in a file of the folder, from where it was cut; trial 2 fails, the others' loss is worse the later they were decided. */
export async function storeSearch(data: string, search: StoredSearch = {}): Promise<readonly ScoredTrial[]> {
  const { name = "bowl", method = hyperband({ maxBudget: 9 }), trials = Infinity, ratios = true } = search;
  using store = await openSearches(`${data}/${search.file ?? "searches.sqlite"}`);
  const { kind, settings } = method;
  const objective = {
    kind: "bowl",
    version: 1,
    inputs: [],
    params: { objective: "bowl at 0", from: Date.UTC(2009, 0, 2) },
  };
  const log = store.log(
    name,
    JSON.parse(JSON.stringify({ space: SPACE, method: { kind, settings }, objective, seed: 1 })),
  );
  const past: ScoredTrial[] = [];
  for (;;) {
    const round = nextTrials(method, { space: SPACE, seed: 1, past });
    if (round.length === 0) break;
    const ended = new Map(log.decide(round).map((trial) => [trial.id, trial]));
    for (const trial of round) {
      if (trial.id >= trials) return past;
      const loss = trial.id === 2 ? null : 1 + trial.id / 100;
      const estimate = { sharpe: 0.3 - trial.id / 100, bars: 250, skewness: 0, kurtosis: 3 };
      const detail = ratios && loss !== null ? { estimate } : null;
      if (!ended.has(trial.id)) log.finish(trial, { loss, detail, state: null });
      past.push({ ...trial, loss, detail });
    }
  }
  log.end();
  return past;
}
