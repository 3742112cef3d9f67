/**
 * The backtest page in a browser: a trained run is backtested by clicks, the result survives a reload, its trades can be
 * filtered and downloaded, and the tear sheet opens.
 * @module
 */
import { parse } from "@std/csv";
import { assert, assertEquals } from "@std/assert";
import { candlesToCsv } from "../../../lib/data/csv_write.ts";
import { simulateMarket } from "../../../mod.ts";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { trainSmallRun } from "./small_run.ts";

Deno.test({
  name:
    "a trained run is backtested by clicks; trades are filtered and downloaded, and a reload shows the result again",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    const run = await trainSmallRun(dashboard.url);
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/backtest?run=${run}`);
    await page.getByRole("combobox", { name: "Stop", exact: true }).selectOption("fixed");
    await page.locator("summary", { hasText: "Costs" }).click();
    await page.getByLabel("Fee of an order, %").fill("0.02");
    await page.getByRole("button", { name: "Start the backtest" }).click();
    await page.getByRole("heading", { name: "Entries and exits" }).waitFor();
    await page.locator(".candles canvas").first().waitFor();
    assertEquals(await page.locator(".candles a[href*='tradingview']").count(), 1);
    const id = new URL(page.url()).searchParams.get("id")!;

    const view = await (await fetch(`${dashboard.url}/api/backtest/${id}/view`)).json();
    assertEquals([view.request.run, view.request.stop, view.request.fee], [run, "fixed", 0.0002]);
    assertEquals(view.strategies.map(({ name }: { name: string }) => name), [
      "held at the forecast risk",
      "pretrained + fine-tuned",
      "from scratch",
      "held at RiskMetrics' risk",
      "buy and hold",
    ]);
    const { trades } = view;
    assert(trades.some(({ exitReason }: { exitReason: string }) => exitReason === "stop"), "a stop was hit");

    const table = page.getByRole("region", { name: "Trades", exact: true });
    await table.getByText(`${trades.length} of ${trades.length} trades`).waitFor();
    await table.getByLabel("Exit").selectOption("stop");
    const stopped = trades.filter(({ exitReason }: { exitReason: string }) => exitReason === "stop").length;
    await table.getByText(`${stopped} of ${trades.length} trades`).waitFor();
    await table.getByLabel("Date or price").fill("no such trade");
    await table.getByText("No trade matches.").waitFor();

    const download = page.waitForEvent("download");
    await page.getByRole("link", { name: "Trades as CSV" }).click();
    const [head, ...rows] = parse(await Deno.readTextFile((await (await download).path())!));
    const column = (name: string) => head.indexOf(name);
    assertEquals(rows.length, trades.length);
    assertEquals(Number(rows[0][column("entry_price")]), trades[0].entryPrice);
    assertEquals(new Date(rows.at(-1)![column("entry_time")]).getTime(), trades.at(-1).entryTime);

    await page.reload();
    await page.getByRole("heading", { name: "Entries and exits" }).waitFor();
    const report = await fetch(`${dashboard.url}/api/backtest/${id}/report`);
    assert((await report.text()).startsWith("<!doctype html>"));
    const opened = await openPage(browser, `${dashboard.url}/api/backtest/${id}/report`);
    assertEquals(await opened.page.locator("h1").count(), 1);
    await opened.page.setViewportSize({ width: 1440, height: 900 });
    const cut = await opened.page.locator(".scroll").evaluateAll((tables) =>
      tables.filter((table) => table.scrollWidth > table.clientWidth).map((table) => table.getAttribute("aria-label"))
    );
    assertEquals(cut, []);
    assertEquals(
      await opened.page.locator(".hover rect title").first().evaluate((title) => title.textContent !== ""),
      true,
    );
    assertEquals([...complaints, ...opened.complaints], []);

    page.once("dialog", (dialog) => dialog.dismiss());
    await page.getByRole("button", { name: /^Delete/ }).first().click();
    assertEquals((await (await fetch(`${dashboard.url}/api/backtest`)).json()).length, 1);
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: /^Delete/ }).first().click();
    await page.getByText("No result shown").waitFor();
    const gone = await fetch(`${dashboard.url}/api/backtest/${id}/view`);
    assertEquals([gone.status, (await gone.json()).error.includes("no such backtest")], [404, true]);
  },
});

Deno.test({
  name: "the backtest page refuses bars that training used, in words, and dismisses what failed",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    const run = await trainSmallRun(dashboard.url);
    const hourly = simulateMarket({ bars: 100, symbol: "HOURLY", start: Date.UTC(2018, 0) }).candles;
    await Deno.writeTextFile(`${dashboard.data}/markets/hourly.csv`, candlesToCsv(hourly));
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/backtest`);
    const start = page.getByRole("button", { name: "Start the backtest" });
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByLabel("Test from").fill("2001-01-02");
    await start.click();
    await page.getByRole("alert").getByText("trained and selected on bars before").waitFor();
    // What can be told from bars alone fails once it has begun.
    await page.getByLabel("Test from").fill("");
    await page.locator('select[name="market"]').selectOption("file:hourly.csv");
    await start.click();
    await page.getByRole("alert").getByText("trained on bars of 1d").waitFor();
    await page.getByRole("button", { name: "Dismiss" }).click();
    await page.getByText("No result shown").waitFor();
    assertEquals(complaints.filter((line) => !line.includes("400 (Bad Request)")), []);

    const post = async (body: unknown) => {
      const response = await fetch(`${dashboard.url}/api/backtest`, { method: "POST", body: JSON.stringify(body) });
      return [response.status, (await response.json()).error];
    };
    const market = "sample:NASDAQ";
    assertEquals((await post({ run: "nobody", market }))[0], 404);
    const negative = await post({ run, market, fee: -1 });
    assertEquals([negative[0], negative[1].includes("“Fee of an order, %” to be a number from 0 to 50")], [400, true]);
    const outside = await fetch(`${dashboard.url}/api/backtest/..%2f..%2fruns.sqlite/view`);
    assert([400, 404].includes(outside.status));
    await outside.body?.cancel();
  },
});
