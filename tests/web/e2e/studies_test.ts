/**
 * The pages of studies in a browser: how to start one where there is none, a study that goes on under its reader's eyes, its markets
 * sorted, how they spread, and what could not be studied.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { madeFigures, storeStudy, STUDY_MARKETS } from "../stored_study.ts";

Deno.test({
  name:
    "a study appears, is followed while it runs, and says how its markets spread, each of them, and what it left out",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, dashboard.url);
    await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Studies" }).click();
    await page.getByText("examples/study.ts").waitFor();
    const name = `${"N".repeat(80)} & <b>`;
    await storeStudy(dashboard.data, { name, markets: 40 });
    const row = page.getByRole("row", { name: "unfinished", exact: false });
    await row.getByText(`40 of ${STUDY_MARKETS}`).waitFor();
    await row.getByRole("link", { name }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    const findings = page.getByRole("region", { name: "Findings", exact: true });
    await findings.getByRole("progressbar", { name: `40 of ${STUDY_MARKETS} markets` }).waitFor();
    await findings.getByText("Of 34 markets").waitFor();

    await storeStudy(dashboard.data, { name });
    await findings.getByText("Of 257 markets").waitFor();
    assertEquals(await findings.getByRole("progressbar").count(), 0);
    const markets = page.getByRole("region", { name: "Markets", exact: true });
    await markets.getByText("100 of 257 markets").waitFor();
    const wanted = Array.from({ length: STUDY_MARKETS }, (_, i) => i).filter((i) => i % 7 !== 3).map(madeFigures);
    const first = () => markets.locator("tbody th").first();
    const best = (of: (one: (typeof wanted)[number]) => number) => wanted.toSorted((a, b) => of(b) - of(a))[0].market;
    await first().getByText(best(({ score }) => score.skill), { exact: true }).waitFor();
    await markets.getByRole("button", { name: "Net Sharpe", exact: true }).click();
    await first().getByText(best(({ money }) => money!.sharpe!), { exact: true }).waitFor();
    await markets.getByRole("button", { name: "Net Sharpe", exact: false }).click();
    await first().getByText(best(({ money }) => -money!.sharpe!), { exact: true }).waitFor();
    await markets.getByRole("button", { name: "Show more: 157 left" }).click();
    await markets.getByText("200 of 257 markets").waitFor();

    // By keyboard: the curve's ends are the worst and the best market.
    const chart = page.getByRole("region", { name: "Skill", exact: true }).getByRole("slider");
    await chart.focus();
    const skills = wanted.map(({ score }) => 100 * score.skill);
    const percents = (await chart.getAttribute("aria-valuetext"))!;
    assert(percents.startsWith("100, skill "), percents);
    assertEquals(Number(percents.match(/skill ([\d.]+)/)![1]), Number(Math.max(...skills).toPrecision(5)));
    await page.keyboard.press("Home");
    await page.waitForFunction(() => document.activeElement?.getAttribute("aria-valuenow") === "0");
    const low = (await chart.getAttribute("aria-valuetext"))!;
    assertEquals(
      Number(low.match(/skill (−?[\d.]+)/)![1].replace("−", "-")),
      Number(Math.min(...skills).toPrecision(5)),
    );

    const left = page.getByRole("region", { name: "Not studied", exact: true });
    assertEquals(await left.getByRole("row").count(), 1 + 43);
    assert(await left.getByText("its prices are torn <b>").first().isVisible());
    for (const [width, height] of [[1360, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      // A chart follows its place a moment later.
      await page.waitForFunction((wanted) => document.documentElement.scrollWidth === wanted, width);
    }
    const refused = await fetch(`${dashboard.url}/api/studies/markets?file=data:studies.sqlite&by=constructor&count=1`);
    assertEquals(refused.status, 400);
    await refused.body?.cancel();
    await Deno.remove(`${dashboard.data}/studies.sqlite`);
    await page.getByText("is not there any more").waitFor();
    assertEquals(complaints, []);
    assertEquals(dashboard.complaints(), "");
  },
});
