/**
 * The studies that the dashboard finds in files: what it says of each while it runs, how it sorts their markets, and of what is no
 * study.
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import { openStudies, studyDistribution, studySentences } from "../../lib/search/mod.ts";
import { MARKET_COLUMNS, type MarketColumn, marketsDone } from "../../web/components/study_columns.ts";
import { listStudies, MOST_ROWS, readStudy, type StudiedRow, studyMarkets } from "../../web/server/studies.ts";
import { testWith } from "../permissions.ts";
import { inDataFolder } from "./data_folder.ts";
import { madeFigures, storeStudy, STUDY_MARKETS } from "./stored_study.ts";

const test = testWith("read", "write", "env");
const FILE = "data:studies.sqlite";
const NAME = "all of them";

/** The figures of the first so many markets. */
const figuresOf = (markets: number) =>
  Array.from({ length: markets }, (_, i) => i).filter((i) => i % 7 !== 3).map(madeFigures);

test("listStudies() and readStudy() follow a study from nothing through its cut to its end", async () => {
  await inDataFolder(async (data) => {
    assertEquals(await listStudies(), { studies: [], unread: [] });
    await storeStudy(data, { markets: 0 });
    assertEquals((await readStudy(FILE, NAME))?.figures, null);
    for (const markets of [20, STUDY_MARKETS]) {
      await storeStudy(data, { markets });
      const { studies: [summary] } = await listStudies();
      const refused = Math.floor((markets + 3) / 7);
      assertEquals([summary.studied, summary.refused, summary.planned], [markets - refused, refused, STUDY_MARKETS]);
      assertEquals(summary.done, markets === STUDY_MARKETS);
      assertEquals(marketsDone(summary), markets === STUDY_MARKETS ? "300" : "20 of 300");
      const view = (await readStudy(FILE, NAME))!;
      assertEquals(view.summary, summary);
      const wanted = studyDistribution(figuresOf(markets));
      assertEquals(view.figures?.sentences, studySentences(wanted));
      const { skill, beyondHolding } = view.figures!;
      assertEquals([skill.quantiles, skill.mean, skill.markets], [
        wanted.skill.quantiles,
        wanted.skill.mean,
        wanted.markets,
      ]);
      assertEquals([skill.curve.length, skill.curve[0], skill.curve[100]], [
        101,
        wanted.skill.values[0],
        wanted.skill.values.at(-1),
      ]);
      assert(beyondHolding!.curve.every((value, i) => i === 0 || value >= beyondHolding!.curve[i - 1]));
    }
    const { settings, refused } = (await readStudy(FILE, NAME))!;
    assertEquals(refused.length, 43);
    assertEquals(new Map(settings).get("First decision"), "2015-01-02");
    assertEquals(
      new Map(settings).get("Traded"),
      "costs of 0.1% of what is traded, held at a volatility of 0.9% a bar",
    );
  });
});

test("studyMarkets() sorts by every column both ways and gives as many as are asked for", async () => {
  await inDataFolder(async (data) => {
    await storeStudy(data, { markets: 40 });
    const wanted = figuresOf(40);
    for (const by of Object.keys(MARKET_COLUMNS) as MarketColumn[]) {
      for (const descending of [true, false]) {
        const { rows, total } = (await studyMarkets(FILE, NAME, { by, descending, count: 1000 }))!;
        assertEquals([rows.length, total], [wanted.length, wanted.length]);
        const value: (row: StudiedRow) => number | string | null = MARKET_COLUMNS[by][1];
        const pairs = rows.slice(1).map((row, i) => [value(rows[i])!, value(row)!]);
        assert(pairs.every(([a, b]) => descending ? a >= b : a <= b), `${by} ${descending}`);
      }
    }
    const few = (await studyMarkets(FILE, NAME, { by: "market", descending: false, count: 3 }))!;
    assertEquals([few.rows.map(({ market }) => market), few.total], [["MKT000", "MKT001", "MKT002"], wanted.length]);
    const [{ score, money }] = wanted;
    const [{ adaptation, beyondHolding }] = few.rows;
    assertAlmostEquals(adaptation, score.mse / score.unadapted, 1e-12);
    assertAlmostEquals(beyondHolding!, money!.sharpe! - money!.holdSharpe!, 1e-12);
    assert(MOST_ROWS >= 1000);
  });
});

test("a file that is no study is named with the reason, and no name that is asked for becomes a path", async () => {
  await inDataFolder(async (data) => {
    await Deno.writeTextFile(`${data}/studies-torn.sqlite`, "no database at all, but long enough to be looked at");
    await storeStudy(data, { markets: 5 });
    const { studies, unread } = await listStudies();
    assertEquals([studies.length, unread.map(({ file }) => file)], [1, ["data:studies-torn.sqlite"]]);
    assert(unread[0].why.includes("Cannot open the database"), unread[0].why);
    for (const file of ["data:../studies.sqlite", "data:studies-torn.sqlite", "studies.sqlite", ""]) {
      assertEquals(await readStudy(file, NAME), null, file);
      assertEquals(await studyMarkets(file, NAME, { by: "skill", descending: true, count: 1 }), null, file);
    }
    assertEquals(await readStudy(FILE, "another"), null);
    // What the dashboard reads it leaves as it is: the runner goes on beside it.
    using store = await openStudies(`${data}/studies.sqlite`);
    store.keep(NAME, "next", { refused: "torn" });
    assertEquals((await readStudy(FILE, NAME))?.summary.refused, 2);
  });
});
