/**
 * The overview and the run page in a browser: a click trains, the page streams, stop and resume work, a reload and a killed
 * server lose nothing.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { NEEDS, permits } from "../../permissions.ts";
import { HAS_BROWSER, startDashboard } from "./browser.ts";
import { openRuns } from "../../../lib/store/runs.ts";
import type { RunConfig } from "../../../web/server/run_config.ts";
import { shareDashboard } from "./shared.ts";
import { trainSmallRun } from "./small_run.ts";
import { listRuns, until } from "./trained_run.ts";

const shared = shareDashboard();

/** The only run as the database holds it. */
async function storedRun(data: string): Promise<{ readonly config: RunConfig }> {
  using store = await openRuns(`${data}/runs.sqlite`);
  return store.list()[0] as unknown as { readonly config: RunConfig };
}

Deno.test({
  name:
    "the form's settings make the run; it is stopped, resumed and deleted by clicks, and what cannot be trained is said in words",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const { page, complaints } = await shared.visit("/");
    await page.getByRole("heading", { name: "No run yet" }).waitFor();
    await page.getByRole("combobox", { name: /^Forecast/ }).selectOption("return");
    await page.getByRole("combobox", { name: /^Budget/ }).selectOption("10000");
    await page.getByRole("combobox", { name: /^Networks/ }).selectOption("10");
    const unseen = page.getByRole("combobox", { name: /^Market kept unseen/ });
    // The arrow keys pass over every market; those passed stay ticked.
    await unseen.focus();
    for (const key of [...Array(6).fill("ArrowUp"), ...Array(6).fill("ArrowDown")]) await page.keyboard.press(key);
    await unseen.selectOption("sample:SP500");
    await page.locator("summary", { hasText: "Markets to train on" }).click();
    await page.getByRole("checkbox", { name: /^WTI/ }).uncheck();
    await page.locator("summary", { hasText: "More settings" }).click();
    await page.getByRole("combobox", { name: /^Method/ }).selectOption("metaSgd");
    await page.getByLabel("Name").fill("mine");
    await page.getByLabel("Tasks in a batch").fill("3");
    await page.getByLabel("Inner steps tried").fill("2");
    await page.getByLabel("Support rows").fill("1");
    await page.getByRole("button", { name: "Start training" }).click();
    await page.getByRole("alert").getByText("“Support rows” to be a whole number from 2 to 5000, received 1").waitFor();
    assertEquals(await listRuns(dashboard.url), []);
    // The browser itself notes that the server refused.
    assertEquals(complaints.splice(0).filter((line) => !line.includes("400 (Bad Request)")), []);

    await page.getByLabel("Support rows").fill("12");
    await page.getByRole("button", { name: "Start training" }).click();
    await page.waitForURL("**/runs/*");
    await page.locator(".u-over").first().waitFor();
    const { config } = await storedRun(dashboard.data);
    assertEquals(
      [config.name, config.method, config.steps, config.tasks, config.innerSteps, config.supportRows, config.unseen],
      ["mine", "metaSgd", 10000, 3, 2, 12, "sample:SP500"],
    );
    assertEquals([config.target, config.horizon, config.seeds], ["return", 1, 10]);
    assertEquals(config.markets.toSorted(), ["DAX", "SMI", "CAC", "FTSE"].map((name) => `sample:${name}`).toSorted());

    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Delete" }).waitFor();
    assertEquals((await listRuns(dashboard.url))[0].status, "stopped");
    await page.getByRole("button", { name: "Resume" }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    page.once("dialog", (dialog) => dialog.dismiss());
    await page.getByRole("button", { name: "Delete" }).click();
    assertEquals((await listRuns(dashboard.url)).length, 1);
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Delete" }).click();
    await page.getByRole("heading", { name: "No run yet" }).waitFor();
    assertEquals(await listRuns(dashboard.url), []);
    assertEquals(complaints, []);
  },
});

Deno.test({
  name: "a run deleted elsewhere is gone from an open page, in words",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const id = await trainSmallRun(dashboard.url);
    const { page } = await shared.visit(`/runs/${id}`);
    await page.locator(".u-over").first().waitFor();
    await (await fetch(`${dashboard.url}/api/runs/${id}/delete`, { method: "POST" })).body?.cancel();
    await page.getByText("This run was deleted.").waitFor();
    const response = await page.reload();
    assertEquals(response?.status(), 404);
    await page.getByText("There is no such run.").waitFor();
  },
});

Deno.test({
  name: "the dashboard refuses other names, other origins and unknown pages, always with its policy",
  ignore: !permits(...NEEDS),
  fn: async () => {
    const { dashboard } = shared;
    const post = (origin: string) =>
      fetch(`${dashboard.url}/api/runs`, { method: "POST", headers: { origin }, body: "{}" });
    const refused = await post("http://evil.example");
    assertEquals(refused.status, 403);
    assert((await refused.json()).error.includes("own pages"));
    const bad = await fetch(`${dashboard.url}/api/runs`, { method: "POST", body: `{"steps":0}` });
    assertEquals(bad.status, 400);
    assert((await bad.json()).error.includes("steps"));
    for (const [path, status] of [["/", 200], ["/nowhere", 404], ["/runs/nobody", 404]] as const) {
      const response = await fetch(`${dashboard.url}${path}`);
      const text = await response.text();
      assertEquals(response.status, status);
      const policy = response.headers.get("content-security-policy") ?? "";
      assert(/script-src 'self'(?! 'unsafe-inline')/.test(policy) && policy.includes("frame-ancestors 'none'"), policy);
      assert(text.includes("</html>"));
    }
    for (const path of ["/..%2fmain.ts", "/%2e%2e/main.ts", "/main.ts"]) {
      const response = await fetch(`${dashboard.url}${path}`);
      await response.body?.cancel();
      assertEquals(response.status, 404);
    }
  },
});

// The last of the file: it kills the shared dashboard.
Deno.test({
  name: "the overview starts a run that streams, pauses, resumes, and survives a reload and a killed server",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard: first } = shared;
    const { page, complaints } = await shared.visit("/");
    await page.getByRole("combobox", { name: /^Networks/ }).selectOption("1");
    // Of two markets, for the end is near then.
    await page.locator("summary", { hasText: "Markets to train on" }).click();
    for (const name of ["DAX", "SMI", "CAC", "WTI"]) {
      await page.getByRole("checkbox", { name: new RegExp(`^${name}`) }).uncheck();
    }
    await page.getByRole("button", { name: "Start training" }).click();
    await page.waitForURL("**/runs/*");
    await page.locator(".u-over").first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    const [paused] = await listRuns(first.url);
    assertEquals(paused.status, "paused");
    assert(paused.step > 0 && paused.step < 2100, `paused at ${paused.step}`);

    await page.reload();
    await page.locator(".u-over").first().waitFor();
    await page.getByRole("button", { name: "Resume" }).click();
    await until("more steps", async () => (await listRuns(first.url))[0].step > paused.step + 20);
    assertEquals(complaints, []);
    await page.goto("about:blank");
    await first.kill();

    await using second = await startDashboard(first.data);
    const done = await until("the end", async () => {
      const [run] = await listRuns(second.url);
      return run.status === "done" && run;
    });
    assertEquals([done.id, done.step], [paused.id, 2100]);
  },
});
