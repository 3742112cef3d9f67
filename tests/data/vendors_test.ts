// Every vendor's form is read right, or refused with the words that help and read with the option they name.
import { assertEquals, assertRejects } from "@std/assert";
import { type Candles, DataError } from "../../lib/data/candles.ts";
import { readCandlesCsv } from "../../lib/data/csv.ts";
import { readCandlesJson } from "../../lib/data/json.ts";
import { VENDOR_FILES, type VendorFile } from "./vendors.ts";

function read(file: VendorFile, options: VendorFile["options"]): Promise<Candles> {
  const reader = file.format === "json" ? readCandlesJson : readCandlesCsv;
  return reader(new Blob([file.bytes]).stream(), { symbol: file.symbol ?? "X", ...options });
}

for (const file of VENDOR_FILES) {
  const { vendor, form, bars, interval, lacks, options, refusal } = file;
  Deno.test(`${vendor}: ${form}`, async () => {
    if (refusal) {
      const { message } = await assertRejects(() => read(file, undefined), DataError);
      assertEquals(refusal.test(message), true, message);
    }
    const candles = await read(file, options);
    const column = (name: "time" | "open" | "high" | "low" | "close" | "volume"): Float64Array =>
      Float64Array.from(bars, (bar) => bar[name]);
    assertEquals(candles.time, column("time"));
    assertEquals(candles.interval, interval);
    assertEquals(candles.close, column("close"));
    for (const name of ["open", "high", "low"] as const) {
      assertEquals(candles[name], column(lacks === "prices" ? "close" : name), name);
    }
    assertEquals(candles.volume, lacks ? new Float64Array(bars.length) : column("volume"));
  });
}
