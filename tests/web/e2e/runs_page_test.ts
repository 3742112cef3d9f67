/**
 * The overview and the run page in a browser: a click trains, the page streams, pause and resume work, a reload and a killed
 * server lose nothing.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { HAS_BROWSER, openPage, startBrowser, startDashboard } from "./browser.ts";
import { listRuns, until } from "./trained_run.ts";

Deno.test({
  name: "the overview starts a run that streams, pauses, resumes, and survives a reload and a killed server",
  ignore: !HAS_BROWSER,
  fn: async () => {
    await using first = await startDashboard();
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, first.url);
    await page.getByRole("button", { name: "Start training" }).click();
    await page.waitForURL("**/runs/*");
    await page.locator(".u-over").first().waitFor();
    await page.getByRole("button", { name: "Pause" }).click();
    await page.getByRole("button", { name: "Resume" }).waitFor();
    const [paused] = await listRuns(first.url);
    assertEquals(paused.status, "paused");
    assert(paused.step > 0 && paused.step < 1000, `paused at ${paused.step}`);

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
    assertEquals([done.id, done.step], [paused.id, 1000]);
  },
});

Deno.test({
  name: "the dashboard refuses other names, other origins and unknown pages, always with its policy",
  fn: async () => {
    await using dashboard = await startDashboard();
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
