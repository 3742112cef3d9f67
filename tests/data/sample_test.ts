// The embedded sample: equal to its CSV files, fresh at each call, and reachable over http without permissions.
import { assert, assertEquals, assertRejects } from "@std/assert";
import { DataError } from "../../lib/data/candles.ts";
import { readCandlesCsv } from "../../lib/data/csv.ts";
import { sampleMarkets } from "../../lib/data/sample.ts";
import { SAMPLE_INFO } from "../../lib/data/sample_info.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "net", "import");

const ROOT = new URL("../../", import.meta.url);

/** Runs a Deno program and returns what it printed; fails with its errors. */
async function runDeno(args: string[], env: Record<string, string> = {}): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), { args, env: { NO_COLOR: "1", ...env } });
  const { success, stdout, stderr } = await command.output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

test("sampleMarkets() returns the eight markets of its CSV files", async () => {
  const markets = await sampleMarkets();
  assertEquals(markets.map(({ symbol }) => symbol), SAMPLE_INFO.map(({ symbol }) => symbol));
  assertEquals(markets.map(({ time }) => time.length), [5031, 5031, 8321, 1259, 1860, 1860, 1860, 1860]);
  for (const candles of markets) {
    const file = new URL(`lib/data/sample/${candles.symbol}.csv`, ROOT);
    assertEquals(candles, await readCandlesCsv(file, { symbol: candles.symbol }));
    assertEquals(candles.interval, "1d");
  }
});

Deno.test("sampleMarkets() returns the symbols asked for, in that order, in fresh arrays", async () => {
  const [vix, dax] = await sampleMarkets({ symbols: ["VIX", "DAX"] });
  assertEquals([vix.symbol, dax.symbol], ["VIX", "DAX"]);
  dax.close[0] = -1;
  assertEquals((await sampleMarkets({ symbols: ["DAX"] }))[0].close[0], 1628.75);
});

Deno.test("sampleMarkets() throws on an unknown symbol", async () => {
  await assertRejects(() => sampleMarkets({ symbols: ["DAX", "NONE"] }), DataError, "got NONE");
});

Deno.test("SAMPLE_INFO marks the volatility index alone as not tradable", () => {
  assertEquals(SAMPLE_INFO.filter(({ tradable }) => !tradable).map(({ symbol }) => symbol), ["VIX"]);
});

test("the embedded module holds what embed.ts would write", async () => {
  const folder = new URL("lib/data/sample/", ROOT).pathname;
  await runDeno(["run", "--no-lock", `--allow-read=${folder}`, `${folder}embed.ts`, "--check"]);
});

test("sampleMarkets() works when imported over http, without an import map and without permissions", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    try {
      const bytes = await Deno.readFile(new URL(`.${new URL(request.url).pathname}`, ROOT));
      return new Response(bytes, { headers: { "content-type": "application/typescript" } });
    } catch {
      return new Response("Not found", { status: 404 });
    }
  });
  const host = `127.0.0.1:${server.addr.port}`;
  const program = `
    const { sampleMarkets } = await import("http://${host}/lib/data/sample.ts");
    const markets = await sampleMarkets();
    console.log(JSON.stringify(markets.map((candles) => [candles.symbol, candles.close.length, candles.close.at(-1)])));`;
  const cache = await Deno.makeTempDir();
  try {
    const main = `${cache}/main.ts`;
    await Deno.writeTextFile(main, program);
    const output = await runDeno(
      ["run", "--no-lock", "--no-config", "--no-prompt", "--no-check", `--allow-import=${host}`, main],
      { DENO_DIR: `${cache}/deno` },
    );
    const markets = await sampleMarkets();
    assertEquals(
      JSON.parse(output),
      markets.map(({ symbol, close }) => [symbol, close.length, close[close.length - 1]]),
    );
  } finally {
    await Deno.remove(cache, { recursive: true });
  }
});
