/**
 * What the forms say of what they cannot take: by the label of the field, at the field, in the units that are typed; of a run
 * that diverged, by settings that the form has; and which markets they do not offer, for they end before the test.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { openRuns } from "../../../lib/store/runs.ts";
import { quickTraining, storeRun } from "../stored_run.ts";
import { HAS_BROWSER, visit } from "./browser.ts";
import { shareDashboard } from "./shared.ts";
import { until } from "./trained_run.ts";

/** The run that is there. */
let trained: string;

const shared = shareDashboard(async (data) => {
  using store = await openRuns(`${data}/runs.sqlite`);
  trained = await storeRun(store, await quickTraining());
});

/** What is said at a field, and whether it is marked and focused. */
async function saidOf(page: Page, label: string | RegExp): Promise<string> {
  await page.getByRole("alert").waitFor();
  const field = page.getByLabel(label, { exact: true });
  const [invalid, by, focused] = await field.evaluate((element) => [
    element.getAttribute("aria-invalid"),
    element.getAttribute("aria-describedby") ?? "",
    String(document.activeElement === element),
  ]);
  assertEquals([invalid, focused], ["true", "true"]);
  assertEquals(await page.getByRole("alert").count(), 1);
  return await page.locator(`#${by}`).innerText();
}

/** What the browser itself notes of a refusal is no complaint. */
const others = (complaints: readonly string[]) => complaints.filter((line) => !line.includes("400 (Bad Request)"));

Deno.test({
  name: "the forms of runs, backtests and traders say what they refuse at the field, by its label and in its units",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { page, complaints } = await shared.visit("/");
    // The folded settings are opened where one of them is refused.
    const folded = page.locator("details", { hasText: "Support rows" });
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByLabel("Support rows", { exact: true }).fill("1");
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByRole("button", { name: "Start training" }).click();
    assertEquals(
      await saidOf(page, "Support rows"),
      "Cannot start a run: expected “Support rows” to be a whole number from 2 to 5000, received 1",
    );
    assertEquals(await folded.getAttribute("open"), "");
    await page.getByLabel("Support rows", { exact: true }).fill("60");
    assertEquals(await page.getByRole("alert").count(), 0);
    assertEquals(await page.locator("[aria-invalid]").count(), 0);
    await page.getByLabel("Seed", { exact: true }).fill("");
    await page.getByRole("button", { name: "Start training" }).click();
    assert((await saidOf(page, "Seed")).includes("received nothing"));

    await visit(page, `${shared.dashboard.url}/backtest`);
    await page.locator("summary", { hasText: "Costs" }).click();
    await page.getByLabel("Fee of an order, %").fill("60");
    await page.getByRole("button", { name: "Start the backtest" }).click();
    assertEquals(
      await saidOf(page, "Fee of an order, %"),
      "Cannot backtest: expected “Fee of an order, %” to be a number from 0 to 50, received 60",
    );

    await page.getByLabel("Fee of an order, %").fill("0.05");
    // Folded away again, the date is brought back to light.
    const from = page.getByLabel(/^Test from/);
    await page.locator("summary", { hasText: "More settings" }).click();
    for (
      const [date, said] of [
        ["1995-01-02", /“Test from” to be 201\d-\d\d-\d\d or later, for the run was trained .* received 1995-01-02$/],
        ["2030-01-02", /“Test from” to be before NASDAQ ends, 2018-12-\d\d, received 2030-01-02$/],
      ] as const
    ) {
      await from.fill(date);
      await page.locator("summary", { hasText: "More settings" }).click();
      await page.getByRole("button", { name: "Start the backtest" }).click();
      const words = await saidOf(page, /^Test from/);
      assert(said.test(words), words);
    }
    // What ends before the date is not offered either, once its bars were read.
    await page.reload();
    await page.locator("summary", { hasText: "More settings" }).click();
    await from.fill("2030-01-02");
    const market = page.locator('select[name="market"] option[value="sample:NASDAQ"]');
    assert(/the test begins 2030-01-02/.test(await market.innerText()));
    await from.fill("");
    assert(await market.isEnabled());

    await visit(page, `${shared.dashboard.url}/online`);
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByLabel("Models in the ensemble").fill("1");
    await page.getByRole("button", { name: "Start trading" }).click();
    assertEquals(
      await saidOf(page, "Models in the ensemble"),
      "Cannot start the trader: expected “Models in the ensemble” to be a whole number from 2 to 64, received 1",
    );
    assertEquals(others(complaints), []);
  },
});

Deno.test({
  name: "a market that ends before the test begins is not offered, and is refused in words where it is asked for",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const refusedOf = async (path: string, body: unknown) => {
      const response = await fetch(`${dashboard.url}${path}`, { method: "POST", body: JSON.stringify(body) });
      const { error, field } = await response.json();
      return [response.status, field, error];
    };
    // The sample's DAX ends in 1998; the S&P 500 goes on to 2018.
    const [status, field, error] = await refusedOf("/api/runs", { unseen: "sample:DAX", markets: ["sample:SP500"] });
    assertEquals([status, field], [400, "unseen"]);
    assert(/nothing could be said of DAX, which ends 1998-\d\d-\d\d, the test begins 201\d/.test(error), error);
    const [, named, said] = await refusedOf("/api/backtest", { run: trained, market: "sample:DAX" });
    assertEquals(named, "market");
    assert(/DAX ends 1998-\d\d-\d\d, the test begins 201\d/.test(said), said);

    const { page, complaints } = await shared.visit("/");
    const option = (id: string) => page.locator(`select[name="unseen"] option[value="sample:${id}"]`);
    await until("the markets to be read", async () => {
      await page.reload();
      return await option("DAX").isDisabled();
    });
    assert(/ends 1998-\d\d-\d\d, the test begins 201\d/.test(await option("DAX").innerText()));
    assert(await option("NASDAQ").isEnabled());
    // Of markets that all end in 1998, the test begins before.
    await page.locator("summary", { hasText: "Markets to train on" }).click();
    for (const late of ["SP500", "WTI"]) await page.getByRole("checkbox", { name: new RegExp(`^${late}`) }).uncheck();
    assert(await option("DAX").isEnabled());

    await page.goto(`${dashboard.url}/backtest`);
    const market = (id: string) => page.locator(`select[name="market"] option[value="sample:${id}"]`);
    assert(await market("DAX").isDisabled());
    assert(await market("NASDAQ").isEnabled());
    assertEquals(complaints, []);
  },
});

Deno.test({
  name: "a run that diverges says which of the form's settings to lower",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { page } = await shared.visit("/");
    await page.getByRole("combobox", { name: /^Networks/ }).selectOption("1");
    await page.getByRole("combobox", { name: /^Budget/ }).selectOption("300");
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByLabel("Tasks in a batch").fill("2");
    await page.getByLabel("Inner learning rate at the start").fill("10");
    await page.getByLabel("Inner steps tried beside none").fill("50");
    await page.getByRole("button", { name: "Start training" }).click();
    await page.waitForURL("**/runs/*");
    const alert = page.getByRole("alert").getByText("diverged");
    await alert.waitFor({ timeout: 60_000 });
    const words = await alert.innerText();
    assert(words.includes("“Inner learning rate at the start” (now 10)"), words);
    assert(words.includes("“Inner steps tried beside none” (now 50)"), words);
    assert(!/inner\.|outer\./.test(words), words);
  },
});
