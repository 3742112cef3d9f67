/**
 * Pictures of every page for human eyes: desktop dark, desktop light, phone. It fills a dashboard of its own and
 * writes `out/screenshots/PAGE-LOOK.png`; with `--readme` the README's pictures under `docs/` instead. Asserts nothing.
 *
 * deno run -A tests/web/e2e/screenshots.ts [--readme] [PAGE...]
 * @module
 */
import { openPage, type PageOptions, startBrowser, startDashboard, WEBGPU } from "./browser.ts";
import type { Browser, Page } from "playwright-core";
import { fillDashboard, FRESH_PAGES } from "./pages.ts";

/** Long enough for charts and reasons to arrive. */
const SETTLED_MS = 6000;

const LOOKS: Readonly<Record<string, PageOptions>> = {
  dark: { width: 1440, height: 900, colorScheme: "dark" },
  light: { width: 1440, height: 900, colorScheme: "light" },
  phone: { width: 390, height: 844, colorScheme: "dark" },
};

/** The README's pictures: from the head of a page down to a card. */
const README: Readonly<Record<string, string>> = {
  run: "Training loss",
  forecast: "Forecasts and what came",
  lab: "Support loss",
};

/** The README's run is the one that a click trains. */
const README_RUN = { name: "Volatility of the sample" };

/** What is done on a page before its picture is taken. */
const BEFORE: Readonly<Record<string, (page: Page) => Promise<void>>> = {
  // Then what it is measured against stands in the picture, too.
  forecast: (page) => page.getByRole("region", { name: "Saved by month" }).waitFor({ timeout: 120_000 }),
  engine: async (page) => {
    await page.getByRole("button", { name: "Measure", exact: true }).click();
    await page.getByRole("button", { name: "Train in this browser" }).click();
    await page.getByTestId("gradient-error").waitFor({ timeout: 120_000 });
  },
};

/** A page as it is when all of it has come, in a window as high as the page. */
async function opened(browser: Browser, url: string, place: string, options: PageOptions): Promise<Page> {
  const { page, complaints } = await openPage(browser, url, options);
  await BEFORE[place]?.(page);
  await page.waitForTimeout(SETTLED_MS);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  await page.setViewportSize({ width: options.width!, height });
  if (complaints.length > 0) console.log(place, complaints);
  return page;
}

if (import.meta.main) {
  const readme = Deno.args.includes("--readme");
  const asked = Deno.args.filter((name) => name !== "--readme");
  const isAsked = (place: string) => asked.length === 0 ? !readme || place in README : asked.includes(place);
  const folder = readme ? "docs" : "out/screenshots";
  await Deno.mkdir(folder, { recursive: true });
  await using dashboard = await startDashboard();
  await using browser = await startBrowser(WEBGPU);
  const picture = async (pages: Readonly<Record<string, string>>) => {
    for (const [place, path] of Object.entries(pages).filter(([place]) => isAsked(place))) {
      for (const [look, options] of Object.entries(LOOKS)) {
        if (readme && look !== "dark") continue;
        const page = await opened(browser, `${dashboard.url}${path}`, place, options);
        const last = readme ? await page.getByRole("region", { name: README[place] }).first().boundingBox() : null;
        await page.screenshot({
          path: `${folder}/${place.replaceAll(/\W+/g, "-")}${readme ? "" : `-${look}`}.png`,
          ...(last !== null && { clip: { x: 0, y: 0, width: options.width!, height: last.y + last.height + 16 } }),
        });
        await page.context().close();
      }
    }
  };
  await picture(FRESH_PAGES);
  await picture(await fillDashboard(dashboard, ...(readme ? [README_RUN] : [])));
}
