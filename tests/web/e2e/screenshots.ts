/**
 * Pictures of every page for human eyes: desktop dark, desktop light, phone. It fills a dashboard of its own and
 * writes `out/screenshots/PAGE-LOOK.png`. Asserts nothing.
 *
 * deno run -A tests/web/e2e/screenshots.ts [PAGE...]
 * @module
 */
import { openPage, type PageOptions, startBrowser, startDashboard, WEBGPU } from "./browser.ts";
import { fillDashboard } from "./pages.ts";

const LOOKS: Readonly<Record<string, PageOptions>> = {
  dark: { width: 1440, height: 900, colorScheme: "dark" },
  light: { width: 1440, height: 900, colorScheme: "light" },
  phone: { width: 390, height: 844, colorScheme: "dark" },
};

/** What is clicked before a page's picture, by the names of buttons. */
const CLICKS: Readonly<Record<string, readonly string[]>> = { engine: ["Measure", "Train in this browser"] };

if (import.meta.main) {
  const folder = "out/screenshots";
  await Deno.mkdir(folder, { recursive: true });
  await using dashboard = await startDashboard();
  const pages = await fillDashboard(dashboard.url);
  await using browser = await startBrowser(WEBGPU);
  for (const [place, path] of Object.entries(pages)) {
    if (Deno.args.length > 0 && !Deno.args.includes(place)) continue;
    for (const [look, options] of Object.entries(LOOKS)) {
      const { page, complaints } = await openPage(browser, `${dashboard.url}${path}`, options);
      for (const name of CLICKS[place] ?? []) await page.getByRole("button", { name, exact: true }).click();
      await page.waitForTimeout(place in CLICKS ? 15_000 : 4000);
      await page.screenshot({ path: `${folder}/${place}-${look}.png`, fullPage: true });
      if (complaints.length > 0) console.log(place, look, complaints);
      await page.context().close();
    }
  }
}
