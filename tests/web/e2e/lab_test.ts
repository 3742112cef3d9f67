/**
 * The adaptation lab in a browser: it shows what `forecast` gives, adapted and not, and its bar moves by click and by keyboard.
 * @module
 */
import { forecast, type Forecaster, openEngine, sampleMarkets } from "@adaptrade/adaptrade";
import { decodeForecaster } from "@adaptrade/adaptrade/forecast";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { openRuns } from "../../../lib/store/runs.ts";
import { targetFigure } from "../../../web/components/format.ts";
import { HAS_BROWSER, openPage } from "./browser.ts";
import { drawnTexts, noteTexts } from "./drawn_texts.ts";
import { shareDashboard } from "./shared.ts";
import { trainSmallRun } from "./small_run.ts";

const TIME = Date.UTC(2015, 5, 10);
const shared = shareDashboard();

let trained: Promise<string> | undefined;

/** A run whose forecasts move with the inner steps, trained when it is first asked for. */
const trainedRun = () => trained ??= trainSmallRun(shared.dashboard.url, { steps: 300 });

async function forecasterOf(data: string, id: string): Promise<Forecaster> {
  using store = await openRuns(join(data, "runs.sqlite"));
  return await decodeForecaster(store.checkpoint(id, "latest")!.bytes);
}

/** The forecast of NASDAQ as a page words it. */
async function wordsOf(forecaster: Forecaster): Promise<string> {
  const [candles, ...others] = await sampleMarkets({ symbols: ["NASDAQ", "SP500", "FTSE"] });
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const { value } = await forecast(engine, forecaster, candles, { from: TIME, to: TIME + 1, others });
  return targetFigure("logVolatility", Math.exp(value[0]));
}

Deno.test({
  name: "the lab says that there is no run yet, and in words what it refuses",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard, browser } = shared;
    const { page, complaints } = await openPage(browser, `${dashboard.url}/lab`, { width: 390 });
    await page.getByRole("heading", { name: "No run yet" }).waitFor();
    assertEquals(complaints, []);
    const post = async (body: unknown) => {
      const response = await fetch(`${dashboard.url}/api/lab/view`, { method: "POST", body: JSON.stringify(body) });
      return [response.status, (await response.json()).error];
    };
    const without = await post({ run: "", market: "sample:NASDAQ", time: TIME });
    assertEquals([without[0], without[1].includes("Choose a run")], [400, true]);
    assertEquals((await post({ run: "nobody", market: "sample:NASDAQ", time: TIME }))[0], 404);
    const run = await trainedRun();
    const early = await post({ run, market: "sample:NASDAQ", time: 0 });
    assertEquals([early[0], early[1].includes("or a later bar")], [400, true]);
    assertEquals((await post({ run, market: "file:../runs.sqlite", time: TIME }))[0], 400);
    assertEquals((await post(null))[0], 400);
  },
});

Deno.test({
  name:
    "the lab shows what forecast() gives, at any number of inner steps, and its bar moves by click, date and arrow keys",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard, browser } = shared;
    const id = await trainedRun();
    const forecaster = await forecasterOf(dashboard.data, id);
    const free = (steps: number): Forecaster => ({ ...forecaster, steps, trust: { share: 1, limit: Infinity } });
    const { page, complaints } = await openPage(
      browser,
      `${dashboard.url}/lab?run=${id}&market=sample:NASDAQ&time=${TIME}`,
      { before: noteTexts },
    );
    const slider = page.getByLabel("Inner steps:");
    await slider.waitFor();
    const prediction = page.getByTestId("prediction");
    const shown = new Set<string>();
    for (const steps of [0, 1, 5, 20]) {
      await slider.fill(String(steps));
      const text = await prediction.innerText();
      assertEquals(text, await wordsOf(free(steps)));
      shown.add(text);
    }
    assert(shown.size > 1, "the prediction moves");
    await slider.press("ArrowLeft");
    assertEquals(await prediction.innerText(), await wordsOf(free(19)));
    assertEquals(await page.getByTestId("forecast").innerText(), await wordsOf(forecaster));

    // Months stand on the candles' axis with their year.
    const ticks = (await drawnTexts(page)).map(({ text }) => text);
    assert(ticks.includes("May 2015"), ticks.join("|"));
    assertEquals(ticks.filter((text) => /^[A-Z][a-z]{2}$/.test(text)), []);

    const date = page.getByLabel("Date (UTC)");
    assertEquals(await date.inputValue(), "2015-06-10");
    await page.getByLabel("Bar:").press("ArrowRight");
    assertEquals(await date.inputValue(), "2015-06-11");
    const chart = await page.locator(".candles").boundingBox();
    await page.mouse.click(chart!.x + chart!.width / 3, chart!.y + chart!.height / 2);
    assertNotEquals(await date.inputValue(), "2015-06-11");
    await date.fill("2016-01-01");
    await date.press("Tab");
    // The first of January has no bar: the last one before it is taken.
    assertEquals(await date.inputValue(), "2015-12-31");
    const contributions = page.getByLabel("Contribution of each column to the forecast, largest first");
    assertEquals(await contributions.getByRole("listitem").count(), 15);
    assertEquals(complaints, []);

    await page.waitForURL(`**/lab?*time=${Date.UTC(2015, 11, 31)}`);
    await page.reload();
    await slider.waitFor();
    assertEquals(await date.inputValue(), "2015-12-31");
  },
});
