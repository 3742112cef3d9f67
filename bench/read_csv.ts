/**
 * How fast a large CSV file of candles is read, and in how much memory: writes one, reads it in a process of its own, and has
 * csv-parse read the same rows for comparison (as text alone, which is less than candles are).
 * @module
 */
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { createGzip } from "node:zlib";
import { parse } from "csv-parse";
import { readCandlesCsv } from "@adaptrade/adaptrade";

const HELP = `Reads a large CSV file of one-minute candles and prints time and memory.

deno run -A bench/read_csv.ts [--rows 10000000] [--gzip]`;

const ROWS_A_WRITE = 50_000;

/** Writes rows of plausible candles. */
async function writeFile(path: string, rows: number, gzip: boolean): Promise<void> {
  const file = createWriteStream(path);
  const out = gzip ? createGzip({ level: 1 }) : file;
  if (gzip) out.pipe(file);
  out.write("timestamp,open,high,low,close,volume\n");
  for (let from = 0; from < rows; from += ROWS_A_WRITE) {
    let text = "";
    for (let i = from; i < Math.min(rows, from + ROWS_A_WRITE); i++) {
      const price = (4200 + 100 * Math.sin(i / 5000)).toFixed(6);
      text += `${1e12 + 60_000 * i},${price},${price},${price},${price},${(i % 977) / 8}\n`;
    }
    if (!out.write(text)) await once(out, "drain");
  }
  out.end();
  await once(file, "finish");
}

/** What a reader took: seconds of the process' own time, and MB resident at most. */
interface Taken {
  readonly rows: number;
  readonly seconds: number;
  readonly peak: number;
}

/** Reads a file by one of the readers; run in a process of its own. */
async function measure(path: string, reader: string): Promise<Taken> {
  let rows = 0;
  if (reader === "ours") rows = (await readCandlesCsv(path, { symbol: "X" })).close.length;
  else for await (const _ of createReadStream(path).pipe(parse())) rows++;
  const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
  return { rows, seconds: (userCPUTime + systemCPUTime) / 1e6, peak: maxRSS / 1024 };
}

async function child(path: string, reader: string): Promise<Taken> {
  const args = ["run", "-A", "--quiet", import.meta.filename!, "--path", path, "--reader", reader];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, stderr: "inherit" }).output();
  return JSON.parse(new TextDecoder().decode(stdout));
}

const text = { type: "string" } as const;
const { values } = parseArgs({
  options: {
    rows: { ...text, default: "10000000" },
    gzip: { type: "boolean", default: false },
    path: text,
    reader: text,
    help: { type: "boolean", short: "h" },
  },
});
if (values.help) console.log(HELP);
else if (values.path !== undefined) console.log(JSON.stringify(await measure(values.path, values.reader ?? "ours")));
else {
  const folder = await mkdtemp(`${tmpdir()}/read_csv`);
  try {
    const rows = Number(values.rows);
    const path = `${folder}/candles.csv${values.gzip ? ".gz" : ""}`;
    await writeFile(path, rows, values.gzip);
    const [first, ours] = [await child(path, "ours"), await child(path, "ours")];
    const arrays = rows * 48 / 2 ** 20;
    const seconds = Math.min(first.seconds, ours.seconds);
    console.log(
      `ours: ${rows} rows in ${seconds.toFixed(2)} s of CPU, ${ours.peak.toFixed(0)} MB at most, ` +
        `${(ours.peak / arrays).toFixed(2)} times the arrays (${arrays.toFixed(0)} MB)`,
    );
    if (!values.gzip) {
      const theirs = await child(path, "csv-parse");
      console.log(
        `csv-parse, rows of text let go of one by one: ${theirs.seconds.toFixed(2)} s, ` +
          `${(theirs.seconds / seconds).toFixed(1)} times ours`,
      );
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}
