// 2,400 drawn files: each is read right or refused for what its form leaves open, and read right once that is settled. Broken
// ones are read or refused, never anything else, and never for long.
import { assertEquals } from "@std/assert";
import { type Candles, DataError } from "../../../lib/data/candles.ts";
import { readCandlesCsv } from "../../../lib/data/csv.ts";
import type { TableOptions } from "../../../lib/data/table/head.ts";
import { random } from "../../../lib/net/random.ts";
import { type GeneratedFile, generateFile } from "./generated_files.ts";

const FILES = 2400;

async function read(
  bytes: Uint8Array<ArrayBuffer>,
  options: Omit<TableOptions, "symbol"> = {},
): Promise<Candles | DataError> {
  try {
    return await readCandlesCsv(new Blob([bytes]).stream(), { symbol: "X", ...options });
  } catch (error) {
    if (error instanceof DataError) return error;
    throw error;
  }
}

/** Whether candles are those that the file holds. */
function requireSame(candles: Candles, { expected, form }: GeneratedFile): void {
  for (const column of ["time", "open", "high", "low", "close", "volume"] as const) {
    assertEquals(candles[column], expected[column], `${column} of ${form}`);
  }
}

/** What a file may be refused for, and the option that settles it. */
const DOUBTS = /pass decimal|pass dateOrder|pass columns/;

Deno.test("readCandlesCsv() reads 2,400 drawn files right, or names the option under which it does", async () => {
  let doubtful = 0;
  for (let seed = 1; seed <= FILES; seed++) {
    const file = await generateFile(seed);
    const plain = await read(file.bytes);
    if (plain instanceof DataError) {
      doubtful++;
      assertEquals(DOUBTS.test(plain.message), true, `${plain.message} ${file.form}`);
    } else requireSame(plain, file);
    const settled = await read(file.bytes, file.settled);
    if (settled instanceof DataError) throw new Error(`${settled.message} ${file.form}`, { cause: settled });
    requireSame(settled, file);
  }
  // Short files without a day above 12, numbers like 1,234 alone, columns without names: a tenth or so.
  assertEquals(doubtful < 0.2 * FILES, true, `${doubtful} files are refused without options`);
});

Deno.test("readCandlesCsv() reads or refuses 2,400 broken files, and drops no row of those it reads", async () => {
  for (let seed = 1; seed <= FILES; seed++) {
    const file = await generateFile(seed);
    const stream = random(seed);
    const broken = file.bytes.slice(
      0,
      stream.uniform() < 0.3 ? Math.ceil(stream.uniform() * file.bytes.length) : undefined,
    );
    for (let i = 0; i < 3; i++) {
      const at = Math.floor(stream.uniform() * broken.length);
      broken[at] = stream.uniform() < 0.5
        ? Math.floor(stream.uniform() * 256)
        : broken[Math.floor(stream.uniform() * broken.length)];
    }
    const candles = await read(broken, file.settled);
    if (candles instanceof DataError) continue;
    assertEquals(candles.time.every((time, i) => i === 0 || time > candles.time[i - 1]), true, file.form);
    assertEquals(candles.close.every(Number.isFinite), true, file.form);
  }
});
