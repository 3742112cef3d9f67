/**
 * The page of methods and models in a browser: from a method to the form that trains a run by it; and a run by a method of one pass
 * on the pages that show, take apart and test it.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { trainSmallRun } from "./small_run.ts";
import { until } from "./trained_run.ts";

Deno.test({
  name: "a method is found among all, read about, and chosen in the form; a run by it is shown, taken apart and tested",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    const run = await trainSmallRun(dashboard.url, { method: "ridge" });
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, dashboard.url);
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Methods" }).click();
    await page.getByRole("heading", { name: "Methods and models", level: 1 }).waitFor();
    const card = (name: string) => page.getByRole("article", { name, exact: true });
    assert(await card("Prototypical network").getByText("It forecasts classes").isVisible());
    assertEquals(await card("Prototypical network").getByRole("link").count(), 0);
    const ridge = card("Ridge head");
    await ridge.getByText("Settings (3)").click();
    assertEquals(await ridge.getByRole("row").nth(1).innerText(), "Features\tto be given\tnet");
    for (const [width, height] of [[1360, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
    await page.setViewportSize({ width: 1360, height: 900 });

    await ridge.getByRole("link", { name: "Train a run by Ridge head" }).click();
    await page.waitForURL("**/?method=ridge*");
    const method = page.getByRole("combobox", { name: /^Method/ });
    assertEquals(await method.inputValue(), "ridge");
    assert(await method.isVisible());
    // What a method without inner steps has no use for is not asked.
    assertEquals(await page.getByLabel("Inner steps tried beside none").count(), 0);
    await method.selectOption("anil");
    await page.getByLabel("Inner steps tried beside none").waitFor();

    await page.goto(`${dashboard.url}/runs/${run}`);
    const settings = page.getByRole("region", { name: "Settings", exact: true });
    await settings.getByText("Ridge head").waitFor();
    await page.goto(`${dashboard.url}/lab?run=${run}`);
    const slider = page.getByRole("slider", { name: /^Support rows read/ });
    await slider.waitFor();
    const shown: string[] = [];
    for (const step of ["0", "1"]) {
      await slider.fill(step);
      await page.getByText(`Support rows read: ${step === "1" ? "yes" : "no"}`).waitFor();
      shown.push(await page.getByTestId("prediction").innerText());
    }
    assert(shown[0] !== shown[1], `${shown}`);
    assertEquals(await page.getByRole("region", { name: "Change in parameters" }).count(), 0);
    await page.getByRole("region", { name: "What each support row did" }).getByText("Support row").first().waitFor();

    const body = JSON.stringify({ run, market: "sample:NASDAQ", from: "2018-06-01" });
    const { id } = await (await fetch(`${dashboard.url}/api/backtest`, { method: "POST", body })).json();
    await until("the backtest", async () => {
      const finished: { readonly id: string }[] = await (await fetch(`${dashboard.url}/api/backtest`)).json();
      return finished.some((one) => one.id === id);
    });
    assertEquals(complaints, []);
    assertEquals(dashboard.complaints(), "");
  },
});
