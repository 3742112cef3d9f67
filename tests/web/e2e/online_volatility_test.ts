/**
 * A paper trader that follows a forecaster of volatility, in a browser: started by the form, it shows volatilities as such, holds the
 * market at its risk, is judged against RiskMetrics, and shows the same after a reload, in UTC wherever the browser is.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { candlesToCsv } from "../../../lib/data/csv_write.ts";
import { expectedVolatility, forecast } from "../../../lib/forecast/forecast.ts";
import { openRuns } from "../../../lib/store/runs.ts";
import { positionSize } from "../../../lib/trading/sizing.ts";
import { openEngine, periodsPerYear, simulateMarket } from "../../../mod.ts";
import { quickTraining, storeRun } from "../stored_run.ts";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";

const RISK = 0.08;

/** Days of a simulated market whose volatility moves. */
const { candles: MARKET } = simulateMarket({
  bars: 400,
  seed: 5,
  symbol: "MINE",
  interval: "1d",
  start: Date.UTC(2017, 0, 2),
  garch: { alpha: 0.12, beta: 0.85 },
});

/** What the library makes of the market's last bar: the volatility a bar, as the page writes it, and the position wanted. */
async function lastByLibrary(): Promise<{ readonly volatility: string; readonly wanted: string }> {
  const { forecaster } = await quickTraining();
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const said = await forecast(engine, forecaster, MARKET, { from: MARKET.time[399] });
  const [volatility] = expectedVolatility(forecaster, said);
  const { horizon } = forecaster.target;
  const target = RISK / Math.sqrt(periodsPerYear(MARKET));
  const wanted = positionSize({ prediction: 1, volatility, horizon }, { sizing: { kind: "volatility", target } });
  assert(wanted > 0 && wanted < 1, `${wanted}`);
  return { volatility: `${(100 * Math.exp(said.value[0])).toFixed(3)}%`, wanted: `${(100 * wanted).toFixed(0)}%` };
}

Deno.test({
  name:
    "a trader by a volatility forecaster shows its volatility, band, position at risk and verdict against RiskMetrics; a reload too",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const data = await Deno.makeTempDir({ prefix: "adaptrade-trader-" });
    await Deno.mkdir(`${data}/markets`);
    await Deno.writeTextFile(`${data}/markets/MINE.csv`, candlesToCsv(MARKET));
    let run: string;
    {
      using store = await openRuns(`${data}/runs.sqlite`);
      run = await storeRun(store, await quickTraining());
    }
    const { volatility, wanted } = await lastByLibrary();
    await using dashboard = await startDashboard(data);
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/online?market=file:MINE.csv`, {
      timezone: "America/Los_Angeles",
    });
    await page.getByRole("combobox", { name: /^Speed/ }).selectOption("0");
    await page.getByRole("combobox", { name: /^Learner/ }).selectOption(run);
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByLabel("Volatility a year to hold at").fill(String(RISK));
    // What only a fresh network or a forecaster of returns reads is not asked.
    for (const label of ["Models in the ensemble", "Stay flat below", "Hidden units"]) {
      assertEquals(await page.getByLabel(label).count(), 0, label);
    }
    await page.getByRole("button", { name: "Start trading" }).click();
    await page.waitForURL("**/online/*");
    const status = page.getByRole("status").getByText("done", { exact: true });
    await status.waitFor({ timeout: 60_000 });
    const verdict = page.getByRole("region", { name: "Verdict" });
    await verdict.getByText(/squared error than RiskMetrics.* over 5 bars/).waitFor();

    const figures = page.locator("dl.figures");
    const text = (await figures.innerText()).replace(/\s+/g, " ");
    assert(text.includes(`Volatility a bar, next 5 bars ${volatility} 80%: `), text);
    assert(/80%: \d\.\d{3}% to \d\.\d{3}%/.test(text), text);
    assert(text.includes(`next long ${wanted}`) || text.includes(`Position Long ${wanted} Equity`), text);
    assert(text.includes("Last bar 2018-02-05"), text);
    await page.getByText("held at a volatility of 8.0% a year").waitFor();
    assert(/Its equity moved by \d+\.\d% a year; it holds the market so that it would by 8\.0%/.test(
      await verdict.innerText(),
    ));
    await verdict.getByRole("group", { name: "Worst falls of the equity" }).waitFor();
    await page.getByRole("region", { name: "Trades" }).getByText(/fills have opened and sized/).waitFor();
    assertEquals(await page.getByRole("region", { name: "Learned rates" }).count(), 0);
    const band = page.getByRole("region", { name: "Forecast" });
    await band.locator("summary").click();
    const [value, upper, lower] = (await band.getByRole("row").last().getByRole("cell").allInnerTexts()).map(Number);
    assert(lower < value && value < upper && value > 0.1 && value < 10, `${lower} ${value} ${upper}`);

    const shown = async () => ({
      texts: await Promise.all(
        [
          figures,
          verdict,
          ...["Trades", "Event log", "Calibration"].map((name) => page.getByRole("region", { name }).first()),
        ]
          .map((part) => part.innerText()),
      ),
      charts: await page.getByRole("slider").evaluateAll((all) => all.map((one) => one.getAttribute("aria-valuetext"))),
    });
    const before = await shown();
    assert(
      before.charts.length === 5 && before.charts.every((one) => one!.includes("2018-02-05")),
      before.charts.join(),
    );
    await page.reload();
    await verdict.getByText(/squared error than RiskMetrics/).waitFor();
    assertEquals(await shown(), before);
    assertEquals(complaints, []);
    await dashboard.kill();
    await Deno.remove(data, { recursive: true });
  },
});
