/**
 * The backtest page in a browser: a trained run is backtested by clicks, the result survives a reload, its trades can be
 * filtered and downloaded, and the tear sheet opens. What the page says of results: what was tested, their course by month, their
 * trades sorted and marked, one laid over another; Back returns to the one before, and every backtest of a market counts as a trial.
 * @module
 */
import { parse } from "@std/csv";
import { assert, assertEquals } from "@std/assert";
import { candlesToCsv } from "../../../lib/data/csv_write.ts";
import { simulateMarket } from "../../../mod.ts";
import { HAS_BROWSER, openPage } from "./browser.ts";
import { shareDashboard } from "./shared.ts";
import { trainSmallRun } from "./small_run.ts";

const NAME = "A".repeat(80);

const shared = shareDashboard();

let trained: Promise<string> | undefined;

/** A run, trained when it is first asked for. */
const trainedRun = () => trained ??= trainSmallRun(shared.dashboard.url, { name: NAME });

/** Runs in the page: what is wider than the window and in no part that scrolls. */
function wide(): string[] {
  const isCut = (element: Element): boolean =>
    element.closest(".table-scroll, .visually-hidden") !== null || element.closest("nav") !== null;
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !isCut(element))
    .map((element) => `${element.tagName}.${element.className} ${element.textContent?.slice(0, 30)}`);
}

Deno.test({
  name:
    "a trained run is backtested by clicks; trades are filtered and downloaded, and a reload shows the result again",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const run = await trainedRun();
    const { page, complaints } = await shared.visit(`/backtest?run=${run}`);
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
    const opened = await openPage(shared.browser, `${dashboard.url}/api/backtest/${id}/report`);
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
    const { dashboard } = shared;
    const run = await trainedRun();
    const hourly = simulateMarket({ bars: 100, symbol: "HOURLY", start: Date.UTC(2018, 0) }).candles;
    await Deno.writeTextFile(`${dashboard.data}/markets/hourly.csv`, candlesToCsv(hourly));
    const { page, complaints } = await shared.visit("/backtest");
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

Deno.test({
  name:
    "a result says what was tested and how it went; two lie over each other, Back returns, and both count as trials",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard, browser } = shared;
    const run = await trainedRun();
    const { page, complaints } = await shared.visit(`/backtest?run=${run}`);
    const address = () => new URL(page.url()).searchParams.get("id");
    const start = async (before: string | null) => {
      await page.getByRole("button", { name: "Start the backtest" }).click();
      await page.waitForFunction((id) => new URL(location.href).searchParams.get("id") !== id, before);
      await page.getByRole("heading", { name: "Entries and exits" }).waitFor();
      return address();
    };
    await page.getByRole("combobox", { name: "Stop", exact: true }).selectOption("trailing");
    await page.getByLabel("Take-profit").fill("7.5");
    const first = await start(null);
    const tested = page.getByRole("region", { name: "What was tested" });
    await tested.getByText("3% from the best price since").waitFor();
    await tested.getByText("at a gain of 7.5%").waitFor();
    await tested.getByText("stay out to the end").waitFor();
    await tested.getByText("fee 0.05%, half of a spread of 0.05%, slippage 0.025%").waitFor();
    await tested.getByText("10,000", { exact: true }).waitFor();
    const trials = async () => Number(/(\d+), every strategy/.exec(await tested.innerText())![1]);
    const alone = await trials();

    const months = page.getByRole("region", { name: "Returns by month", exact: true });
    const view = await (await fetch(`${dashboard.url}/api/backtest/${first}/view`)).json();
    const years = new Set(view.time.map((time: number) => new Date(time).getUTCFullYear()));
    assertEquals(await months.getByRole("row").count(), years.size + 1);
    assert(view.falls.length > 0);
    assertEquals(
      await page.getByRole("region", { name: "Worst drawdowns" }).getByRole("row").count(),
      view.falls.length + 1,
    );
    await page.getByRole("region", { name: "Against the market" }).getByText("Beta").waitFor();
    await page.getByRole("region", { name: "Rolling Sharpe ratio" }).locator(".u-over").waitFor();
    await page.locator("summary", { hasText: "What was bought and sold" }).click();
    assertEquals(
      await page.getByRole("region", { name: "Fills" }).getByRole("row").count(),
      Math.min(500, view.fillCount) + 1,
    );

    const table = page.getByRole("region", { name: "Trades", exact: true });
    await table.getByRole("button", { name: "Net" }).click();
    assertEquals(await table.getByRole("columnheader", { name: "Net" }).getAttribute("aria-sort"), "descending");
    const nets = (await table.locator("tbody tr td:last-child").allInnerTexts()).map((text) =>
      Number(text.replace("−", "-"))
    );
    assertEquals(nets, nets.toSorted((a, b) => b - a));
    const best = Math.max(...view.trades.map(({ pnl, cost }: { pnl: number; cost: number }) => pnl - cost));
    assertEquals(nets[0], Number(best.toFixed(2)));
    await table.locator("button.link").first().click();
    assertEquals(await table.locator("tr[aria-current=true]").count(), 1);

    await page.getByRole("combobox", { name: "Stop", exact: true }).selectOption("none");
    const second = await start(first);
    await tested.getByText("none", { exact: true }).first().waitFor();
    assert(await trials() > alone, "the backtest before it is a trial");
    await page.getByRole("combobox", { name: "Lay over it" }).selectOption(first!);
    await page.getByRole("region", { name: "Equity", exact: true }).locator(".u-legend").getByText(NAME).waitFor();

    await page.goBack();
    await tested.getByText("3% from the best price since").waitFor();
    assertEquals(address(), first);
    await page.goForward();
    await tested.getByText("3% from the best price since").waitFor({ state: "detached" });
    assertEquals(address(), second);

    // A long name without a space widens nothing.
    for (const [width, height] of [[1360, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      await page.waitForTimeout(500); // charts follow the window
      const across = await page.evaluate(() => document.documentElement.scrollWidth);
      assertEquals(across, width, (await page.evaluate(wide)).join("\n"));
    }
    // A result is in the page itself; one that there is not is said to be gone, and nothing waits for it.
    const plain = await openPage(browser, `${dashboard.url}/backtest?id=${first}`, { script: false });
    await plain.page.getByText("3% from the best price since").waitFor();
    assertEquals(
      await plain.page.getByRole("region", { name: "Trades", exact: true }).locator("tbody tr").count(),
      Math.min(20, view.trades.length),
    );
    await page.goto(`${dashboard.url}/backtest?id=nothing`);
    await page.getByRole("alert").getByText("There is no such backtest").waitFor();
    assertEquals(await page.getByText("Reading the result").count(), 0);
    await page.goto(`${dashboard.url}/backtest?run=${run}&like=${first}`);
    assertEquals(await page.getByRole("combobox", { name: "Stop", exact: true }).inputValue(), "trailing");
    assertEquals(await page.getByRole("spinbutton", { name: "Take-profit" }).inputValue(), "7.5");
    assertEquals(complaints, []);
  },
});
