/**
 * What the backtest page says of results: what was tested, their course by month, their trades sorted and marked, one laid over
 * another; Back returns to the one before, and every backtest of a market counts as a trial.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { trainSmallRun } from "./small_run.ts";

/** Runs in the page: what is wider than the window and in no part that scrolls. */
function wide(): string[] {
  const isCut = (element: Element): boolean =>
    element.closest(".table-scroll, .visually-hidden") !== null || element.closest("nav") !== null;
  return [...document.body.querySelectorAll("*")]
    .filter((element) => element.getBoundingClientRect().right > innerWidth + 1 && !isCut(element))
    .map((element) => `${element.tagName}.${element.className} ${element.textContent?.slice(0, 30)}`);
}

const NAME = "A".repeat(80);

Deno.test({
  name:
    "a result says what was tested and how it went; two lie over each other, Back returns, and both count as trials",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    const run = await trainSmallRun(dashboard.url, { name: NAME });
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/backtest?run=${run}`);
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
