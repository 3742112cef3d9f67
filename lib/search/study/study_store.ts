/**
 * Studies in SQLite: a row a market, written as it ends, with its figures as JSON and its forecasts as bytes. It runs nothing, and
 * holds no market in memory.
 * @module
 */
import { DataError } from "../../data/candles.ts";
import type { Json } from "../../pool/job.ts";
import { packValue, unpackValue } from "../../pool/pack.ts";
import { type Database, type DatabaseOptions, openDatabase } from "../../store/database.ts";
import type { StudyOutcome, StudySeries } from "./study_kind.ts";
import type { MarketStudy } from "./study_market.ts";

/** Migration `i` makes schema version `i + 1`; only ever appended to. */
const STUDY_MIGRATIONS: readonly string[] = [
  `CREATE TABLE studies (
     name TEXT PRIMARY KEY,
     description TEXT NOT NULL,
     created_at INTEGER NOT NULL
   ) STRICT;
   CREATE TABLE study_markets (
     study TEXT NOT NULL REFERENCES studies (name) ON DELETE CASCADE,
     source TEXT NOT NULL,
     figures TEXT,
     refused TEXT,
     series BLOB,
     ended_at INTEGER NOT NULL,
     PRIMARY KEY (study, source)
   ) STRICT;`,
  `ALTER TABLE studies ADD COLUMN planned INTEGER;
   ALTER TABLE studies ADD COLUMN ended_at INTEGER;`,
];

/** A study as the store knows it. */
export interface StudyRecord {
  /** Its name. */
  readonly name: string;
  /** What it was asked, as `begin` was given it. */
  readonly description: Json;
  /** When it was begun, ms UTC. */
  readonly createdAt: number;
  /** When its last market ended, or it was begun, ms UTC. */
  readonly updatedAt: number;
  /** When it came to its end, ms UTC; null where it runs or was cut. */
  readonly endedAt: number | null;
  /** Markets that it walks over; null where they were listed as it went. */
  readonly planned: number | null;
  /** Markets that were studied. */
  readonly studied: number;
  /** Markets that could not be. */
  readonly refused: number;
}

/** A market that could not be studied. */
export interface RefusedMarket {
  /** Its source's name. */
  readonly source: string;
  /** Why. */
  readonly refused: string;
}

/** The open store. */
export interface StudyStore extends Disposable {
  /**
   * Begins a study, or goes on with it; `planned` are the markets that it will walk over, where that is known.
   * @throws {DataError} There is another one of that name.
   */
  begin(name: string, description: Json, planned?: number): void;
  /** Notes that every market of a study has ended. */
  end(name: string): void;
  /** The studies, oldest first. */
  list(): StudyRecord[];
  /** Whether a source has been studied, or refused. */
  has(name: string, source: string): boolean;
  /** Keeps what came of a source. */
  keep(name: string, source: string, outcome: StudyOutcome): void;
  /** Figures of all markets, by source; one row at a time is in memory. */
  figures(name: string): IterableIterator<MarketStudy>;
  /** What could not be studied, by source. */
  refused(name: string): RefusedMarket[];
  /** The forecasts of a source, or null. */
  series(name: string, source: string): StudySeries | null;
}

type Row = Record<string, unknown>;

function* figuresOf(db: Database, name: string): IterableIterator<MarketStudy> {
  const rows = db.prepare("SELECT figures FROM study_markets WHERE study = ? AND figures IS NOT NULL ORDER BY source");
  for (const row of rows.iterate(name) as IterableIterator<Row>) yield JSON.parse(row.figures as string) as MarketStudy;
}

const LIST = `SELECT name, description, created_at, planned, studies.ended_at,
    COALESCE(MAX(study_markets.ended_at), created_at) AS updated_at,
    COUNT(figures) AS studied, COUNT(refused) AS refused
  FROM studies LEFT JOIN study_markets ON study = name GROUP BY name ORDER BY created_at, name`;

function recordOf(row: Row): StudyRecord {
  return {
    name: row.name as string,
    description: JSON.parse(row.description as string) as Json,
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    endedAt: row.ended_at as number | null,
    planned: row.planned as number | null,
    studied: row.studied as number,
    refused: row.refused as number,
  };
}

function storeOf(db: Database): StudyStore {
  return {
    begin(name, description, planned) {
      const text = JSON.stringify(description);
      db.transaction(() => {
        const row = db.prepare("SELECT description FROM studies WHERE name = ?").get(name) as Row | undefined;
        if (row && row.description !== text) {
          throw new DataError(
            `Cannot go on with the study ${name}: expected what it was asked before, ${row.description}, received ${text}; ` +
              "give this one another name",
          );
        }
        db.prepare("INSERT OR IGNORE INTO studies (name, description, created_at) VALUES (?, ?, ?)")
          .run(name, text, Date.now());
        db.prepare("UPDATE studies SET planned = ?, ended_at = NULL WHERE name = ?").run(planned ?? null, name);
      });
    },
    end: (name) => void db.prepare("UPDATE studies SET ended_at = ? WHERE name = ?").run(Date.now(), name),
    list: () => (db.prepare(LIST).all() as Row[]).map(recordOf),
    has: (name, source) =>
      db.prepare("SELECT 1 FROM study_markets WHERE study = ? AND source = ?").get(name, source) !== undefined,
    keep(name, source, outcome) {
      const [figures, refused, series] = "study" in outcome
        ? [JSON.stringify(outcome.study), null, packValue(outcome.series)]
        : [null, outcome.refused, null];
      db.prepare("INSERT OR REPLACE INTO study_markets VALUES (?, ?, ?, ?, ?, ?)")
        .run(name, source, figures, refused, series, Date.now());
    },
    figures: (name) => figuresOf(db, name),
    refused: (name) =>
      db.prepare("SELECT source, refused FROM study_markets WHERE study = ? AND refused IS NOT NULL ORDER BY source")
        .all(name) as unknown as RefusedMarket[],
    series(name, source) {
      const row = db.prepare("SELECT series FROM study_markets WHERE study = ? AND source = ?").get(name, source) as
        | Row
        | undefined;
      return row?.series ? unpackValue<StudySeries>(row.series as Uint8Array) : null;
    },
    [Symbol.dispose]: () => db.close(),
  };
}

/**
 * Opens a file of studies, and makes it if it is not there.
 *
 * @param path The SQLite file, or `":memory:"`.
 * @param options Waiting and writing.
 * @throws {DataError} The file cannot be opened, or is no such file.
 *
 * @example
 * ```ts
 * import { openStudies } from "@adaptrade/adaptrade/search";
 * import { assertEquals } from "@std/assert";
 *
 * using studies = await openStudies(":memory:");
 * studies.begin("all of them", null);
 * studies.keep("all of them", "NEW.csv", { refused: "Cannot read NEW.csv: it is empty" });
 * assertEquals([studies.has("all of them", "NEW.csv"), [...studies.figures("all of them")]], [true, []]);
 * ```
 */
export async function openStudies(path: string, options: DatabaseOptions = {}): Promise<StudyStore> {
  return storeOf(await openDatabase(path, STUDY_MIGRATIONS, options));
}
