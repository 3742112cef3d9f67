// Studies: figures are what the library's functions give, any number of workers gives the same, memory is let go of, a study that was
// cut goes on, and what cannot be read is a finding.
import {
  assert,
  assertEquals,
  assertGreater,
  assertLess,
  assertNotEquals,
  assertRejects,
  assertThrows,
} from "@std/assert";
import {
  backtest,
  type Candles,
  DataError,
  forecast,
  type Forecaster,
  openEngine,
  random,
  simulateMarket,
  trainForecaster,
} from "@adaptrade/adaptrade";
import { dieboldMariano, sharpeEstimate } from "@adaptrade/adaptrade/statistics";
import { openPool, type Pool } from "../../lib/pool/mod.ts";
import { openDatabase } from "../../lib/store/mod.ts";
import {
  type MarketSource,
  type MarketStudy,
  openStudies,
  runStudy,
  type RunStudyOptions,
  studyDistribution,
  studyMarket,
  type StudyProgress,
  type StudyStore,
} from "../../lib/search/mod.ts";
import { testWith } from "../permissions.ts";

const market = (seed: number, bars = 400): Candles =>
  simulateMarket({ bars, seed, symbol: `SIM${seed}`, interval: "1d", garch: { alpha: 0.1, beta: 0.88 } }).candles;

async function trained(kind: "logVolatility" | "return"): Promise<Forecaster> {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  return await trainForecaster(engine, [market(101, 700), market(102, 700)], {
    target: { kind, horizon: 5 },
    seeds: 1,
    hidden: [4],
    pretrain: { steps: 20 },
    meta: { steps: 10 },
  });
}

const forecaster = await trained("logVolatility");
const RISK = { backtest: { costRate: 0.001, sizing: { kind: "volatility", target: 0.01 } } } as const;

/** Markets by number, made when it is their turn; the third of each seven cannot be read. */
function* sources(count: number, told: string[] = []): Generator<MarketSource> {
  for (let seed = 1; seed <= count; seed++) {
    const name = `m${String(seed).padStart(3, "0")}`;
    yield {
      name,
      read: () => {
        told.push(name);
        if (seed % 7 === 3) throw new DataError(`Cannot read ${name}: it is torn`);
        return market(seed, seed % 7 === 5 ? 2 : 400);
      },
    };
  }
}

async function run(
  store: StudyStore,
  options: Partial<RunStudyOptions> & { workers?: number; pool?: Pool; count?: number; told?: string[] },
): Promise<number> {
  const { workers = 0, pool, count = 10, told, ...rest } = options;
  const own = pool ?? await openPool("local", { workers });
  try {
    const study = { forecaster, sources: sources(count, told) };
    return await runStudy(own, study, { ...RISK, keep: { store, name: "all" }, ...rest });
  } finally {
    if (!pool) await own[Symbol.asyncDispose]();
  }
}

Deno.test("studyMarket() scores and trades as forecast(), dieboldMariano() and backtest() do", async () => {
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const one = market(1);
  const range = { from: one.time[200], to: one.time[390] };
  const { study, forecasts } = await studyMarket(engine, forecaster, one, { ...RISK, ...range });
  const said = await forecast(engine, forecaster, one, range);
  assertEquals(forecasts, said);
  const relative = (values: Float64Array) => values.map((value, i) => value - said.anchor[i]);
  const zero = new Float64Array(said.time.length).fill(forecaster.scaler.labelMean);
  const test = dieboldMariano(relative(said.labels), relative(said.value), zero, { horizon: 5 });
  assertEquals([study.score.statistic, study.score.decisions], [test.statistic, test.rows]);
  const { metrics } = await backtest(engine, forecaster, one, { ...RISK.backtest, ...range });
  assertEquals([study.money?.sharpe, study.money?.totalReturn], [metrics.sharpe, metrics.totalReturn]);
  assertEquals((await studyMarket(engine, forecaster, one, range)).study.money, null);
});

Deno.test("studyMarket() trades forecasts of returns as backtest() does", async () => {
  const returns = await trained("return");
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const options = { costRate: 0.0005, threshold: 1e-4 };
  const { study } = await studyMarket(engine, returns, market(2), { backtest: options });
  const { metrics } = await backtest(engine, returns, market(2), options);
  assertEquals([study.money?.sharpe, study.money?.maxDrawdown], [metrics.sharpe, metrics.maxDrawdown]);
});

testWith("read")(
  "a study is the same on any number of workers; what cannot be read or is too short is a finding",
  async () => {
    using none = await openStudies(":memory:");
    using two = await openStudies(":memory:");
    assertEquals([await run(none, { workers: 0, atOnce: 1 }), await run(two, { workers: 2, atOnce: 5 })], [10, 10]);
    assertEquals([...two.figures("all")], [...none.figures("all")]);
    assertEquals(two.refused("all"), none.refused("all"));
    assertEquals(none.refused("all").map(({ source }) => source), ["m003", "m005", "m010"]);
    const { time, value } = none.series("all", "m001")!;
    assert(time.length === value.length && time.length > 300);
    assertEquals(none.series("all", "m003"), null);
  },
);

Deno.test("a study holds no more markets than it may, and none when it ends", async () => {
  await using pool = await openPool("local", { workers: 0 });
  let [held, most] = [0, 0];
  const counted: Pool = {
    ...pool,
    put: (bytes) => (most = Math.max(most, ++held), pool.put(bytes)),
    drop: (hash) => (held--, pool.drop(hash)),
  };
  using store = await openStudies(":memory:");
  await run(store, { pool: counted, count: 20, atOnce: 3 });
  assertEquals(held, 1, "the forecaster");
  assert(most <= 4 && most > 1, `${most} blobs at once`);
});

Deno.test("a study that was cut goes on without reading again what it has, and refuses to become another", async () => {
  using store = await openStudies(":memory:");
  const ends = new AbortController();
  const onProgress = ({ done }: { done: number }) => done === 4 && ends.abort(new Error("enough"));
  await assertRejects(() => run(store, { atOnce: 1, signal: ends.signal, onProgress }), Error, "enough");
  const counts = () => store.list().map(({ name, studied, refused, planned }) => [name, studied, refused, planned]);
  assertEquals([counts(), store.list()[0].endedAt], [[["all", 3, 1, null]], null]);
  const told: string[] = [];
  assertEquals(await run(store, { atOnce: 1, told }), 10);
  assertEquals(counts(), [["all", 7, 3, null]]);
  const [{ createdAt, updatedAt, endedAt }] = store.list();
  assert(createdAt <= updatedAt && updatedAt <= endedAt!);
  assertEquals(told, ["m003", "m005", "m006", "m007", "m008", "m009", "m010"]);
  using whole = await openStudies(":memory:");
  await run(whole, {});
  assertEquals([...store.figures("all")], [...whole.figures("all")]);
  await assertRejects(() => run(store, { from: 1 }), DataError, "give this one another name");
});

Deno.test("a market that was refused is studied once its file was mended, and says anew why it cannot be", async () => {
  using store = await openStudies(":memory:");
  await using pool = await openPool("local", { workers: 0 });
  const study = async (...reads: (() => Candles)[]): Promise<unknown[]> => {
    const outcomes: unknown[] = [];
    const listed = reads.map((read, i) => ({ name: `m${i}`, read }));
    const onProgress = ({ source, outcome }: StudyProgress): void =>
      void outcomes.push([source, outcome && ("study" in outcome ? "studied" : outcome.refused)]);
    const keep = { store, name: "all" };
    await runStudy(pool, { forecaster, sources: listed }, { ...RISK, keep, atOnce: 1, onProgress });
    return outcomes;
  };
  const torn = (why: string) => () => {
    throw new DataError(why);
  };
  const [short, whole] = [() => market(1, 2), () => market(2)];
  const [tooShort, ...rest] = await study(short, torn("torn"), torn("torn"), whole);
  assertNotEquals(tooShort, ["m0", "studied"]);
  assertEquals(rest, [["m1", "torn"], ["m2", "torn"], ["m3", "studied"]]);
  const again = await study(whole, whole, torn("locked"), torn("not read again"));
  assertEquals(again, [["m0", "studied"], ["m1", "studied"], ["m2", "locked"], ["m3", null]]);
  assertEquals(store.refused("all"), [{ source: "m2", refused: "locked" }]);
  assertEquals([...store.figures("all")].length, 3);
});

Deno.test("a study of a list knows how many markets it walks over, before they have ended too", async () => {
  using store = await openStudies(":memory:");
  await using pool = await openPool("local", { workers: 0 });
  const planned: (number | null)[] = [];
  const onProgress = () => void planned.push(store.list()[0].planned);
  await runStudy(pool, { forecaster, sources: [...sources(3)] }, {
    ...RISK,
    keep: { store, name: "listed" },
    onProgress,
  });
  assertEquals(planned, [3, 3, 3]);
});

testWith("read", "write")(
  "a file of studies of the first schema goes on, its studies not known to have ended",
  async () => {
    const path = await Deno.makeTempFile({ suffix: ".sqlite" });
    const first = [
      `CREATE TABLE studies (name TEXT PRIMARY KEY, description TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
     CREATE TABLE study_markets (study TEXT NOT NULL REFERENCES studies (name) ON DELETE CASCADE, source TEXT NOT NULL,
       figures TEXT, refused TEXT, series BLOB, ended_at INTEGER NOT NULL, PRIMARY KEY (study, source)) STRICT;
     INSERT INTO studies VALUES ('old', 'null', 5);
     INSERT INTO study_markets VALUES ('old', 'a.csv', NULL, 'torn', NULL, 7);`,
    ];
    (await openDatabase(path, first)).close();
    {
      using store = await openStudies(path);
      const old = { name: "old", description: null, createdAt: 5, updatedAt: 7, endedAt: null, planned: null };
      assertEquals(store.list(), [{ ...old, studied: 0, refused: 1 }]);
      store.begin("old", null, 4);
      store.end("old");
      assertEquals(store.list()[0].planned, 4);
    }
    await Deno.remove(path);
  },
);

Deno.test("a market that is there twice ends a study by its name, of a list before anything is read", async () => {
  using store = await openStudies(":memory:");
  await using pool = await openPool("local", { workers: 0 });
  const told: string[] = [];
  const twice = [...sources(2, told), ...sources(1, told)];
  const words = "expected each market once, received m001 twice";
  const keep = { store, name: "all" };
  await assertRejects(() => runStudy(pool, { forecaster, sources: twice }, { ...RISK, keep }), RangeError, words);
  assertEquals([told, store.list()], [[], []]);
  function* listed() {
    yield* twice;
  }
  await assertRejects(() => runStudy(pool, { forecaster, sources: listed() }, { ...RISK, keep }), RangeError, words);
  assertEquals([told, store.has("all", "m002")], [["m001", "m002"], true]);
});

Deno.test("a study ends with what is no fault of the data", async () => {
  using store = await openStudies(":memory:");
  await using pool = await openPool("local", { workers: 0 });
  const broken = [{ name: "one", read: () => Promise.reject(new TypeError("a bug")) }];
  const keep = { store, name: "all" };
  await assertRejects(() => runStudy(pool, { forecaster, sources: broken }, { keep }), TypeError, "a bug");
  await assertRejects(() => runStudy(pool, { forecaster, sources: [] }, { keep, atOnce: 0 }), RangeError, "received 0");
});

Deno.test("the best of many markets without skill stays luck where it has a few bars and the others many", () => {
  const returns = (seed: number, bars: number) =>
    Float64Array.from({ length: bars }, ((rng) => () => rng.normal())(random(seed)));
  const score = { decisions: 10, mse: 1, unadapted: 1, nothing: 1, skill: 0, statistic: 0, pValue: 1 };
  const studied = (seed: number, bars: number): MarketStudy => {
    const estimate = sharpeEstimate(returns(seed, bars));
    const sharpe = estimate.sharpe! * Math.sqrt(252);
    const money = { sharpe, holdSharpe: 0, totalReturn: 0, maxDrawdown: 0, estimate };
    return { market: `${bars} bars`, interval: "1d", bars, from: 0, to: 1, score, money };
  };
  const bests = Array.from({ length: 40 }, (_, study) => {
    const markets = Array.from({ length: 200 }, (_, i) => studied(1000 * study + i, i % 10 === 0 ? 15 : 250));
    return studyDistribution(markets).best!;
  });
  assertEquals(new Set(bests.map(({ market }) => market)), new Set(["15 bars"]));
  assertLess(bests.reduce((sum, { deflated }) => sum + deflated.value!, 0) / bests.length, 0.5);
});

Deno.test("studyDistribution() has quantiles over markets, shares beyond chance, and the best deflated by all", async () => {
  using store = await openStudies(":memory:");
  await run(store, { count: 12 });
  const figures = [...store.figures("all")];
  const drawn = studyDistribution(figures);
  const skills = figures.map(({ score }) => score.skill).sort((a, b) => a - b);
  assertEquals([drawn.markets, [...drawn.skill.values]], [figures.length, skills]);
  assertEquals(drawn.skill.quantiles[2], (skills[(skills.length - 1) >> 1] + skills[skills.length >> 1]) / 2);
  assertEquals(drawn.better, skills.filter((skill) => skill > 0).length / skills.length);
  const best = figures.toSorted((a, b) => b.money!.sharpe! - a.money!.sharpe!)[0];
  assertEquals([drawn.best?.market, drawn.best?.deflated.trials], [best.market, figures.length]);
  const alone = studyDistribution([best]).best!.deflated;
  assertGreater(alone.value!, drawn.best!.deflated.value!);
  assertLess(alone.benchmark, drawn.best!.deflated.benchmark);
  assertThrows(() => studyDistribution([]), RangeError, "received none");
});
