// examples/online_trading.ts as its users run it: a child process with the permissions its help names.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { Candles } from "../../lib/data/candles.ts";
import { candlesToCsv } from "../../lib/data/csv_write.ts";
import { openTraderStore } from "../../lib/store/trader_store.ts";
import { saveForecaster } from "../../mod.ts";
import { sharedForecaster } from "../forecast/fixtures.ts";
import { serveBybit } from "../online/live/bybit_server.ts";
import { liveMarket, STEP, until } from "../online/live/fixtures.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "net", "env");

const EXAMPLE = new URL("../../examples/online_trading.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

function spawn(dir: string, args: readonly string[], net: readonly string[] = []): Deno.ChildProcess {
  const flags = ["run", "--quiet", "--no-lock", "--no-prompt", "--no-check", `--config=${CONFIG}`, ...net];
  return new Deno.Command(Deno.execPath(), {
    args: [...flags, `--allow-read=${dir}`, `--allow-write=${dir}`, EXAMPLE, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

async function run(dir: string, args: readonly string[]): Promise<{ code: number; out: string; err: string }> {
  const { code, stdout, stderr } = await spawn(dir, args).output();
  const text = new TextDecoder();
  return { code, out: text.decode(stdout), err: text.decode(stderr) };
}

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await body(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function writeMarket(dir: string, market: Candles): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
  await Deno.writeTextFile(`${dir}/${market.symbol}.csv`, candlesToCsv(market));
}

function part(market: Candles, bars: number): Candles {
  const { time, open, high, low, close, volume } = market;
  const cut = (values: Float64Array): Float64Array => values.slice(0, bars);
  return {
    ...market,
    time: cut(time),
    open: cut(open),
    high: cut(high),
    low: cut(low),
    close: cut(close),
    volume: cut(volume),
  };
}

test("online_trading replays a folder, stops, goes on, and ends as if it had never stopped", () =>
  inFolder(async (dir) => {
    const market = liveMarket("BTCUSDT", 380, 3);
    await writeMarket(`${dir}/whole`, market);
    await writeMarket(`${dir}/half`, part(market, 350));
    const options = ["--hidden", "8", "--stop", "3", "--every", "10"];
    const whole = await run(dir, ["--replay", `${dir}/whole`, "--db", `${dir}/whole.sqlite`, ...options]);
    assertEquals([whole.code, whole.err], [0, ""]);
    assertStringIncludes(whole.out, "380 bars until");
    const half = await run(dir, ["--replay", `${dir}/half`, "--db", `${dir}/parts.sqlite`, ...options]);
    assertEquals(half.code, 0);
    const rest = await run(dir, [
      "--replay",
      `${dir}/whole`,
      "--db",
      `${dir}/parts.sqlite`,
      ...options,
      "--commit-every",
      "7",
    ]);
    assertStringIncludes(rest.out, "has 350 bars already: going on from there");
    const summary = (out: string): string => out.slice(out.indexOf("380 bars until"), out.indexOf("Kept in"));
    assertEquals(summary(rest.out), summary(whole.out));
    assert(summary(whole.out).includes("equity"), whole.out);
    const other = await run(dir, ["--replay", `${dir}/whole`, "--db", `${dir}/parts.sqlite`, "--hidden", "4"]);
    assertEquals(other.code, 1);
    const anew = await run(dir, ["--replay", `${dir}/half`, "--db", `${dir}/parts.sqlite`, "--hidden", "4", "--fresh"]);
    assertEquals(anew.code, 0);
    assertStringIncludes(anew.out, "350 bars until");
  }));

test("online_trading trades live, says where it stands on Ctrl-C, and goes on later", () =>
  inFolder(async (dir) => {
    const made = liveMarket("BTCUSDT", 340, 3);
    const open = Math.floor(Date.now() / STEP) * STEP;
    const market = { ...made, time: made.time.map((_, i) => open + (i - 335) * STEP) };
    await using server = serveBybit([market], open);
    const host = new URL(server.rest).host;
    const options = ["--stream-url", server.stream, "--base-url", server.rest, "--db", `${dir}/live.sqlite`];
    const command = ["--hidden", "8", "--warmup", "400", ...options];
    const listen = async (bars: readonly number[]): Promise<{ code: number; out: string; err: string }> => {
      const subscriptions = server.subscriptions;
      const child = spawn(dir, command, [`--allow-net=${host}`]);
      const decoder = new TextDecoder();
      let out = "";
      let err = "";
      const reading = Promise.all([
        (async () => {
          for await (const bytes of child.stdout) out += decoder.decode(bytes);
        })(),
        (async () => {
          for await (const bytes of child.stderr) err += new TextDecoder().decode(bytes);
        })(),
      ]);
      await until("it listens", () => server.subscriptions > subscriptions);
      for (const i of bars) {
        server.now = market.time[i] + STEP;
        server.sendBar("BTCUSDT", i);
        const time = new Date(market.time[i]).toISOString().slice(0, 16).replace("T", " ");
        await until(`bar ${i} is printed`, () => out.includes(time));
      }
      child.kill("SIGINT");
      await reading;
      return { code: (await child.status).code, out, err };
    };
    const first = await listen([335, 336]);
    assertEquals(first.code, 130);
    assertStringIncludes(first.out, "337 bars until");
    assertStringIncludes(first.err, "connected: subscribed to BTCUSDT");
    const second = await listen([337, 338, 339]);
    assertStringIncludes(second.out, "has 337 bars already");
    assertStringIncludes(second.out, "340 bars until");

    using store = await openTraderStore(`${dir}/live.sqlite`);
    const times = store.database.prepare("SELECT time FROM bars ORDER BY time").all().map(({ time }) => time);
    assertEquals(times, [...market.time]);
    const wanted = store.database.prepare("SELECT min(time) AS first FROM positions WHERE wanted <> 0").get()?.first;
    assert(Number(wanted) >= open, `it wanted a position at ${wanted}, before ${open}`);
  }));

test("online_trading says what is wrong with its command line", () =>
  inFolder(async (dir) => {
    for (
      const [args, message] of [
        [["--replay", `${dir}/none`], "no such folder"],
        [["--replay", "sample", "--speed=-1"], "--speed must be"],
        [["--replay", "sample", "--backend", "tpu"], "--backend must be"],
        [["--interval", "7"], "interval"],
      ] as const
    ) {
      const { code, err } = await run(dir, [...args, "--db", `${dir}/x.sqlite`]);
      assertEquals(code, 1);
      assertStringIncludes(err, message);
    }
  }));

test("online_trading trades by a saved forecaster of volatility, and goes on from its file", () =>
  inFolder(async (dir) => {
    const { pool: [market], forecaster } = await sharedForecaster();
    await saveForecaster(`${dir}/risk.forecaster`, forecaster);
    const args = ["--replay", `${dir}/markets`, "--db", `${dir}/trader.sqlite`, "--every", "1"];
    const chosen = [...args, "--forecaster", `${dir}/risk.forecaster`, "--risk", "0.004"];
    await writeMarket(`${dir}/markets`, part(market, 30));
    const first = await run(dir, chosen);
    assertEquals([first.code, first.err], [0, ""]);
    assertStringIncludes(first.out, "SIM0");
    assertStringIncludes(first.out, "(volatility ");
    await writeMarket(`${dir}/markets`, part(market, 40));
    const second = await run(dir, chosen);
    assertEquals([second.code, second.err], [0, ""]);
    assertStringIncludes(second.out, "has 30 bars already");
    assertStringIncludes(second.out, "40 bars until");
    const both = await run(dir, [...chosen, "--checkpoint", `${dir}/none.ckpt`]);
    assertEquals(both.code === 0, false);
    assertStringIncludes(both.err, "exclude each other");
  }));
