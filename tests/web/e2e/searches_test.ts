/**
 * The pages of searches in a browser: how to start one where there is none, a search that goes on under its reader's eyes, its
 * trials sorted, and where one of them comes from.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { openSearches } from "../../../lib/search/mod.ts";
import { storeSearch } from "../stored_search.ts";
import { serveJobs } from "../../../lib/pool/mod.ts";
import { HAS_NATS, startServer } from "../../pool/nats_server.ts";
import { HAS_BROWSER, startDashboard } from "./browser.ts";
import { shareDashboard } from "./shared.ts";

const shared = shareDashboard();

Deno.test({
  name: "a search appears, is followed while it runs, and says its best, its trials, its rungs and their lineage",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const { page, complaints } = await shared.visit("/searches");
    await page.getByText("examples/search.ts").waitFor();
    const name = `${"N".repeat(80)} & <b>`;
    await storeSearch(dashboard.data, { name, trials: 4 });
    const row = page.getByRole("row", { name: "unfinished", exact: false });
    await row.getByText("4 of ").waitFor();
    await row.getByRole("link", { name }).click();
    await page.getByRole("heading", { name, level: 1 }).waitFor();
    const best = page.getByRole("region", { name: "Best", exact: true });
    await best.getByText("4 of ").waitFor();
    const trials = page.getByRole("region", { name: "Trials", exact: true });
    assertEquals(await trials.getByText("failed", { exact: true }).count(), 1);
    assert(await trials.getByText("due", { exact: true }).count() > 0);

    const all = await storeSearch(dashboard.data, { name });
    await best.getByText(`of ${all.length} decided, 1 failed`).waitFor();
    assertEquals(await trials.getByText("due", { exact: true }).count(), 0);
    await best.getByText("of as many without skill").waitFor();
    const first = () => trials.locator("tbody th button").first().innerText();
    await trials.getByRole("button", { name: "Loss", exact: true }).click();
    assertEquals(await first(), String(all.length - 1)); // numbers begin with the largest
    await trials.getByLabel("Budget").selectOption("9");
    const most = all.filter(({ budget }) => budget === 9);
    await trials.getByText(`${most.length} of ${all.length}`).waitFor();

    const child = most.find(({ parent }) => parent !== null)!;
    await trials.getByRole("button", { name: `Lineage of trial ${child.id}`, exact: true }).click();
    const lineage = page.getByRole("region", { name: "Lineage", exact: true });
    await lineage.getByRole("heading", { name: `Lineage of trial ${child.id}` }).waitFor();
    const numbers = await lineage.locator("tbody th").allInnerTexts();
    assertEquals(numbers.slice(-2), [String(child.parent), String(child.id)]);
    for (const [width, height] of [[1360, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }
    {
      using store = await openSearches(`${dashboard.data}/searches.sqlite`);
      store.remove(name);
    }
    await page.getByText("is not there any more").waitFor();
    assertEquals(complaints, []);
    assertEquals(dashboard.complaints(), "");
  },
});

Deno.test({
  name: "the workers of the pool are shown as they come, without the pool's token, and why where it cannot be asked",
  ignore: !HAS_BROWSER || !HAS_NATS,
  fn: async () => {
    await using server = await startServer();
    await using dashboard = await startDashboard(undefined, { ADAPTRADE_POOL: server.at });
    const { page, complaints } = await shared.visit(`${dashboard.url}/searches`);
    const workers = page.getByRole("region", { name: "Workers", exact: true });
    await workers.getByText("no worker does").waitFor();
    const ends = new AbortController();
    const serving = serveJobs(server.at, { name: "the first", threads: 2, signal: ends.signal });
    const row = workers.getByRole("row", { name: "the first", exact: false });
    await row.waitFor();
    assertEquals(await row.getByRole("cell").allInnerTexts(), ["2", "0", "0"]);
    ends.abort();
    await serving;
    await workers.getByText("no worker does").waitFor();
    assertEquals(complaints, []);

    await using lost = await startDashboard(undefined, { ADAPTRADE_POOL: "nats://secret@127.0.0.1:1" });
    await shared.visit(`${lost.url}/searches`);
    const alert = page.getByRole("alert");
    await alert.getByText("expected a NATS server at 127.0.0.1:1").waitFor();
    assertEquals((await page.content()).includes("secret"), false);
  },
});
