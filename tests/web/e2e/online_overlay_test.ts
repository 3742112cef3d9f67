/**
 * Several paper traders on one chart: ticked in the list, kept in the address, along time or bars, at most six.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { until } from "./trained_run.ts";

Deno.test({
  name: "ticked traders' equity lies on one chart, by time and by bar, and stays there after a reload",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    const start = async (settings: object): Promise<string> => {
      const body = JSON.stringify({ speed: 100, hidden: 4, members: 2, ...settings });
      return (await (await fetch(`${dashboard.url}/api/online`, { method: "POST", body })).json()).id;
    };
    const one = await start({ name: "one", market: "sample:NASDAQ", capital: 1000 });
    const other = await start({ name: "other", market: "sample:WTI" });
    const bars = async (): Promise<Readonly<Record<string, number>>> => {
      const all: { readonly id: string; readonly report: { readonly bars: number } | null }[] =
        await (await fetch(`${dashboard.url}/api/online`)).json();
      return Object.fromEntries(all.map(({ id, report }) => [id, report?.bars ?? 0]));
    };
    await until("both to trade", async () => Object.values(await bars()).every((count) => count > 350));
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/online`);
    await page.getByText("Tick up to 6 traders").waitFor();
    await page.getByRole("checkbox", { name: /^one, started/ }).check();
    const chart = page.getByRole("region", { name: "Equity of the chosen traders" });
    await chart.getByRole("slider", { name: /one \d\.\d\d$/ }).waitFor();
    // While they trade, what is drawn goes on.
    const valueText = () => chart.getByRole("slider").getAttribute("aria-valuetext");
    const before = await valueText();
    await until("the chart to go on", async () => await valueText() !== before);
    for (const id of [one, other]) {
      await (await fetch(`${dashboard.url}/api/online/${id}/stop`, { method: "POST" })).body?.cancel();
    }
    await until("both to stop", async () => {
      const all: { readonly status: string }[] = await (await fetch(`${dashboard.url}/api/online`)).json();
      return all.every(({ status }) => status !== "running");
    });
    await page.getByRole("checkbox", { name: /^other, started/ }).check();
    const slider = chart.getByRole("slider", { name: /one \d\.\d\d, other \d\.\d\d$/ });
    await slider.waitFor();
    assertEquals(new URL(page.url()).searchParams.getAll("trader"), [one, other]);

    // What the chart says is the traders' own, over what they began with.
    await chart.getByLabel("Along").selectOption("bars");
    const counts = await bars();
    const overlaid = await (await fetch(`${dashboard.url}/api/online/equity?along=bars&id=${one}&id=${other}`)).json();
    // A trader reports of itself now and then; its life may hold a bar more.
    assert(overlaid.x.at(-1) >= Math.max(...Object.values(counts)) - 1, `${overlaid.x.at(-1)}`);
    const { curves } = overlaid as { curves: { readonly id: string; readonly values: readonly (number | null)[] }[] };
    for (const { id, values } of curves) {
      const { report } = (await (await fetch(`${dashboard.url}/api/online`)).json()).find((t: { id: string }) =>
        t.id === id
      );
      assert(Math.abs(values[0]! - 1) < 0.1, `${values[0]}`);
      const last = values.findLast((value) => value !== null)!;
      if (counts[id] === overlaid.x.at(-1) + 1) assert(Math.abs(last - report.equity / report.capital) < 1e-9);
    }
    await slider.focus();
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-valuetext")?.startsWith("0, "));
    await chart.locator("summary", { hasText: "Figures" }).click();
    assertEquals(await chart.getByRole("columnheader").allInnerTexts(), ["Bar", "one", "other", "what it began with"]);

    await page.reload();
    await chart.getByRole("slider").waitFor();
    assertEquals(await page.getByRole("checkbox", { checked: true }).count(), 2);
    for (const [width, height] of [[1360, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      // A chart follows its place a moment later.
      await page.waitForFunction((wanted) => document.documentElement.scrollWidth === wanted, width);
    }
    const seven = Array.from({ length: 7 }, (_, i) => `id=${i}`).join("&");
    const refused = await fetch(`${dashboard.url}/api/online/equity?along=time&${seven}`);
    assertEquals([refused.status, (await refused.json()).error], [
      400,
      "Cannot lay over each other: expected at most 6 traders.",
    ]);
    assertEquals(complaints, []);
    assertEquals(dashboard.complaints(), "");
  },
});
