/**
 * Charts in a browser: they name moments in UTC wherever the browser is, with their year, and say what they show to those who use
 * the keyboard or have no script.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { HAS_BROWSER, openPage, startBrowser, startDashboard, visit } from "./browser.ts";
import { drawnTexts, noteTexts } from "./drawn_texts.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2023, 11, 31, 20);

/** Sixty hours over the turn of a year, of prices that differ in their last digits alone. */
function hourlyCsv(): string {
  const bars = Array.from(
    { length: 60 },
    (_, i) => `${new Date(START + i * HOUR).toISOString()},67121,67127,67120,${67121 + i / 10},1`,
  );
  return `timestamp,open,high,low,close,volume\n${bars.join("\n")}\n`;
}

/** What one drawing wrote, of one or several alike: a chart that is there when its place is measured is drawn again. */
function oneDrawing(texts: readonly string[]): readonly string[] {
  const isWhole = (length: number) =>
    texts.length % length === 0 && texts.every((text, i) => text === texts[i % length]);
  return texts.slice(0, texts.findIndex((_, i) => isWhole(i + 1)) + 1);
}

/** Visits a market, until its chart is drawn. */
async function visitMarket(page: Page, address: string): Promise<void> {
  await visit(page, address);
  await page.locator(".u-over").waitFor();
}

Deno.test({
  name: "charts name moments in UTC with their year in every time zone and theme; days have no hour",
  ignore: !HAS_BROWSER,
  fn: async (test) => {
    await using dashboard = await startDashboard();
    await Deno.mkdir(`${dashboard.data}/markets`, { recursive: true });
    await Deno.writeTextFile(`${dashboard.data}/markets/HOURLY.csv`, hourlyCsv());
    await using browser = await startBrowser();
    const daily = `${dashboard.url}/data/market?id=sample:SP500`;
    const hourly = `${dashboard.url}/data/market?id=file:HOURLY.csv`;

    // Whatever the zone or the theme changed would tell these two apart.
    const american = { timezone: "America/Los_Angeles", colorScheme: "dark", before: noteTexts } as const;
    const japanese = { timezone: "Asia/Tokyo", colorScheme: "light", before: noteTexts } as const;
    const [there, here] = await Promise.all(
      [american, japanese].map((look) => openPage(browser, "about:blank", look)),
    );
    const { page } = here;

    for (const [name, address] of Object.entries({ daily, hourly })) {
      await test.step(`${name}: the same in two time zones and both themes`, async () => {
        const seen: string[][] = [];
        for (const { page, complaints } of [there, here]) {
          await visitMarket(page, address);
          const texts = await drawnTexts(page);
          assertEquals(texts.filter(({ text }) => /am$|pm$/.test(text)), []);
          const years = texts.filter(({ text }) => /\b(19|20)\d\d$/.test(text));
          assert(years.length > 0, texts.map(({ text }) => text).join("|"));
          for (const { text, top, height, canvasHeight } of years) {
            assert(top + height <= canvasHeight, `${text} is cut: ${top} + ${height} > ${canvasHeight}`);
          }
          const legend = (await page.locator(".u-legend").innerText()).replace(/\s+/g, " ");
          seen.push([legend, ...oneDrawing(texts.map(({ text }) => text))]);
          assertEquals(complaints, []);
        }
        assertEquals(seen[1], seen[0]);
        const [legend, ...texts] = seen[0];
        if (name === "daily") {
          assert(/date \d{4}-\d\d-\d\d ?close/.test(legend), legend);
        } else {
          assert(legend.includes("time 2024-01-03 07:00 UTC"), legend);
          assert(texts.includes("00:00") && texts.includes("1 Jan 2024"), texts.join("|"));
          assert(texts.includes("67122") && legend.includes("close 67126.9"), [legend, ...texts].join("|"));
        }
      });
    }

    await test.step("arrow keys read a chart, and its figures stand in a table", async () => {
      await visitMarket(page, hourly);
      const chart = page.getByRole("slider", { name: /^Closing price of HOURLY/ });
      await chart.focus();
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowRight");
      assertEquals(await chart.getAttribute("aria-valuetext"), "2023-12-31 21:00 UTC, close 67121.1");
      assert((await page.locator(".u-legend").innerText()).includes("2023-12-31 21:00 UTC"));
      await page.keyboard.press("End");
      assertEquals(await chart.getAttribute("aria-valuetext"), "2024-01-03 07:00 UTC, close 67126.9");
    });

    await test.step("a chart that a restarted server no longer has asks for a reload", async () => {
      await page.route("**/*.js", async (route) => {
        const response = await route.fetch();
        const isChart = (await response.text()).includes("u-legend");
        await route.fulfill(isChart ? { status: 404 } : { response });
      });
      await page.goto(hourly);
      await page.getByText("could not be loaded").waitFor();
      await page.unroute("**/*.js");
      await page.getByRole("button", { name: "Reload the page" }).click();
      await page.locator(".u-over").waitFor();
    });

    await test.step("without script the figures are there", async () => {
      const { page } = await openPage(browser, hourly, { script: false });
      await page.locator("summary", { hasText: "Figures, one in 2" }).click();
      const row = page.getByRole("row", { name: "2024-01-03 07:00 UTC" });
      assertEquals(await row.getByRole("cell").innerText(), "67126.9");
      assertEquals(await page.locator(".chart-table tbody tr").count(), 30);
    });
  },
});
