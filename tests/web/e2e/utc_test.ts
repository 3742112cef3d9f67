/**
 * Moments on every page of an hourly market, far from Greenwich: each says that it is UTC, or stands in a table that does, and they
 * are the same in another time zone.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { HAS_BROWSER, openPage, startBrowser, startDashboard, visit } from "./browser.ts";
import { trainSmallRun } from "./small_run.ts";
import { until } from "./trained_run.ts";

/** Pages that are looked at in a second time zone too: those with the most moments. */
const TWICE: readonly string[] = ["backtest", "trader"];
const HOUR = 3_600_000;
const START = Date.UTC(2023, 6, 1);

/** Hourly bars of a price that wanders, by seed. */
function hourlyCsv(seed: number): string {
  let price = 100;
  const rows = Array.from({ length: 1400 }, (_, i) => {
    const before = price;
    price *= 1 + 0.01 * Math.sin(i * seed) * Math.cos(i / 40) + 0.004 * Math.sin(i * i * seed);
    const [high, low] = [Math.max(before, price) * 1.002, Math.min(before, price) * 0.998];
    return [new Date(START + i * HOUR).toISOString(), before, high, low, price, 10].join(",");
  });
  return `timestamp,open,high,low,close,volume\n${rows.join("\n")}\n`;
}

/** Runs in the page: what it says of moments with an hour, with what stands around those that do not say UTC and lie in no table that does. */
function momentsSaid(): { readonly all: string[]; readonly bare: string[] } {
  const moment = /\d{4}-\d\d-\d\d \d\d:\d\d( UTC)?/g;
  const inUtcTable = (element: Element): boolean => {
    const table = element.closest("table");
    const cell = element.closest("td, th");
    const head = table?.tHead?.rows[0].cells[(cell as HTMLTableCellElement | null)?.cellIndex ?? -1];
    return /UTC/.test(head?.textContent ?? "") || /UTC/.test(table?.caption?.textContent ?? "");
  };
  const [all, bare]: string[][] = [[], []];
  const look = (text: string, element: Element) => {
    for (const [found, zone] of text.matchAll(moment)) {
      all.push(found);
      if (zone === undefined && !inUtcTable(element)) bare.push(`${element.tagName}: ${text.slice(0, 120)}`);
    }
  };
  for (const element of document.querySelectorAll("main *")) {
    const own = [...element.childNodes].filter(({ nodeType }) => nodeType === 3).map(({ textContent }) => textContent);
    look(own.join(""), element);
    for (const name of ["aria-label", "aria-valuetext", "title"]) look(element.getAttribute(name) ?? "", element);
  }
  return { all, bare };
}

/** Runs in the page: goes to each chart, which loads when it is seen, until it is drawn. */
async function seeCharts(): Promise<void> {
  for (const chart of document.querySelectorAll(".chart")) {
    chart.scrollIntoView();
    while (chart.childElementCount === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

Deno.test({
  name: "every moment of an hourly market says that it is UTC, on every page and in every time zone",
  ignore: !HAS_BROWSER,
  fn: async (test) => {
    await using dashboard = await startDashboard();
    const { url, data } = dashboard;
    await Deno.mkdir(`${data}/markets`, { recursive: true });
    for (const [seed, name] of ["ONE", "TWO", "SIX"].entries()) {
      const csv = hourlyCsv(seed + 1).split("\n");
      if (name === "SIX") csv.splice(1200, 30); // a hole for the report to find
      await Deno.writeTextFile(`${data}/markets/${name}.csv`, csv.join("\n"));
    }
    const post = async (path: string, body: unknown) =>
      await (await fetch(`${url}${path}`, { method: "POST", body: JSON.stringify(body) })).json();
    const trader = await post("/api/online", { market: "file:SIX.csv", speed: 0 });
    const markets = ["file:ONE.csv", "file:TWO.csv"];
    const run = await trainSmallRun(url, { target: "return", horizon: 1, steps: 60, markets, unseen: "file:SIX.csv" });
    const asked = { run, market: "file:SIX.csv", threshold: 0, stop: "fixed", stopDistance: 0.02 };
    const backtest = await post("/api/backtest", asked);
    await until("the backtest", async () => {
      const finished: { readonly id: string }[] = await (await fetch(`${url}/api/backtest`)).json();
      return finished.some(({ id }) => id === backtest.id);
    });
    await until("the trader", async () => {
      const [{ status }] = await (await fetch(`${url}/api/online`)).json();
      return status === "done";
    });
    const shown = (page: Page, text: string | RegExp) => page.getByText(text).first().waitFor();
    // The page itself has a hundred bars and the last three hundred; its stream brings more.
    const streamed = (page: Page) =>
      page.waitForFunction(() => Number(document.querySelector("[role=slider]")?.getAttribute("aria-valuemax")) > 400);
    const pages: Readonly<Record<string, readonly [path: string, ready: (page: Page) => Promise<unknown>]>> = {
      overview: ["/", (page) => shown(page, "1 of 1")],
      run: [`/runs/${run}`, (page) => shown(page, "Validation loss")],
      forecast: [`/forecast?run=${run}&market=file:SIX.csv`, (page) => shown(page, "Band held")],
      lab: [`/lab?run=${run}&market=file:SIX.csv`, (page) => shown(page, "What each support row did")],
      backtest: [`/backtest?id=${backtest.id}`, (page) => shown(page, "What was tested")],
      market: ["/data/market?id=file:SIX.csv", (page) => shown(page, "Quality")],
      online: [`/online?trader=${trader.id}`, (page) => shown(page, "what it began with")],
      trader: [`/online/${trader.id}`, streamed],
    };
    await using browser = await startBrowser();
    const zones: Page[] = [];
    for (const timezone of ["Pacific/Auckland", "America/Los_Angeles"]) {
      zones.push((await openPage(browser, "about:blank", { timezone })).page);
    }
    for (const [name, [path, ready]] of Object.entries(pages)) {
      await test.step(name, async () => {
        const looked = TWICE.includes(name) ? zones : zones.slice(0, 1);
        for (const page of looked) {
          await visit(page, `${url}${path}`);
          await ready(page);
          await page.evaluate(() => document.querySelectorAll("details").forEach((one) => one.open = true));
        }
        // A page's stream brings more points than the page was sent with.
        const said = await until("the same moments in both time zones", async () => {
          const found: ReturnType<typeof momentsSaid>[] = [];
          for (const page of looked) {
            await page.evaluate(seeCharts);
            found.push(await page.evaluate(momentsSaid));
          }
          return found.every(({ all }) => all.join() === found[0].all.join()) && found;
        });
        for (const { bare } of said) assertEquals(bare, []);
        if (name !== "run") assert(said[0].all.length > 0, "no moment with an hour");
      });
    }
  },
});
