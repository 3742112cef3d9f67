/**
 * The online page in a browser: a replay started by a click trades and shows what it learns, is stopped, survives a reload and a
 * killed server, and goes on where it was; a live one follows a local Bybit.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Candles } from "../../../lib/data/candles.ts";
import type { OnlineSummary } from "../../../web/server/online_events.ts";
import { serveBybit } from "../../online/live/bybit_server.ts";
import { HAS_BROWSER, openPage, startDashboard } from "./browser.ts";
import { NEEDS, testWith } from "../../permissions.ts";
import { shareDashboard } from "./shared.ts";
import { until } from "./trained_run.ts";

const test = testWith(...NEEDS);
const shared = shareDashboard();

async function traders(url: string): Promise<readonly OnlineSummary[]> {
  return await (await fetch(`${url}/api/online`)).json();
}

async function untilBars(url: string, bars: number): Promise<OnlineSummary> {
  return await until(`${bars} bars`, async () => {
    const [trader] = await traders(url);
    return (trader.report?.bars ?? 0) >= bars && trader;
  });
}

test("a trader that cannot read its market fails in words, and settings out of range are refused", async () => {
  const { dashboard } = shared;
  const start = (settings: unknown) =>
    fetch(`${dashboard.url}/api/online`, { method: "POST", body: JSON.stringify(settings) });
  const refused = await start({ members: 1 });
  assertEquals(refused.status, 400);
  assertEquals((await refused.json()).field, "members");
  const outside = await start({ market: "file:../../etc/passwd.csv" });
  assertEquals(outside.status, 400);
  assert((await outside.json()).error.includes("expected a market"));
  const missing = await start({ market: "file:NOTHING.csv" });
  assertEquals(missing.status, 201);
  await missing.body?.cancel();
  const failed = await until("the failure", async () => {
    const [trader] = await traders(dashboard.url);
    return trader.status === "failed" && trader;
  });
  assert(failed.error!.includes("NOTHING"), failed.error!);
  // It can be deleted as soon as its process has ended.
  await until("its end", async () => {
    const { body, status } = await fetch(`${dashboard.url}/api/online/${failed.id}/delete`, { method: "POST" });
    await body?.cancel();
    return status === 204;
  });
});

const HOUR = 3_600_000;

/** Hourly bars until the one that is open now. */
function hourly(symbol: string, bars: number): Candles {
  const open = Math.floor(Date.now() / HOUR) * HOUR;
  const close = Float64Array.from({ length: bars }, (_, i) => 100 + 5 * Math.sin(i / 7) + 2 * Math.sin(i * i));
  return {
    symbol,
    interval: "1h",
    time: Float64Array.from({ length: bars }, (_, i) => open - (bars - 1 - i) * HOUR),
    open: close,
    high: close.map((value) => value + 1),
    low: close.map((value) => value - 1),
    close,
    volume: close.map(() => 1),
  };
}

Deno.test({
  name:
    "a live trader follows Bybit's stream, says in its log when the connection breaks, and acts on the next closed bar",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const market = hourly("BTCUSDT", 600);
    const last = market.time.length - 1;
    await using bybit = serveBybit([market], Date.now());
    const env = { ADAPTRADE_BYBIT_URL: bybit.rest, ADAPTRADE_BYBIT_STREAM_URL: bybit.stream };
    await using dashboard = await startDashboard(undefined, env);
    const { page, complaints } = await shared.visit(`${dashboard.url}/online`);
    await page.getByRole("combobox", { name: /^Bars from/ }).selectOption("live");
    await page.getByRole("combobox", { name: /^Interval/ }).selectOption("1h");
    await page.getByRole("button", { name: "Start trading" }).click();
    await page.waitForURL("**/online/*");
    const log = page.getByRole("region", { name: "Event log" });
    await log.getByText("subscribed to BTCUSDT").waitFor();
    const { report } = await until("every closed bar", async () => {
      const [trader] = await traders(dashboard.url);
      return trader.report?.time === market.time[last - 1] && trader;
    });
    assertEquals(report!.bars, 399);
    bybit.disconnect();
    await log.getByText("disconnected", { exact: true }).waitFor();
    await until("another subscription", () => Promise.resolve(bybit.listeners > 0));
    bybit.now = market.time[last] + HOUR;
    bybit.sendBar("BTCUSDT", last);
    const after = (await untilBars(dashboard.url, report!.bars + 1)).report!;
    assertEquals([after.bars, after.time], [report!.bars + 1, market.time[last]]);
    assertEquals(complaints, []);
  },
});

// The last of the file: it kills the shared dashboard.
Deno.test({
  name: "a replay started by a click trades, shows position and rates, stops, and goes on after a reload and a kill",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard: first, browser } = shared;
    const { page, complaints } = await shared.visit("/online");
    await page.getByRole("heading", { name: "No trader yet" }).waitFor();
    await page.getByRole("combobox", { name: /^Speed/ }).selectOption("20");
    await page.getByRole("button", { name: "Start trading" }).click();
    await page.waitForURL("**/online/*");
    await page.locator(".u-over").first().waitFor();
    await untilBars(first.url, 380);
    assert(/^(Long|Short) \d+%|^Flat/.test(await page.locator("dl.figures dd").first().innerText()));
    const verdict = page.getByRole("region", { name: "Verdict" });
    await verdict.getByText("A replay of bars that are known already").waitFor();
    await verdict.getByText(/squared error than forecasting no move/).waitFor();
    const weights = page.getByRole("region", { name: "Learned loss" }).locator(".u-legend");
    assert(/direction\s*\d+\.\d+\s*magnitude\s*\d+\.\d+/.test(await weights.innerText()), await weights.innerText());
    const price = page.getByRole("region", { name: "Price" }).locator(".u-legend");
    assert(/bought\s*\d+(\.\d+)?/.test(await price.innerText()), await price.innerText());
    assert(/±.*expected error.*models differ by/.test(await page.locator("dl.figures").innerText()));
    const days = page.getByRole("region", { name: "Profit by day" });
    await days.locator("summary", { hasText: "Figures" }).click();
    assert(await days.getByRole("row").count() > 20);
    await page.getByRole("region", { name: "Trades" }).getByText(/\d+ closed/).waitFor();
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByLabel("New name").fill("The first");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "The first", level: 1 }).waitFor();
    assertEquals((await traders(first.url))[0].settings.name, "The first");
    await page.getByRole("region", { name: "Learned rates" }).locator(".u-legend .u-series").nth(2).waitFor();
    await page.getByRole("region", { name: "Event log" }).getByText("Wants to be").first().waitFor();
    await page.getByRole("region", { name: "Event log" }).getByText("costs").first().waitFor();

    const settings = page.getByRole("region", { name: "Settings" });
    await settings.getByText("a replay of SP500, 20 bars a second").waitFor();
    await settings.getByText("fee 0.055%, slippage 0.02%").waitFor();

    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    const [stopped] = await traders(first.url);
    assertEquals(stopped.status, "stopped");
    assert(stopped.report!.bars < 5031 && stopped.report!.judged > 0, JSON.stringify(stopped.report));
    assert(stopped.report!.updates > 0 && stopped.report!.costs > 0, JSON.stringify(stopped.report));

    const nameless = await fetch(`${first.url}/api/online/${stopped.id}/rename`, { method: "POST", body: "null" });
    assertEquals(nameless.status, 400);

    // Its life is in the page itself, whatever its stream brings.
    const plain = await openPage(browser, page.url(), { script: false });
    assertEquals(await plain.page.getByText("No bar yet").count(), 0);
    await plain.page.getByText("A replay of bars that are known already").waitFor();
    await plain.page.locator("summary", { hasText: "Figures" }).first().click();
    assert(await plain.page.locator("details[open] tbody tr").count() > 20);
    await plain.page.getByRole("link", { name: "Start again with these settings" }).click();
    assertEquals(await plain.page.getByRole("combobox", { name: /^Speed/ }).inputValue(), "20");

    await page.reload();
    await page.locator(".u-over").first().waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    const { bars } = (await untilBars(first.url, stopped.report!.bars + 20)).report!;
    await page.getByText(`going on behind bar ${stopped.report!.bars}`).waitFor();
    assertEquals(complaints, []);
    await page.goto("about:blank");
    await first.kill();

    await using second = await startDashboard(first.data);
    await shared.visit(`${second.url}/online/${stopped.id}`);
    await page.locator(".u-over").first().waitFor();
    assertEquals((await untilBars(second.url, bars + 5)).status, "running");
    await page.getByRole("button", { name: "Stop" }).click();
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "No trader yet" }).waitFor();
    assertEquals(await traders(second.url), []);
    assertEquals(complaints, []);
  },
});
