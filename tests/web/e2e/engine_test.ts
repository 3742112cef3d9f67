/**
 * The engine page in a browser: self-tests, the benchmark, and training in the page itself, on WebGPU and without it, against
 * the server's gradient.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import type { Page } from "playwright-core";
import { HAS_BROWSER, openPage, startBrowser, WEBGPU } from "./browser.ts";
import { NEEDS, testWith } from "../../permissions.ts";
import { shareDashboard } from "./shared.ts";

const test = testWith(...NEEDS);
const shared = shareDashboard();

async function trainHere(page: Page): Promise<number> {
  await page.getByRole("button", { name: "Train in this browser" }).click();
  const shown = page.getByTestId("gradient-error").or(page.locator("[role=alert]"));
  await shown.waitFor({ timeout: 180_000 }); // a software adapter compiles shaders for long
  return Number(await shown.innerText());
}

Deno.test({
  name: "the engine page trains on WebGPU in the page and finds the server's gradient within 1e-4",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using browser = await startBrowser(WEBGPU);
    const { page, complaints } = await openPage(browser, `${shared.dashboard.url}/engine`);
    const error = await trainHere(page);
    assert(error > 0 && error <= 1e-4, `the gradient is ${error} apart`);
    assertEquals(await page.getByText("The gradients agree").count(), 1);
    assertEquals(await page.getByText("No WebGPU here").count(), 0);
    assertEquals(complaints, []);
  },
});

Deno.test({
  name: "the engine page falls back to the CPU in the page, with threads, and says so",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { page, complaints } = await shared.visit("/engine");
    const before = await page.evaluate(() => performance.getEntriesByType("resource").length);
    assertEquals(await page.evaluate(() => crossOriginIsolated), true);
    const error = await trainHere(page);
    assert(error <= 1e-4, `the gradient is ${error} apart`);
    assertEquals(await page.getByText("No WebGPU here, so the CPU engine trained").count(), 1);
    assert(await page.evaluate(() => performance.getEntriesByType("resource").length) > before);
    // The browser itself says why there is no WebGPU.
    assertEquals(complaints.filter((line) => line !== "warning: No available adapters."), []);
  },
});

Deno.test({
  name: "the engine page tests the server's engines and measures the CPU by a click, through a reload",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { page, complaints } = await shared.visit("/engine");
    await page.getByText("chosen for training").waitFor({ timeout: 60_000 });
    const cpu = page.getByRole("article", { name: "CPU engine" });
    assert((await cpu.innerText()).includes("of float64"));
    await page.getByRole("combobox", { name: "Engine" }).selectOption({ label: "CPU, one thread" });
    await page.getByRole("button", { name: "Measure", exact: true }).click();
    await page.locator(".benchmark tbody tr").first().waitFor({ timeout: 60_000 });
    await page.reload();
    await page.locator(".benchmark tbody tr").nth(3).waitFor({ timeout: 60_000 });
    const cells = await page.locator(".benchmark tbody tr > :first-child").allInnerTexts();
    assertEquals(cells, ["1", "4", "16", "64"]);
    assertEquals(complaints, []);
  },
});

test("the engine's API refuses what it cannot measure, in words", async () => {
  for (const [body, word] of [['{"backend":"tpu"}', "tpu"], ['{"threads":-1}', "threads"], ["3", "object"]]) {
    const answer = await fetch(`${shared.dashboard.url}/api/engine/benchmark`, { method: "POST", body });
    assertEquals(answer.status, 400);
    assert((await answer.json()).error.includes(word));
  }
});
