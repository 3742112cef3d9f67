/**
 * The tables of a paper trader's file. Only ever append to them: a file in use is migrated by what it lacks.
 * @module
 */

/**
 * Migrations of a trader's file, for `openDatabase`. A row of `moments` and all that refers to it are written in one transaction
 * with `trader`, the state after it; times are open times in ms UTC, positions fractions of equity, money account currency. `trader.hash` is the SHA-256 of
 * the row's time, moments and snapshot, null in a row of an older version; `moments.lived` is 0 where the trader was away.
 */
export const TRADER_MIGRATIONS: readonly string[] = Object.freeze([
  `
  CREATE TABLE trader (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    time INTEGER NOT NULL,
    moments INTEGER NOT NULL,
    snapshot TEXT NOT NULL
  ) STRICT;
  CREATE TABLE moments (
    time INTEGER PRIMARY KEY,
    equity REAL NOT NULL,
    fees REAL NOT NULL,
    spread REAL NOT NULL,
    slippage REAL NOT NULL,
    funding REAL NOT NULL,
    borrow REAL NOT NULL
  ) STRICT;
  CREATE TABLE meta_parameters (
    time INTEGER PRIMARY KEY REFERENCES moments (time),
    outcome TEXT NOT NULL,
    loss REAL,
    rates TEXT NOT NULL,
    phi TEXT NOT NULL,
    weight_decay REAL NOT NULL
  ) STRICT;
  CREATE TABLE bars (
    market TEXT NOT NULL,
    time INTEGER NOT NULL REFERENCES moments (time),
    open REAL NOT NULL,
    high REAL NOT NULL,
    low REAL NOT NULL,
    close REAL NOT NULL,
    volume REAL NOT NULL,
    PRIMARY KEY (market, time)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX bars_by_time ON bars (time);
  CREATE TABLE predictions (
    market TEXT NOT NULL,
    time INTEGER NOT NULL,
    value REAL NOT NULL,
    spread REAL,
    deviation REAL NOT NULL,
    PRIMARY KEY (market, time),
    FOREIGN KEY (market, time) REFERENCES bars (market, time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE positions (
    market TEXT NOT NULL,
    time INTEGER NOT NULL,
    held REAL NOT NULL,
    wanted REAL NOT NULL,
    PRIMARY KEY (market, time),
    FOREIGN KEY (market, time) REFERENCES bars (market, time)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE fills (
    id INTEGER PRIMARY KEY,
    moment INTEGER NOT NULL REFERENCES moments (time),
    market TEXT NOT NULL,
    time INTEGER NOT NULL,
    price REAL NOT NULL,
    from_position REAL NOT NULL,
    to_position REAL NOT NULL,
    cost REAL NOT NULL,
    reason TEXT NOT NULL
  ) STRICT;
  CREATE INDEX fills_by_moment ON fills (moment);
  CREATE TABLE trades (
    id INTEGER PRIMARY KEY,
    moment INTEGER NOT NULL REFERENCES moments (time),
    market TEXT NOT NULL,
    side TEXT NOT NULL CHECK (side IN ('long', 'short')),
    entry_time INTEGER NOT NULL,
    entry_price REAL NOT NULL,
    exit_time INTEGER NOT NULL,
    exit_price REAL NOT NULL,
    exit_reason TEXT NOT NULL,
    pnl REAL NOT NULL,
    cost REAL NOT NULL,
    stop REAL,
    take_profit REAL
  ) STRICT;
  CREATE INDEX trades_by_moment ON trades (moment);
  `,
  `
  ALTER TABLE fills ADD COLUMN quantity REAL NOT NULL DEFAULT 0;
  `,
  `
  ALTER TABLE trader ADD COLUMN hash TEXT;
  ALTER TABLE moments ADD COLUMN lived INTEGER NOT NULL DEFAULT 1;
  `,
]);
