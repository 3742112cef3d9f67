/**
 * A stranger's path in a browser: train by one click, see that it beats RiskMetrics and by how much, forecast a CSV of one's own.
 * And the forecast page: what it shows is what the library says, and what it refuses it says in words.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { join } from "node:path";
import { candlesToCsv } from "../../../lib/data/csv_write.ts";
import { openRuns } from "../../../lib/store/runs.ts";
import { sampleMarkets, simulateMarket } from "../../../mod.ts";
import type { ForecastView } from "../../../web/server/forecast_view.ts";
import type { RunVerdict } from "../../../web/server/run_verdict.ts";
import { HAS_BROWSER, startDashboard } from "./browser.ts";
import { shareDashboard } from "./shared.ts";
import { trainSmallRun } from "./small_run.ts";

const shared = shareDashboard();

/** What came of the only run, as its process kept it. */
async function resultOf(data: string): Promise<RunVerdict> {
  using store = await openRuns(join(data, "runs.sqlite"));
  return store.list()[0].result as RunVerdict;
}

/** A market of one's own as a file: 400 days of a simulation. Gives its path. */
async function ownFile({ data }: { readonly data: string }): Promise<string> {
  const { candles } = simulateMarket({
    bars: 400,
    seed: 5,
    symbol: "MINE",
    interval: "1d",
    start: Date.UTC(2017, 0, 2),
  });
  const path = join(data, "mine.csv");
  await Deno.writeTextFile(path, candlesToCsv(candles));
  return path;
}

Deno.test({
  name:
    "a stranger trains by one click, sees by how much it beats RiskMetrics, and forecasts a file: two clicks, one upload",
  ignore: !HAS_BROWSER,
  fn: async () => {
    // One of its own: it would go on to forecast every market while the next test waits.
    await using dashboard = await startDashboard();
    const file = await ownFile(dashboard);
    const { page, complaints } = await shared.visit(dashboard.url);
    await page.getByRole("button", { name: "Start training" }).click();
    const verdict = page.getByTestId("verdict");
    await verdict.waitFor({ timeout: 180_000 });
    const { less, reference, beyondChance } = await resultOf(dashboard.data);
    assert(less > 0.05 && beyondChance, `${less}`);
    assertEquals(await verdict.innerText(), `${(100 * less).toFixed(1)}% less squared error than ${reference}`);
    assertEquals(reference, "RiskMetrics");
    await page.getByRole("link", { name: /forecast a file of yours/ }).click();
    await page.waitForURL("**/forecast?*");
    await page.getByRole("heading", { name: /^NASDAQ: volatility a bar over the next 5 bars/ }).waitFor();
    await page.locator(".u-over").first().waitFor();
    assertEquals(
      await page.getByTestId("verdict").innerText(),
      `${(100 * less).toFixed(1)}% less squared error than ${reference}`,
    );
    await page.getByLabel("Forecast a CSV").setInputFiles(file);
    await page.getByRole("heading", { name: /^mine: volatility a bar/ }).waitFor();
    assert(/^\d\.\d{3}%$/.test(await page.getByTestId("newest").innerText()));
    await page.waitForURL("**/forecast?*market=file%3Amine.csv");
    assertEquals(complaints, []);

    // A file of that name again is not put in its place unasked.
    await page.getByLabel("Forecast a CSV").setInputFiles(file);
    await page.getByText("A market of that name is there already.").waitFor();
    await page.getByRole("button", { name: "Put this file in its place" }).click();
    await page.getByTestId("newest").waitFor();
    assertEquals(complaints.filter((line) => !line.includes("409")), []);
  },
});

Deno.test({
  name: "the forecast page shows each market beside what came and by market; what cannot be forecast it says in words",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const run = await trainSmallRun(dashboard.url);
    const { page, complaints } = await shared.visit(`/forecast?run=${run}`);
    await page.getByRole("heading", { name: "Forecasts and what came" }).waitFor();
    const table = page.getByRole("region", { name: "Saved by market" });
    await table.getByText("squared error less than RiskMetrics's").waitFor();
    assertEquals(await table.getByRole("rowheader").allInnerTexts(), ["NASDAQ", "SP500", "FTSE"]);
    assertEquals(await table.getByText("ends before").count(), 1); // the sample's FTSE ends in 2000
    await page.getByRole("combobox", { name: "Market" }).selectOption("sample:WTI");
    await page.getByRole("heading", { name: /^WTI: volatility/ }).waitFor();
    assertEquals(complaints, []);

    const ask = async (market: string, id = run) => {
      const response = await fetch(`${dashboard.url}/api/forecast/view?${new URLSearchParams({ run: id, market })}`);
      return { status: response.status, answer: await response.json() };
    };
    const { answer } = await ask("sample:NASDAQ") as { answer: ForecastView };
    const [nasdaq] = await sampleMarkets({ symbols: ["NASDAQ"] });
    assertEquals([answer.newest.time, answer.time.at(-1)], [nasdaq.time.at(-1), nasdaq.time.at(-1)]);
    assertEquals(answer.came.slice(-5), Array(5).fill(null));
    const hourly = simulateMarket({ bars: 100, seed: 1, symbol: "HOURLY" }).candles;
    await Deno.writeTextFile(join(dashboard.data, "markets", "hourly.csv"), candlesToCsv(hourly));
    const refused = await ask("file:hourly.csv");
    assertEquals([refused.status, refused.answer.error.includes("trained on bars of 1d")], [400, true]);
    await page.goto(`${dashboard.url}/forecast?run=${run}&market=file:hourly.csv`);
    const alert = page.getByRole("alert").filter({ hasText: "trained on bars of 1d" });
    assertEquals(await alert.getByRole("link", { name: "Start a run" }).getAttribute("href"), "/");
    assertEquals((await ask("sample:NASDAQ", "nobody")).status, 404);
    assertEquals((await ask("file:../runs.sqlite")).status, 400);
  },
});
