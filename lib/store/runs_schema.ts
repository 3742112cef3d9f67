/**
 * The tables of training runs, as migrations for `openDatabase`. Only ever appended to.
 * @module
 */

/** Migration `i` makes schema version `i + 1`. */
export const RUN_MIGRATIONS: readonly string[] = [
  `CREATE TABLE runs (
     id TEXT PRIMARY KEY,
     name TEXT NOT NULL,
     status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'paused', 'stopped', 'done', 'failed')),
     config TEXT NOT NULL,
     step INTEGER NOT NULL DEFAULT 0,
     steps INTEGER NOT NULL,
     created_at INTEGER NOT NULL,
     updated_at INTEGER NOT NULL,
     request TEXT CHECK (request IN ('pause', 'stop')),
     owner TEXT,
     error TEXT
   ) STRICT;
   CREATE TABLE run_points (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     step INTEGER NOT NULL,
     train REAL,
     validation REAL,
     detail TEXT NOT NULL,
     PRIMARY KEY (run, step)
   ) STRICT, WITHOUT ROWID;
   CREATE TABLE run_checkpoints (
     run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
     kind TEXT NOT NULL CHECK (kind IN ('latest', 'best')),
     step INTEGER NOT NULL,
     validation REAL,
     bytes BLOB NOT NULL,
     PRIMARY KEY (run, kind)
   ) STRICT;
   CREATE INDEX runs_by_age ON runs (created_at);`,
  `ALTER TABLE runs ADD COLUMN result TEXT;`,
  `ALTER TABLE runs ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';`,
];
