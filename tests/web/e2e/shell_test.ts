/**
 * What every page shares: static files that carry the security headers, one current link, islands that answer.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard, visit } from "./browser.ts";

Deno.test({
  name: "the shell marks one link as current, switches the theme, and guards static files like pages",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, dashboard.url);
    for (const [path, label] of [["/", "Overview"], ["/engine", "Engine"]]) {
      await visit(page, `${dashboard.url}${path}`);
      const current = page.locator("[aria-current]:not([aria-current=false])");
      assertEquals((await current.allInnerTexts()).map((text) => text.trim()), [label]);
      const theme = () => page.evaluate("getComputedStyle(document.documentElement).colorScheme");
      const before = await theme();
      await page.locator(".theme-switch").click();
      await page.waitForFunction(
        `getComputedStyle(document.documentElement).colorScheme !== ${JSON.stringify(before)}`,
      );
      assertEquals(complaints, []);
    }
    for (const path of ["/theme.css", "/theme.js"]) {
      const response = await fetch(`${dashboard.url}${path}`);
      assert((await response.text()).length > 0);
      assertEquals(response.status, 200);
      assertEquals(response.headers.get("x-content-type-options"), "nosniff");
      assertEquals(response.headers.get("cross-origin-resource-policy"), "same-origin");
    }
  },
});
