/**
 * A program of somebody who installed the package: each check does what a row of the README's table of runtimes names, through
 * the public names alone. It runs in Deno, Node, Bun and a page, and prints a JSON object: what each check gave, or its error.
 * @module
 */
import * as api from "@adaptrade/adaptrade";
import { candlesToCsv, candlesToParquet } from "@adaptrade/adaptrade/data";
import { openRuns, removeTraderFile } from "@adaptrade/adaptrade/store";

/** What the program is told. */
export interface Host {
  /** Address of a server that answers as Bybit does, for requests. */
  readonly rest: string;
  /** The same for its stream. */
  readonly stream: string;
  /** Open time of its market's first bar, ms UTC; it has 60 hourly bars. */
  readonly first: number;
  /** A folder to write to; where there are no files, any name. */
  readonly folder: string;
}

/** What a check gave. */
export interface Outcome {
  /** Some figures that every runtime should agree on. */
  readonly figures?: readonly number[];
  /** What it says about how it ran. */
  readonly note?: string;
  /** The error that it threw. */
  readonly error?: string;
}

const { abs } = Math;

function samples(stream: api.Random, slope: number): api.Samples {
  const x = Float32Array.from({ length: 10 }, () => stream.normal());
  return { rows: 10, x, y: x.map((value) => slope * value) };
}

/** Trains on lines and adapts to one that was not among them. */
async function learn(threads: number): Promise<Outcome> {
  const stream = api.random(1);
  const batch = () =>
    [-2, -1, 1, 2].map((slope) => ({ support: samples(stream, slope), query: samples(stream, slope) }));
  const engine = await api.openEngine({ backend: "cpu", threads });
  try {
    const net = api.lstm({ time: 1, features: 1, hidden: 4, outputs: 1 });
    const own = api.metaInit(api.maml({ net, inner: { steps: 2, lr: 0.05 } }));
    let state = api.metaInit(api.maml({ net: api.mlp({ inputs: 1, hidden: [16], outputs: 1 }) }));
    const batches = Array.from({ length: 40 }, batch);
    for await (const progress of api.metaTrain(engine, state, batches, { every: 20 })) state = progress.state;
    const { losses } = await api.adapt(engine, state, samples(stream, 1.5));
    const { loss } = await api.metaStep(engine, own, batch());
    return { figures: [losses[0], losses[losses.length - 1], loss], note: `${engine.info.threads} threads` };
  } finally {
    await engine[Symbol.asyncDispose]();
  }
}

const market = (): api.Candles => api.simulateMarket({ bars: 400, seed: 3, symbol: "SIM" }).candles;

const CHECKS: Readonly<Record<string, (host: Host) => Promise<Outcome>>> = {
  "learning, adapting, forecasting": () => learn(1),
  "on several threads": () => learn(2),
  "on the GPU": async () => {
    const engine = await api.openEngine({ backend: "webgpu" });
    await engine[Symbol.asyncDispose]();
    return { note: engine.info.adapter };
  },
  "a forecaster, a backtest, a report": async () => {
    const engine = await api.openEngine({ backend: "cpu", threads: 1 });
    try {
      const metaLearned = api.metaInit(api.maml({ net: api.mlp({ inputs: 10, hidden: [4], outputs: 1 }) }));
      const comparison = await api.compareBaselines(engine, { metaLearned }, market(), { shuffles: 5 });
      const page = await api.renderReport([comparison]);
      const few = { steps: 5 };
      const options = { target: { kind: "logVolatility", horizon: 1 }, seeds: 1, pretrain: few, meta: few } as const;
      const forecaster = await api.trainForecaster(engine, [market()], options);
      const { value } = await api.forecast(engine, forecaster, market());
      return { figures: [value[value.length - 1], page.startsWith("<!doctype html>") ? 1 : 0] };
    } finally {
      await engine[Symbol.asyncDispose]();
    }
  },
  "candles from streams: CSV, gzip, Parquet": async () => {
    const candles = market();
    const csv = new Blob([candlesToCsv(candles)]);
    const zipped = csv.stream().pipeThrough(new CompressionStream("gzip"));
    const parquet = new Blob([await candlesToParquet(candles)]).stream();
    const symbol = "SIM";
    const read = [
      await api.readCandlesCsv(csv.stream(), { symbol }),
      await api.readCandlesCsv(zipped, { symbol }),
      await api.readCandlesParquet(parquet, { symbol }),
    ];
    return { figures: read.map(({ close }) => close[close.length - 1]) };
  },
  "files: candles, checkpoints": async ({ folder }) => {
    const state = api.metaInit(api.maml({ net: api.mlp({ inputs: 1, hidden: [4], outputs: 1 }) }));
    await api.saveState(`${folder}/state.bin`, state);
    const { params } = await api.loadState(`${folder}/state.bin`);
    return {
      figures: [params[0], params.reduce((worst, value, i) => Math.max(worst, abs(value - state.params[i])), 0)],
    };
  },
  "SQLite: runs, trials, the paper trader": async ({ folder }) => {
    const path = `${folder}/${crypto.randomUUID()}.db`;
    const runs = await openRuns(path);
    const { id } = runs.create({ name: "a run", config: { bars: 3 }, steps: 1 });
    runs[Symbol.dispose]();
    const again = await openRuns(path);
    const { name } = again.get(id)!;
    again[Symbol.dispose]();
    await removeTraderFile(path);
    return { note: name };
  },
  "downloads from Bybit": async ({ rest, first }) => {
    const end = first + 50 * 3_600_000;
    const { close } = await api.fetchBybit({ symbol: "AAA", interval: "1h", start: first, end, baseUrl: rest });
    return { figures: [close.length, close[close.length - 1]] };
  },
  "the live feed": async ({ rest, stream, first }) => {
    const signal = AbortSignal.timeout(30_000);
    const options = { symbols: ["AAA"], interval: "1h", start: first, baseUrl: rest, streamUrl: stream } as const;
    for await (const { bars: [{ bar }] } of api.bybitFeed({ ...options, signal })) {
      return { figures: [bar.close] };
    }
    return {};
  },
};

/** Runs every check. */
export async function runChecks(host: Host): Promise<Record<string, Outcome>> {
  const outcomes: Record<string, Outcome> = {};
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      outcomes[name] = await check(host);
    } catch (error) {
      outcomes[name] = { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
    }
  }
  return outcomes;
}
