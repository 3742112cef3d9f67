/**
 * What every page owes its visitors: no serious violation of accessibility in either theme, and little JavaScript before the
 * charts.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { HAS_BROWSER, openPage, startBrowser, startDashboard, visit } from "./browser.ts";
import { fillDashboard, FRESH_PAGES } from "./pages.ts";
import { SMALL_RUN } from "./small_run.ts";

interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
}

/** Rules of axe that judge colours: a theme changes nothing else. */
const COLOURS = ["color-contrast", "link-in-text-block"];

/** The serious and critical violations of a page by its usual rules or by some of them, one line each. */
async function violations(page: Page, rules?: readonly string[]): Promise<string[]> {
  const found = await page.evaluate(async (rules) => {
    const { run } = (globalThis as unknown as { axe: { run(o: unknown): Promise<{ violations: Violation[] }> } }).axe;
    return (await run({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) })).violations;
  }, rules);
  return found.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(({ id, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary.split("\n")[1]?.trim()}`)
  );
}

/** Most bytes of JavaScript that a page may transfer before its charts. */
const MOST_SCRIPT = 100_000;

Deno.test({
  name:
    "every page is free of serious accessibility violations, dark and light, and takes less than 100 KB of JavaScript",
  ignore: !HAS_BROWSER,
  fn: async (test) => {
    await using dashboard = await startDashboard();
    await using browser = await startBrowser();
    const { default: axe } = await import("axe-core"); // it reads the environment when it loads
    const { page } = await openPage(browser, "about:blank");
    const look = (name: string, path: string) =>
      test.step(`${name}, dark and light`, async () => {
        await page.emulateMedia({ colorScheme: "dark" });
        await visit(page, `${dashboard.url}${path}`);
        await page.evaluate(axe.source);
        await page.locator("h1").first().waitFor();
        // What an island loads when it is seen: charts that are in view hold something then.
        await page.waitForTimeout(200);
        await page.waitForFunction(() =>
          [...document.querySelectorAll(".chart")].every((chart) =>
            chart.childElementCount > 0 || chart.getBoundingClientRect().top > innerHeight
          )
        );
        for (const colorScheme of ["dark", "light"] as const) {
          await page.emulateMedia({ colorScheme });
          // Colours half on their way from one theme to the other are none of either.
          await page.evaluate(() =>
            Promise.allSettled(
              document.getAnimations().filter((one) => one instanceof CSSTransition).map(({ finished }) => finished),
            )
          );
          assertEquals(await violations(page, colorScheme === "light" ? COLOURS : undefined), [], colorScheme);
        }
      });
    for (const [name, path] of Object.entries(FRESH_PAGES)) await look(name, path);
    for (const [name, path] of Object.entries(await fillDashboard(dashboard, SMALL_RUN))) {
      await test.step(`${name}, JavaScript before its charts`, async () => {
        const bytes = await scriptBytes(`${dashboard.url}${path}`);
        assert(bytes > 10_000 && bytes < MOST_SCRIPT, `${bytes} bytes`);
      });
      await look(name, path);
    }
  },
});

/** Bytes of a page's scripts and of everything they import statically: what it needs before it loads a chart. */
async function scriptBytes(address: string): Promise<number> {
  const html = await (await fetch(address)).text();
  const open = [...html.matchAll(/(?:modulepreload" href|<script [^>]*src)="([^"]+)"/g)].map(([, path]) => path);
  const seen = new Set<string>();
  let bytes = 0;
  for (let path = open.pop(); path !== undefined; path = open.pop()) {
    const url = new URL(path, address).href;
    if (seen.has(url)) continue;
    seen.add(url);
    const text = await (await fetch(url)).text();
    bytes += new TextEncoder().encode(text).length;
    const imports = text.matchAll(/(?:\bfrom|\bimport)\s*"(\.[^"]+)"/g);
    open.push(...[...imports].map(([, specifier]) => new URL(specifier, url).href));
  }
  return bytes;
}
