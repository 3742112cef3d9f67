/**
 * Pictures of every page for human eyes: desktop dark, desktop light, phone. It fills a dashboard of its own and
 * writes `out/screenshots/PAGE-LOOK.png`. Asserts nothing.
 *
 * deno run -A tests/web/e2e/screenshots.ts [PAGE...]
 * @module
 */
import { openPage, type PageOptions, startBrowser, startDashboard, WEBGPU } from "./browser.ts";
import type { Page } from "playwright-core";
import { fillDashboard } from "./pages.ts";

/** Long enough for charts and reasons to arrive. */
const SETTLED_MS = 6000;

const LOOKS: Readonly<Record<string, PageOptions>> = {
  dark: { width: 1440, height: 900, colorScheme: "dark" },
  light: { width: 1440, height: 900, colorScheme: "light" },
  phone: { width: 390, height: 844, colorScheme: "dark" },
};

/** What is done on a page before its picture is taken. */
const BEFORE: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  forecast: (page) => page.getByRole("region", { name: "Verdict" }).waitFor({ timeout: 120_000 }),
  engine: async (page) => {
    await page.getByRole("button", { name: "Measure", exact: true }).click();
    await page.getByRole("button", { name: "Train in this browser" }).click();
    await page.getByTestId("gradient-error").waitFor({ timeout: 120_000 });
  },
};

if (import.meta.main) {
  const folder = "out/screenshots";
  await Deno.mkdir(folder, { recursive: true });
  await using dashboard = await startDashboard();
  const pages = await fillDashboard(dashboard);
  await using browser = await startBrowser(WEBGPU);
  for (const [place, path] of Object.entries(pages)) {
    if (Deno.args.length > 0 && !Deno.args.includes(place)) continue;
    for (const [look, options] of Object.entries(LOOKS)) {
      const { page, complaints } = await openPage(browser, `${dashboard.url}${path}`, options);
      await BEFORE[place]?.(page);
      await page.waitForTimeout(SETTLED_MS);
      await page.evaluate(() => scrollTo(0, 0));
      await page.screenshot({ path: `${folder}/${place}-${look}.png`, fullPage: true });
      if (complaints.length > 0) console.log(place, look, complaints);
      await page.context().close();
    }
  }
}
