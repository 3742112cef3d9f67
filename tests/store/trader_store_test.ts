import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { openNaiveEngine } from "../../lib/engine/naive/engine.ts";
import { momentsOf } from "../../lib/online/live/moment.ts";
import { paperTrade } from "../../lib/online/live/paper_trader.ts";
import type { Trader } from "../../lib/online/live/trader.ts";
import type { TraderRecord, TraderStep } from "../../lib/online/live/trader_step.ts";
import { openDatabase } from "../../lib/store/database.ts";
import { removeTraderFile } from "../../lib/store/trader_lock.ts";
import { openTraderStore, type TraderStore } from "../../lib/store/trader_store.ts";
import { liveMarket, smallTrader, trade } from "../online/live/fixtures.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write");

const engine = openNaiveEngine();
const SYMBOLS = ["BTCUSDT", "ETHUSDT"];
const MARKETS = SYMBOLS.map((symbol, i) => liveMarket(symbol, 70, 20 + i));
const MOMENTS = [...momentsOf(MARKETS)];

async function inFolder(body: (path: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(`${dir}/trader.sqlite`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** Trades so many moments from where the store's trader stands. */
async function go(store: TraderStore, moments: number, commitEvery = 1): Promise<Trader> {
  let trader = store.load(smallTrader(SYMBOLS));
  const rest = MOMENTS.slice(trader.moments, trader.moments + moments);
  for await (const step of paperTrade(engine, rest, { trader, log: store, commitEvery })) ({ trader } = step);
  return trader;
}

function rows(store: TraderStore, sql: string): Record<string, unknown>[] {
  return store.database.prepare(sql).all().map((row) => ({ ...row }));
}

test("a trader's file holds every bar, forecast, position, fill and trade, and what was learned", () =>
  inFolder(async (path) => {
    const { records } = await trade(engine, MOMENTS, smallTrader(SYMBOLS));
    using store = await openTraderStore(path);
    await go(store, 70);
    const flat = <T>(of: (record: TraderRecord) => readonly T[]): T[] => records.flatMap(of);
    assertEquals(
      rows(store, "SELECT * FROM moments ORDER BY time"),
      records.map(({ time, equity, costs }) => ({ time, equity, ...costs, lived: 1 })),
    );
    assertEquals(
      rows(store, "SELECT * FROM bars ORDER BY time, market"),
      flat(({ bars }) => bars.map(({ symbol, bar }) => ({ market: symbol, ...bar }))),
    );
    assertEquals(
      rows(store, "SELECT * FROM predictions ORDER BY time, market"),
      flat(({ predictions }) =>
        predictions.map(({ symbol, time, value, spread, deviation }) => ({
          market: symbol,
          time,
          value,
          spread,
          deviation,
        }))
      ),
    );
    assertEquals(
      rows(store, "SELECT * FROM positions ORDER BY time, market"),
      flat(({ time, positions }) =>
        positions.map(({ symbol, held, wanted }) => ({ market: symbol, time, held, wanted }))
      ),
    );
    assertEquals(
      rows(store, "SELECT * FROM fills ORDER BY id").map(({ id: _, moment: __, ...fill }) => fill),
      flat(({ fills }) =>
        fills.map(({ from, to, fee, ...fill }) => ({ ...fill, cost: fee, from_position: from, to_position: to }))
      ),
    );
    assertEquals(
      rows(
        store,
        "SELECT market, entry_time, exit_time, exit_reason, pnl, cost, stop, take_profit FROM trades ORDER BY id",
      ),
      flat(({ closed }) =>
        closed.map(({ market, entryTime, exitTime, exitReason, pnl, cost, stop, takeProfit }) => ({
          market,
          entry_time: entryTime,
          exit_time: exitTime,
          exit_reason: exitReason,
          pnl,
          cost,
          stop,
          take_profit: takeProfit,
        }))
      ),
    );
    assertEquals(
      rows(store, "SELECT * FROM meta_parameters ORDER BY time").map(({ rates, phi, ...rest }) => ({
        ...rest,
        rates: JSON.parse(String(rates)),
        phi: JSON.parse(String(phi)),
      })),
      records.map(({ time, learned: { outcome, loss, rates, phi, weightDecay } }) => ({
        time,
        outcome,
        loss,
        weight_decay: weightDecay,
        rates,
        phi,
      })),
    );
  }));

test("load() gives the trader of the last commit, in another process' place too", () =>
  inFolder(async (path) => {
    const whole = await trade(engine, MOMENTS, smallTrader(SYMBOLS));
    let trader: Trader | undefined;
    for (const moments of [30, 1, 39]) {
      using store = await openTraderStore(path);
      trader = await go(store, moments);
      assertEquals(store.time, trader.time);
    }
    assertEquals(trader, whole.trader);
    using store = await openTraderStore(path);
    assertEquals(store.load(smallTrader(SYMBOLS)), whole.trader);
  }));

test("load() gives the fresh trader of an empty file, and throws on one of other settings", () =>
  inFolder(async (path) => {
    using store = await openTraderStore(path);
    const fresh = smallTrader(SYMBOLS);
    assertEquals([store.load(fresh), store.time], [fresh, null]);
    await go(store, 3);
    assertThrows(() => store.load(smallTrader(SYMBOLS, {})), DataError, "expected the settings");
  }));

test("commit() writes all of several steps or nothing", () =>
  inFolder(async (path) => {
    using store = await openTraderStore(path);
    await go(store, 40, 8);
    const trader = store.load(smallTrader(SYMBOLS));
    const steps: TraderStep[] = [];
    for await (const step of paperTrade(engine, MOMENTS.slice(40, 44), { trader })) steps.push(step);
    const [first, ...rest] = steps;
    const broken = { ...rest[0], record: { ...rest[0].record, time: first.record.time } };
    assertThrows(() => store.commit([first, broken]), Error, "UNIQUE");
    assertEquals(rows(store, "SELECT count(*) AS n FROM moments"), [{ n: 40 }]);
    assertEquals(store.time, MOMENTS[39].time);
    store.commit(steps);
    store.commit([]);
    assertEquals(rows(store, "SELECT count(*) AS n FROM bars"), [{ n: 88 }]);
  }));

test("commit() throws where another trader has written to the file, and acts on no bar twice", () =>
  inFolder(async (path) => {
    using one = await openTraderStore(path);
    using two = await openTraderStore(path);
    await go(one, 5);
    const stale = two.load(smallTrader(SYMBOLS));
    await go(one, 1);
    await assertRejects(
      async () => {
        for await (const _ of paperTrade(engine, MOMENTS.slice(5, 6), { trader: stale, log: two }));
      },
      DataError,
      "does another trader use it",
    );
    assertEquals(rows(one, "SELECT count(*) AS n FROM bars"), [{ n: 12 }]);
  }));

test("openTraderStore() throws on a database of something else", () =>
  inFolder(async (path) => {
    (await openDatabase(path, ["CREATE TABLE other (id INTEGER)"])).close();
    await assertRejects(() => openTraderStore(path), DataError, "expected a file with the table trader");
  }));

test("load() refuses a trader whose snapshot, time or count was damaged on the disk", () =>
  inFolder(async (path) => {
    {
      using store = await openTraderStore(path);
      await go(store, 50);
    }
    const { snapshot } = await (async () => {
      using store = await openTraderStore(path);
      return store.database.prepare("SELECT snapshot FROM trader").get() as { snapshot: string };
    })();
    const at = snapshot.indexOf('"equity":') + '"equity":'.length;
    const digit = snapshot[at] === "1" ? "3" : "1";
    const damages = [
      ["snapshot = ?", snapshot.slice(0, at) + digit + snapshot.slice(at + 1)],
      ["time = time + ?", 1],
      ["moments = moments + ?", 1],
      ["hash = ?", "0".repeat(64)],
    ] as const;
    for (const [change, value] of damages) {
      const copy = `${path}-copy`;
      await Deno.copyFile(path, copy);
      using store = await openTraderStore(copy);
      store.load(smallTrader(SYMBOLS));
      store.database.prepare(`UPDATE trader SET ${change}`).run(value);
      assertThrows(() => store.load(smallTrader(SYMBOLS)), DataError, "its checksum does not match");
      store.close();
      await Deno.remove(copy);
    }
  }));

test("a flipped bit anywhere in the snapshot's text in the file is never taken up silently", () =>
  inFolder(async (path) => {
    let snapshot: string;
    {
      using store = await openTraderStore(path);
      await go(store, 40);
      snapshot = String(store.database.prepare("SELECT snapshot FROM trader").get()!.snapshot);
      store.database.exec("PRAGMA wal_checkpoint(TRUNCATE)");
    }
    const bytes = await Deno.readFile(path);
    const file = new TextDecoder("latin1").decode(bytes);
    for (let i = 0; i < 30; i++) {
      // Wherever these characters stand, in copies that the database has let go of, too; not where a page ends within them.
      const at = Math.floor(i * (snapshot.length - 64) / 30);
      const piece = [0, 32].map((later) => snapshot.slice(at + later, at + later + 24)).find((one) =>
        file.includes(one)
      )!;
      const broken = bytes.slice();
      for (let place = file.indexOf(piece); place >= 0; place = file.indexOf(piece, place + 1)) {
        broken[place + 13] ^= 1 << (i % 7);
      }
      const copy = `${path}-flipped`;
      await Deno.writeFile(copy, broken);
      await assertRejects(async () => {
        using store = await openTraderStore(copy);
        store.load(smallTrader(SYMBOLS));
      }, DataError);
    }
  }));

test("away() tells of every stretch that was missed behind the first bar lived", () =>
  inFolder(async (path) => {
    using store = await openTraderStore(path);
    const missed = (i: number): boolean => i < 5 || (i >= 20 && i < 23) || i === 30;
    const moments = MOMENTS.slice(0, 40).map((moment, i) => missed(i) ? { ...moment, lived: false } : moment);
    for await (const _ of paperTrade(engine, moments, { trader: store.load(smallTrader(SYMBOLS)), log: store }));
    const at = (i: number): number => MOMENTS[i].time;
    assertEquals(store.away(), [{ from: at(20), to: at(22), bars: 3 }, { from: at(30), to: at(30), bars: 1 }]);
  }));

test("removeTraderFile() removes a file that nobody uses, and refuses one that a trader runs on", () =>
  inFolder(async (path) => {
    await removeTraderFile(path); // none there
    const folder = path.slice(0, path.lastIndexOf("/"));
    {
      using store = await openTraderStore(path);
      await go(store, 3);
      await assertRejects(() => removeTraderFile(path), DataError, "a trader runs on it");
      assertEquals(store.load(smallTrader(SYMBOLS)).moments, 3);
      using reader = await openTraderStore(path);
      assertEquals(reader.time, store.time);
    }
    await removeTraderFile(path);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), []);
  }));
