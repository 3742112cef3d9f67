import { assert, assertEquals } from "@std/assert";
import { openNaiveEngine } from "../../../lib/engine/naive/engine.ts";
import { paperTrade } from "../../../lib/online/live/paper_trader.ts";
import { replayFeed } from "../../../lib/online/live/replay_feed.ts";
import { random } from "../../../lib/net/random.ts";
import { openTraderStore } from "../../../lib/store/trader_store.ts";
import { killedMarket, killedTrader } from "./fixtures.ts";
import { testWith } from "../../permissions.ts";

const test = testWith("read", "write", "run", "env");

const KILLS = 200;
const BARS = 1000;
const PROGRAM = new URL("./killed_trader.ts", import.meta.url).pathname;
const TABLES = ["moments", "bars", "predictions", "positions", "fills", "trades", "meta_parameters", "trader"];

/** The program as one file, so that each of its many lives begins at once. */
async function bundled(dir: string): Promise<string> {
  const { build, stop } = await import("esbuild"); // it reads the environment when it loads
  const outfile = `${dir}/killed_trader.js`;
  await build({ entryPoints: [PROGRAM], outfile, bundle: true, format: "esm", platform: "node", target: "esnext" });
  await stop();
  return outfile;
}

/** Starts the program on a file; kills it `delay` ms after it has begun (`dots` 0) or written so many bars. How it ended. */
async function life(program: string, file: string, dots: number, delay: number): Promise<Deno.CommandStatus> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-check", "--no-config", "--allow-read", "--allow-write", program, file, String(BARS)],
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const kill = (): void => {
    try {
      child.kill("SIGKILL");
    } catch (error) {
      // It may just have ended by itself.
      if (!(error instanceof TypeError)) throw error;
    }
  };
  let seen = -1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  for await (const bytes of child.stdout) {
    seen += bytes.length;
    if (seen >= dots) timer ??= setTimeout(kill, delay);
  }
  clearTimeout(timer);
  return await child.status;
}

/** Every row of a trader's file, in the order of its keys. */
async function content(file: string): Promise<Record<string, unknown[]>> {
  using store = await openTraderStore(file);
  return Object.fromEntries(TABLES.map((table) => [
    table,
    store.database.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all().map((row) => ({ ...row })),
  ]));
}

/** What is in a file after a kill: whether it is sound, its moments and bars, and the trader's own count and time. */
async function inspect(file: string): Promise<{ sound: unknown; moments: number; bars: number; acted: number }> {
  using store = await openTraderStore(file);
  const one = (sql: string): unknown => Object.values(store.database.prepare(sql).get() ?? {})[0];
  const trader = store.load(killedTrader());
  assertEquals(one("SELECT max(time) FROM moments"), trader.time);
  return {
    sound: one("PRAGMA integrity_check"),
    moments: Number(one("SELECT count(*) FROM moments")),
    bars: Number(one("SELECT count(*) FROM bars")),
    acted: trader.moments,
  };
}

test("a trader killed 200 times at random moments has missed no bar, acted on none twice, and has the same equity", async () => {
  const dir = await Deno.makeTempDir();
  try {
    const whole = `${dir}/whole.sqlite`;
    {
      using store = await openTraderStore(whole);
      const options = { trader: killedTrader(), log: store };
      for await (const _ of paperTrade(openNaiveEngine(), replayFeed([killedMarket(BARS)]), options));
    }
    const program = await bundled(dir);
    const file = `${dir}/killed.sqlite`;
    const stream = random(2024);
    let kills = 0;
    let progressed = 0;
    let last = 0;
    while (kills < KILLS) {
      const dots = stream.integer(5);
      // The first dot comes before the file is opened: then a kill falls into its recovery.
      const delay = (dots === 0 ? 40 : 4) * stream.uniform();
      const { signal, code } = await life(program, file, dots, delay);
      assert(signal === "SIGKILL" || code === 0, `the program failed by itself with ${code}`);
      if (signal === "SIGKILL") kills++;
      const { sound, moments, bars, acted } = await inspect(file);
      assertEquals([sound, moments, bars], ["ok", acted, acted]);
      assert(moments < BARS || kills === KILLS, `the replay ended after ${kills} kills already`);
      if (moments > last) progressed++;
      last = moments;
    }
    assert(progressed > KILLS / 2, `only ${progressed} lives got anywhere`);
    assertEquals((await life(program, file, Infinity, 0)).code, 0);
    const [killed, uninterrupted] = [await content(file), await content(whole)];
    assertEquals(killed.moments.length, BARS);
    assertEquals(killed, uninterrupted);
    const equity = (rows: unknown[]): string => (rows[rows.length - 1] as { equity: number }).equity.toFixed(2);
    assertEquals(equity(killed.moments), equity(uninterrupted.moments));
    assert(killed.fills.length > 50, `${killed.fills.length} fills`);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});
