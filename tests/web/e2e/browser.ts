/**
 * Starts the dashboard on a free port with a data folder of its own, and Debian's Chromium on it. Collects what the pages
 * write to the console, so that a test can demand that it is nothing. Holds no assertions.
 * @module
 */
import type { Browser, Page } from "playwright-core";
import config from "../../../deno.json" with { type: "json" };
import { NEEDS, permits } from "../../permissions.ts";

/** Where Debian puts its browser. */
export const CHROMIUM = "/usr/bin/chromium";

const permitted = permits(...NEEDS);

/** Whether tests that need a browser run: it is installed and may be started. ADAPTRADE_REQUIRE_BROWSER=1 fails where it is missing. */
export const HAS_BROWSER: boolean = permitted && await Deno.stat(CHROMIUM).then(() => true, () => false);
if (permitted && !HAS_BROWSER && Deno.env.get("ADAPTRADE_REQUIRE_BROWSER") === "1") {
  throw new Error(`ADAPTRADE_REQUIRE_BROWSER is set but there is no ${CHROMIUM}: apt-get install chromium (Debian)`);
}

/** The command of `deno task web`, so that what is tested has the permissions that people give it. */
const TASK: string = config.tasks.web.command;

/** A running dashboard. */
export interface Dashboard extends AsyncDisposable {
  /** Its address, without a slash at the end. */
  readonly url: string;
  /** The folder that holds its runs. */
  readonly data: string;
  /** Id of its process. */
  readonly pid: number;
  /** What it wrote to its terminal as errors so far, less the packages that Deno fetched; passed on to this one's too. */
  complaints(): string;
  /** Ends the server, as a kill would, and keeps the data. */
  kill(): Promise<void>;
}

/** What Deno says of packages that a cold cache had not yet: no fault of the dashboard's. */
const FETCHED = /^Download \S+\n/gm;

/** Starts the dashboard. `data` is the folder of an earlier one to go on with, `env` are further environment variables. */
export async function startDashboard(data?: string, env: Readonly<Record<string, string>> = {}): Promise<Dashboard> {
  const folder = data ?? await Deno.makeTempDir({ prefix: "adaptrade-web-" });
  const child = new Deno.Command(Deno.execPath(), {
    args: TASK.split(" ").slice(1),
    env: { PORT: "0", ADAPTRADE_DATA: folder, NO_COLOR: "1", ...env },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let complaints = "";
  const heard = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) {
      complaints += text;
      console.error(text.trimEnd());
    }
  })();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let printed = "";
  let address: RegExpExecArray | null = null;
  while (address === null) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`The dashboard ended before it listened: ${printed}`);
    printed += value;
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
  }
  // The pipe must be drained, or the server would block on its next line.
  const drained = (async () => {
    while (!(await reader.read()).done);
  })();
  let ended: Promise<unknown> | null = null;
  const kill = async () => {
    ended ??= (child.kill("SIGKILL"), Promise.all([child.status, drained, heard]));
    await ended;
  };
  return {
    url: address[0],
    data: folder,
    pid: child.pid,
    complaints: () => complaints.replaceAll(FETCHED, ""),
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill();
      if (data === undefined) await Deno.remove(folder, { recursive: true }).catch(() => {});
    },
  };
}

/** A page, and what it wrote to the console as warnings, errors or uncaught exceptions. */
export interface WatchedPage {
  /** The page. */
  readonly page: Page;
  /** One line each. */
  readonly complaints: string[];
}

/** How a page is opened. */
export interface PageOptions {
  /** Width in CSS pixels (default 1360). */
  readonly width?: number;
  /** Height in CSS pixels (default 900). */
  readonly height?: number;
  /** The system's theme (default dark). */
  readonly colorScheme?: "dark" | "light";
  /** Where its clock is (default the machine's place). */
  readonly timezone?: string;
  /** Whether it runs scripts (default true). */
  readonly script?: boolean;
  /** A script that runs before those of the page. */
  readonly before?: () => void;
}

/** Flags that give a headless browser WebGPU, on its own software adapter. */
export const WEBGPU: readonly string[] = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

/** This environment, without what hides Vulkan drivers from tests: it would hide the browser's own software one, too. */
function ownDrivers(): Record<string, string> {
  const { VK_DRIVER_FILES: _files, VK_ICD_FILENAMES: _names, ...rest } = Deno.env.toObject();
  return rest;
}

/** Starts the browser, by a driver loaded only then. `args` stand for the flag that switches its GPU off. */
export async function startBrowser(args: readonly string[] = []): Promise<Browser> {
  const { chromium } = await import("playwright-core");
  return await chromium.launch({
    executablePath: CHROMIUM,
    headless: true,
    args: ["--no-sandbox", ...(args.length === 0 ? ["--disable-gpu"] : args)],
    env: ownDrivers(),
  });
}

/** Opens a page in a context of its own, and visits an address there. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<WatchedPage> {
  const { width = 1360, height = 900, colorScheme = "dark", timezone, script = true, before } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    javaScriptEnabled: script,
    ...(timezone !== undefined && { timezoneId: timezone }),
  });
  if (before !== undefined) await context.addInitScript(before);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(`uncaught: ${error.message}`));
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`);
  });
  if (script) await visit(page, url);
  else await page.goto(url);
  return { page, complaints };
}

/** Goes to an address, and waits until its islands listen: a slow machine shows them well before. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.evaluate(async () => {
    const islands: { url: string }[] = JSON.parse(document.getElementById("__fresh_islands")?.textContent ?? "[]");
    await Promise.all(islands.map(({ url }) => import(url)));
    await new Promise((resolve) => setTimeout(resolve)); // they are rendered behind their import
  });
}
