// examples/bybit_fetch.ts as its users run it: a child process with the permissions its help names.
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { readCandlesCsv } from "../../lib/data/csv.ts";
import { withFolder } from "../data/candle_files.ts";
import { envelope, type KlineServer, serveKlines } from "../data/bybit_server.ts";
import { testWith } from "../permissions.ts";

const test = testWith("read", "write", "run", "net", "env");

const HOUR = 3_600_000;
const START = Date.UTC(2024, 0, 1);
const EXAMPLE = new URL("../../examples/bybit_fetch.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function command(server: KlineServer | undefined, dir: string, args: readonly string[]): Deno.Command {
  const net = server ? [`--allow-net=${new URL(server.url).host}`] : [];
  const target = server ? ["--base-url", server.url] : [];
  const flags = ["run", "--quiet", "--no-lock", "--no-prompt", "--no-check", `--config=${CONFIG}`, ...net];
  return new Deno.Command(Deno.execPath(), {
    args: [...flags, `--allow-read=${dir}`, `--allow-write=${dir}`, EXAMPLE, ...target, ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  });
}

function decode(output: Deno.CommandOutput): Outcome {
  const text = new TextDecoder();
  return { code: output.code, out: text.decode(output.stdout), err: text.decode(output.stderr) };
}

async function run(server: KlineServer | undefined, dir: string, args: readonly string[]): Promise<Outcome> {
  return decode(await command(server, dir, args).output());
}

function files(dir: string): string[] {
  return [...Deno.readDirSync(dir)].map((entry) => entry.name).sort();
}

const RANGE = ["--interval", "60", "--start", "2024-01-01"];

test("bybit_fetch writes a file per symbol and continues it", async () => {
  await using server = serveKlines({ now: START + 3000 * HOUR });
  await withFolder(async (folder) => {
    const dir = `${folder}/new`;
    const common = ["--symbols", "BTCUSDT,ETHUSDT", "--out", dir, ...RANGE];
    const first = await run(server, folder, [...common, "--end", "2024-02-20"]);
    assertEquals([first.code, first.err], [0, ""]);
    assertEquals(files(dir), ["BTCUSDT.csv", "ETHUSDT.csv"]);
    assertStringIncludes(first.out, `BTCUSDT: 1200 bars in ${dir}/BTCUSDT.csv`);
    const asked = server.queries.length;
    const second = await run(server, folder, [...common, "--end", "2024-02-21"]);
    assertEquals(second.code, 0);
    assertEquals(
      server.queries.slice(asked).map((query) => query.get("start")),
      Array(2).fill(String(START + 1200 * HOUR)),
    );
    const candles = await readCandlesCsv(`${dir}/ETHUSDT.csv`, { symbol: "ETHUSDT" });
    assertEquals(candles.time, Float64Array.from({ length: 1224 }, (_, i) => START + i * HOUR));
    assertEquals(files(dir), ["BTCUSDT.csv", "ETHUSDT.csv"]);
  });
});

test("bybit_fetch keeps a file of its own for each category", async () => {
  await using server = serveKlines({ now: START + 50 * HOUR });
  await withFolder(async (dir) => {
    const common = ["--symbols", "BTCUSDT", "--out", dir, ...RANGE];
    assertEquals((await run(server, dir, [...common, "--end", "2024-01-01T08:00"])).code, 0);
    const perpetual = await Deno.readTextFile(`${dir}/BTCUSDT.csv`);
    const spot = await run(server, dir, [...common, "--category", "spot", "--end", "2024-01-01T09:00"]);
    assertEquals([spot.code, spot.err], [0, ""]);
    assertEquals(files(dir), ["BTCUSDT-spot.csv", "BTCUSDT.csv"]);
    assertEquals(await Deno.readTextFile(`${dir}/BTCUSDT.csv`), perpetual);
    assertEquals(server.queries.at(-1)?.get("category"), "spot");
    const bars = (await readCandlesCsv(`${dir}/BTCUSDT-spot.csv`, { symbol: "X" })).time.length;
    assertEquals(bars, 9);
  });
});

test("bybit_fetch keeps what has come on Ctrl-C", async () => {
  const { promise: stuck, resolve: onStuck } = Promise.withResolvers<void>();
  const never = Promise.withResolvers<void>();
  await using server = serveKlines({
    now: START + 5000 * HOUR,
    fault({ index }) {
      if (index < 2) return undefined;
      onStuck();
      return new Response(new ReadableStream({ pull: () => never.promise }));
    },
  });
  await withFolder(async (dir) => {
    const child = command(server, dir, ["--symbols", "BTCUSDT", "--out", dir, ...RANGE, "--end", "2024-06-01"]).spawn();
    await stuck;
    child.kill("SIGINT");
    const { code, err } = decode(await child.output());
    never.resolve();
    assertEquals(code, 130);
    assertStringIncludes(err, "the same command goes on from there");
    assertEquals(files(dir), ["BTCUSDT.csv"]);
    assertEquals((await readCandlesCsv(`${dir}/BTCUSDT.csv`, { symbol: "X" })).time.length, 2000);
  });
});

test("bybit_fetch reports an unknown symbol and fetches the others", async () => {
  await using server = serveKlines({ now: START + 50 * HOUR });
  await withFolder(async (dir) => {
    const args = ["--symbols", "NONESUCH,BTCUSDT", "--out", dir, ...RANGE, "--end", "2024-02-01"];
    const { code, err } = await run(server, dir, args);
    assertEquals(code, 1);
    assertStringIncludes(err, "unknown symbol");
    assertEquals(files(dir), ["BTCUSDT.csv"]);
  });
});

test("bybit_fetch says what 403 may mean, and writes nothing", async () => {
  await using server = serveKlines({ now: START, fault: () => new Response("", { status: 403 }) });
  await withFolder(async (dir) => {
    const { code, err } = await run(server, dir, [
      "--symbols",
      "BTCUSDT",
      "--out",
      dir,
      ...RANGE,
      "--end",
      "2024-02-01",
    ]);
    assertEquals(code, 1);
    assertStringIncludes(err, "region");
    assertEquals(files(dir), []);
  });
});

test("bybit_fetch leaves a file alone that is broken or of another interval", async () => {
  await using server = serveKlines({ now: START + 50 * HOUR, fault: () => envelope(0, "OK", { list: [] }, START) });
  await withFolder(async (dir) => {
    const daily = "timestamp,close\n2024-01-01,1\n2024-01-02,2\n";
    await Deno.writeTextFile(`${dir}/A.csv`, daily);
    await Deno.writeTextFile(`${dir}/B.csv`, "timestamp,close\n2024-01-01,x\n");
    const { code, err } = await run(server, dir, ["--symbols", "A,B", "--out", dir, ...RANGE, "--end", "2024-02-01"]);
    assertEquals(code, 1);
    assertStringIncludes(err, "it holds 1d bars, asked for are 1h");
    assertStringIncludes(err, "line 2: expected a number for close");
    assertEquals(await Deno.readTextFile(`${dir}/A.csv`), daily);
    assertEquals(server.queries.length, 0);
  });
});

test("bybit_fetch prints its help, and mistakes with it", async () => {
  await withFolder(async (dir) => {
    const help = await run(undefined, dir, ["--help"]);
    assertEquals(help.code, 0);
    assertStringIncludes(help.out, "--symbols");
    const mistakes: readonly (readonly [string[], string])[] = [
      [[], "--symbols is missing"],
      [["--symbols", "../X", "--out", dir], "letters, digits and dashes"],
      [["--symbols", "X"], "--out is missing"],
      [["--symbols", "X", "--out", dir, "--start", "soon"], '"soon"'],
      [["--symbols", "X", "--out", dir, "--interval", "7"], 'got "7"'],
      [["--symbols", "X", "--out", dir, "--frequency", "7"], "--frequency"],
    ];
    for (const [args, message] of mistakes) {
      const { code, err } = await run(undefined, dir, args);
      assertEquals(code, 2, err);
      assert(err.includes(message), err);
    }
  });
});
