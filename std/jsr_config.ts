/**
 * Writes `deno.jsr.json`: `deno.json` with the names of `std/` and `web/fresh/` mapped to their originals on JSR. `--check` only says whether
 * it is up to date, and exits 1 if not.
 *
 * deno run --allow-read=. --allow-write=deno.jsr.json std/jsr_config.ts [--check]
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";

const SOURCE = new URL("../deno.json", import.meta.url);
const TARGET = new URL("../deno.jsr.json", import.meta.url);

/** The originals of what stands in `std/` and `web/fresh/`. */
const ORIGINALS: Readonly<Record<string, string>> = {
  "@std/assert": "jsr:@std/assert@^1",
  "@std/csv": "jsr:@std/csv@^1",
  "fresh": "jsr:@fresh/core@^2.3",
  "fresh/runtime": "jsr:@fresh/core@^2.3/runtime",
  "fresh/dev": "jsr:@fresh/core@^2.3/dev",
};

/** Names that only the stand-ins import. */
const ONLY_STAND_INS: readonly string[] = ["csv-parse", "preact-render-to-string", "esbuild"];

/** The text of `deno.jsr.json` for a `deno.json`. */
export function jsrConfig(text: string): string {
  const config = JSON.parse(text) as { imports: Record<string, string> };
  const imports = Object.fromEntries(
    Object.entries(config.imports)
      .filter(([name]) => !ONLY_STAND_INS.includes(name))
      .map(([name, target]) => [name, ORIGINALS[name] ?? target]),
  );
  return `${JSON.stringify({ ...config, imports }, null, 2)}\n`;
}

if (import.meta.main) {
  const wanted = jsrConfig(await readFile(SOURCE, "utf8"));
  if (!process.argv.includes("--check")) await writeFile(TARGET, wanted);
  else if (JSON.stringify(JSON.parse(wanted)) !== JSON.stringify(JSON.parse(await readFile(TARGET, "utf8")))) {
    console.error("deno.jsr.json is out of date: run std/jsr_config.ts");
    process.exit(1);
  }
}
