/**
 * One visit from the first click to a backtest: a run is started, streams, is stopped, resumed to its end, and backtested.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { listRuns, until } from "./trained_run.ts";

Deno.test({
  name: "a run started by a click trains, streams, is stopped, resumed to its end, and backtested",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, dashboard.url);
    await page.getByRole("button", { name: "Start training" }).click();
    await page.waitForURL("**/runs/*");
    await page.locator(".u-over").first().waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    const [stopped] = await listRuns(dashboard.url);
    assertEquals(stopped.status, "stopped");
    assert(stopped.step > 0 && stopped.step < 6300, `stopped at ${stopped.step}`);

    await page.getByRole("button", { name: "Resume" }).click();
    await until("the end", async () => (await listRuns(dashboard.url))[0].status === "done");
    assertEquals((await listRuns(dashboard.url))[0].step, 6300);

    await page.getByRole("main").getByRole("link", { name: "Backtest" }).click();
    await page.waitForURL("**/backtest?run=*");
    await page.getByRole("button", { name: "Start the backtest" }).click();
    await page.getByRole("heading", { name: "Entries and exits" }).waitFor();
    await page.getByRole("link", { name: "Tear sheet" }).waitFor();
    assertEquals(complaints, []);
  },
});
