/**
 * Writes `deno.jsr.json`: `deno.json` with the names of `std/` and `web/fresh/` mapped to their originals on JSR, with
 * tasks that use it, and with a lock of its own, since the two resolve names differently. `--check` only says whether it is up to date, and exits 1 if not.
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

/** Tasks that need the originals: Fresh's production build, and its server. */
const FURTHER_TASKS: Readonly<Record<string, Task>> = {
  "web:build": {
    description: "Build the dashboard into web/_fresh",
    command: "deno run -A --config deno.jsr.json web/dev.ts build",
  },
  "web:start": {
    description: "Serve the built dashboard on http://127.0.0.1:8000",
    command: "deno serve -A --config deno.jsr.json --host 127.0.0.1 web/_fresh/server.js",
  },
};

/** Written by Deno where JSR can be reached; `deno.lock` stays that of `deno.json`. */
const LOCK = { path: "./deno.jsr.lock" };

interface Task {
  readonly description: string;
  readonly command: string;
}

/** A task's own `deno` looks for deno.json, whichever file the task came from; so it is told. */
function withConfig({ description, command }: Task): Task {
  return { description, command: command.replace(/\bdeno (run|test|task|check)\b/g, "$& --config deno.jsr.json") };
}

/** The text of `deno.jsr.json` for a `deno.json`. */
export function jsrConfig(text: string): string {
  const config = JSON.parse(text) as { imports: Record<string, string>; tasks: Record<string, Task> };
  // What only the stand-ins import stays: they lie in folders that are type-checked and tested whole.
  const imports = Object.fromEntries(
    Object.entries(config.imports).map(([name, target]) => [name, ORIGINALS[name] ?? target]),
  );
  const tasks = Object.fromEntries(Object.entries(config.tasks).map(([name, task]) => [name, withConfig(task)]));
  return `${JSON.stringify({ ...config, lock: LOCK, imports, tasks: { ...tasks, ...FURTHER_TASKS } }, null, 2)}\n`;
}

if (import.meta.main) {
  const wanted = jsrConfig(await readFile(SOURCE, "utf8"));
  if (!process.argv.includes("--check")) await writeFile(TARGET, wanted);
  else if (JSON.stringify(JSON.parse(wanted)) !== JSON.stringify(JSON.parse(await readFile(TARGET, "utf8")))) {
    console.error("deno.jsr.json is out of date: run std/jsr_config.ts");
    process.exit(1);
  }
}
