/**
 * The adaptation lab in a browser: the slider shows what `adapt` and `predict` give, by click and by keyboard.
 * @module
 */
import {
  adapt,
  applyScaler,
  decodeState,
  fitScaler,
  marketRows,
  type MetaState,
  openEngine,
  predict,
  sampleMarkets,
  tradingFeatures,
} from "@adaptrade/adaptrade";
import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { join } from "node:path";
import { openRuns } from "../../../lib/store/runs.ts";
import { signedPercent } from "../../../web/components/format.ts";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { SMALL_RUN, trainSmallRun } from "./small_run.ts";

const TIME = Date.UTC(2015, 5, 10);

async function checkpointOf(data: string, id: string): Promise<MetaState> {
  using store = await openRuns(join(data, "runs.sqlite"));
  const { bytes } = store.checkpoint(id, "best") ?? store.checkpoint(id, "latest")!;
  return (await decodeState(bytes)).state;
}

/** The forecast by the plain functions: the last labels known at the bar, scaled by themselves, adapted on, and the bar's row. */
async function forecast(state: MetaState, steps: number): Promise<number> {
  const [candles] = await sampleMarkets({ symbols: ["NASDAQ"] });
  const rows = marketRows(candles, { horizon: 1 });
  const features = tradingFeatures(candles);
  const { cols } = rows;
  const end = rows.knownAt.filter((time) => time <= TIME).length;
  const start = end - SMALL_RUN.supportRows;
  const [x, y] = [rows.x.slice(start * cols, end * cols), rows.y.slice(start, end)];
  const [scaleX, scaleY] = [fitScaler(x, cols), fitScaler(y, 1)];
  const support = {
    rows: SMALL_RUN.supportRows,
    x: Float32Array.from(applyScaler(scaleX, x)),
    y: Float32Array.from(applyScaler(scaleY, y)),
  };
  const bar = features.time.indexOf(TIME);
  const now = Float32Array.from(applyScaler(scaleX, features.values.slice(bar * cols, (bar + 1) * cols)));
  await using engine = await openEngine({ backend: "cpu", threads: 1 });
  const [output] = await predict(engine, await adapt(engine, state, support, { steps }), now);
  return output * scaleY.scale[0] + scaleY.mean[0];
}

Deno.test({
  name: "the lab's slider shows what adapt() and predict() give, and its bar moves by click, date and arrow keys",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    const id = await trainSmallRun(dashboard.url);
    const state = await checkpointOf(dashboard.data, id);
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(
      browser,
      `${dashboard.url}/lab?run=${id}&market=sample:NASDAQ&time=${TIME}`,
    );
    const slider = page.getByLabel("Inner steps:");
    await slider.waitFor();
    const prediction = page.getByTestId("prediction");
    const shown = new Set<string>();
    for (const steps of [0, 1, 5, 20]) {
      await slider.fill(String(steps));
      const text = await prediction.innerText();
      assertEquals(text, signedPercent(await forecast(state, steps)));
      shown.add(text);
    }
    assert(shown.size > 1, "the prediction moves");
    await slider.press("ArrowLeft");
    assertEquals(await prediction.innerText(), signedPercent(await forecast(state, 19)));

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
    const contributions = page.getByLabel("Contribution of each feature to the forecast return, largest first");
    assertEquals(await contributions.getByRole("listitem").count(), 10);
    assertEquals(complaints, []);

    await page.waitForURL(`**/lab?*time=${Date.UTC(2015, 11, 31)}`);
    await page.reload();
    await slider.waitFor();
    assertEquals(await date.inputValue(), "2015-12-31");
  },
});

Deno.test({
  name: "the lab shows an untrained start where no run was trained, and says in words what it refuses",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using dashboard = await startDashboard();
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, `${dashboard.url}/lab`, { width: 390 });
    await page.getByLabel("Inner steps:").waitFor();
    assertEquals(await page.getByText("No run has been trained yet").count(), 1);
    assertEquals(complaints, []);
    const post = async (body: unknown) => {
      const response = await fetch(`${dashboard.url}/api/lab/view`, { method: "POST", body: JSON.stringify(body) });
      return [response.status, (await response.json()).error];
    };
    const early = await post({ run: "", market: "sample:NASDAQ", time: 0 });
    assertEquals(early[0], 400);
    assert(early[1].includes("or later"));
    assertEquals((await post({ run: "nobody", market: "sample:NASDAQ", time: TIME }))[0], 404);
    assertEquals((await post({ run: "", market: "file:../runs.sqlite", time: TIME }))[0], 400);
    assertEquals((await post(null))[0], 400);
  },
});
