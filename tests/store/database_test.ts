import { DatabaseSync } from "node:sqlite";
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { type Database, openDatabase } from "../../lib/store/database.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write");

const TABLE = "CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT;";
const COLUMN = "ALTER TABLE notes ADD COLUMN author TEXT;";

async function inFolder(body: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(`${dir}/notes.sqlite`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

function pragma(database: Database, name: string): unknown {
  return Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
}

test("openDatabase() syncs every commit, keeps a write-ahead log and enforces foreign keys", () =>
  inFolder(async (path) => {
    using database = await openDatabase(path, [TABLE], { busyTimeout: 1234 });
    const names = ["journal_mode", "synchronous", "foreign_keys", "user_version", "busy_timeout"];
    assertEquals(names.map((name) => pragma(database, name)), ["wal", 2, 1, 1, 1234]);
  }));

test("openDatabase() runs only the migrations that a file lacks", () =>
  inFolder(async (path) => {
    {
      using first = await openDatabase(path, [TABLE]);
      first.prepare("INSERT INTO notes (text) VALUES (?)").run("kept");
    }
    using second = await openDatabase(path, [TABLE, COLUMN]);
    assertEquals(pragma(second, "user_version"), 2);
    assertEquals(second.prepare("SELECT text, author FROM notes").all().map((row) => ({ ...row })), [
      { text: "kept", author: null },
    ]);
  }));

test("openDatabase() leaves a file as it was where a migration fails", () =>
  inFolder(async (path) => {
    (await openDatabase(path, [TABLE])).close();
    await assertRejects(() => openDatabase(path, [TABLE, COLUMN, "CREATE NONSENSE"]), DataError, "NONSENSE");
    using database = await openDatabase(path, [TABLE]);
    assertEquals(database.prepare("SELECT name FROM pragma_table_info('notes')").all().map(({ name }) => name), [
      "id",
      "text",
    ]);
  }));

test("openDatabase() throws on a file from a newer version, on no database, and on a missing folder", () =>
  inFolder(async (path) => {
    (await openDatabase(path, [TABLE, COLUMN])).close();
    await assertRejects(() => openDatabase(path, [TABLE]), DataError, "version 1 or older, received 2");
    await Deno.writeTextFile(`${path}.txt`, "This is no database at all, only text.".repeat(40));
    await assertRejects(() => openDatabase(`${path}.txt`, [TABLE]), DataError, "not a database");
    await assertRejects(() => openDatabase(`${path}/none/x.sqlite`, [TABLE]), DataError, "unable to open");
  }));

test("openDatabase() refuses a file that keeps something else, and leaves it as it was", () =>
  inFolder(async (path) => {
    const others = { foreign: "CREATE TABLE places (x)", own: "CREATE TABLE pool (x); PRAGMA user_version = 1" };
    for (const [name, sql] of Object.entries(others)) {
      const file = `${path}.${name}`;
      using other = new DatabaseSync(file);
      other.exec(sql);
      const before = await Deno.readFile(file);
      for (const readOnly of [false, true]) {
        await assertRejects(
          () => openDatabase(file, [TABLE], { readOnly }),
          DataError,
          `expected a file with the table notes, or a new one, received one with ${name === "own" ? "pool" : "places"}`,
        );
      }
      assertEquals(await Deno.readFile(file), before);
    }
  }));

test("openDatabase() read-only refuses to write, and a schema that it cannot bring up to date", () =>
  inFolder(async (path) => {
    await assertRejects(() => openDatabase(path, [TABLE], { readOnly: true }), DataError, "unable to open");
    (await openDatabase(path, [TABLE])).close();
    using database = await openDatabase(path, [TABLE], { readOnly: true });
    assertThrows(() => database.exec("INSERT INTO notes (text) VALUES ('x')"), Error, "readonly");
    await assertRejects(
      () => openDatabase(path, [TABLE, COLUMN], { readOnly: true }),
      DataError,
      "version 2, received 1",
    );
  }));

test("transaction() commits all or nothing, and refuses async work", () =>
  inFolder(async (path) => {
    using database = await openDatabase(path, [TABLE]);
    const add = (text: string): void => {
      database.prepare("INSERT INTO notes (text) VALUES (?)").run(text);
    };
    const count = (): unknown => database.prepare("SELECT count(*) AS n FROM notes").get()?.n;
    assertEquals(database.transaction(() => (add("one"), "result")), "result");
    assertThrows(
      () =>
        database.transaction(() => {
          add("two");
          throw new Error("on purpose");
        }),
      Error,
      "on purpose",
    );
    assertThrows(
      () =>
        database.transaction(() => {
          add("three");
          return Promise.resolve();
        }),
      TypeError,
      "async",
    );
    assertEquals(count(), 1);
    database.transaction(() => add("four"));
    assertEquals(count(), 2);
  }));
