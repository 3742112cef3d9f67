/**
 * The comparison in a browser: ticked runs stand side by side, their differences marked, and the address keeps the choice.
 * @module
 */
import { assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard, visit } from "./browser.ts";
import { trainSmallRun } from "./small_run.ts";

Deno.test({
  name: "ticked runs stand side by side with their differences marked, and the address keeps the choice",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/compare`);
    await page.getByText("No runs yet").waitFor();
    const ids = await Promise.all([
      trainSmallRun(dashboard.url, { name: "first", steps: 300 }),
      trainSmallRun(dashboard.url, { name: "second", steps: 300, seed: 2, method: "metaSgd" }),
    ]);
    await visit(page, `${dashboard.url}/compare`);
    await page.getByLabel("first").check();
    await page.getByLabel("second").check();
    await page.getByRole("button", { name: "Compare" }).click();
    await page.waitForURL("**/compare?run=*");
    assertEquals(new Set(new URL(page.url()).searchParams.getAll("run")), new Set(ids));
    await page.locator(".u-over").waitFor();
    assertEquals(await page.locator("tr.differs th").allInnerTexts(), ["Method\n(differs)", "Seed\n(differs)"]);
    assertEquals(await page.getByText("(lowest)").count(), 1);
    assertEquals(await page.getByRole("row", { name: "Layer 2" }).count(), 1);

    // A name of 90 letters takes a column no more room than its neighbour, in the table and behind the chart.
    await fetch(`${dashboard.url}/api/runs/${ids[1]}/rename`, {
      method: "POST",
      body: JSON.stringify({ name: "L".repeat(90) }),
    });
    await page.reload();
    await page.locator("summary", { hasText: "Figures" }).click();
    for (const name of ["Runs as columns", /^Figures: validation loss/]) {
      const table = page.getByRole("group", { name });
      assertEquals(await table.evaluate(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth), 0, String(name));
    }

    await page.getByLabel("Loss on").selectOption("train");
    await page.reload();
    await page.locator(".u-over").waitFor();
    assertEquals(await page.getByLabel("first").isChecked(), true);
    assertEquals(complaints, []);
  },
});
