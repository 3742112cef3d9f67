/**
 * The table of runs with five hundred of them, and the page of one: found, sorted, put together by seed, deleted; its settings
 * said, its name changed, run again, and its curve there without script.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { openRuns } from "../../../lib/store/runs.ts";
import {
  ALL_RUNS,
  NEWEST_FIRST,
  type RunRow,
  runRows,
  runsAddress,
  runsAsked,
  statusesOf,
} from "../../../web/components/run_table.ts";
import { DEFAULT_RUN, type RunConfig } from "../../../web/server/run_config.ts";
import { HAS_BROWSER, openPage, startBrowser, startDashboard, visit } from "./browser.ts";

const RUNS = 500;
const LONG = "N".repeat(80);

/** Fills a folder with finished runs; each setting with five seeds, and a loss that falls with the run's number. */
async function fillRuns(data: string): Promise<string[]> {
  using store = await openRuns(`${data}/runs.sqlite`);
  return Array.from({ length: RUNS }, (_, i) => {
    const config: RunConfig = {
      ...DEFAULT_RUN,
      name: i === 0 ? LONG : `run ${i}`,
      seed: i % 5,
      steps: 100 + Math.floor(i / 5),
    };
    const { id } = store.create({ name: config.name, config, steps: 20 });
    store.claim(id, "test");
    const detail = {
      member: 1,
      phase: "pretrain",
      anchorLoss: 1,
      gradNorm: 1,
      taskLosses: [1, 2],
      rates: [],
      firstOrder: null,
      stepsPerSecond: 10,
      backend: "cpu",
    };
    const validation = 1.5 - i / RUNS;
    for (const step of [10, 20]) {
      store.report(id, "test", {
        step,
        point: { step, train: 1, validation: validation + (20 - step), detail },
        checkpoints: { latest: { step, validation, bytes: new Uint8Array(1) } },
      });
    }
    store.finish(id, "test", "done");
    return id;
  });
}

Deno.test({
  name:
    "five hundred runs are searched, sorted, put together by seed and deleted; one says its settings, also without script",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const data = await Deno.makeTempDir({ prefix: "adaptrade-runs-" });
    const ids = await fillRuns(data);
    await using dashboard = await startDashboard(data);
    await using browser = await startBrowser();
    const { page, complaints } = await openPage(browser, dashboard.url);
    const table = page.getByRole("region", { name: "Runs", exact: true });
    const first = () => table.locator("tbody th a").first().innerText();
    await table.getByText(`${RUNS} of ${RUNS}`).waitFor();
    await table.getByRole("button", { name: "Loss", exact: true }).click();
    assertEquals(await first(), LONG);
    await table.getByRole("button", { name: "Loss", exact: true }).click();
    assertEquals(await first(), `run ${RUNS - 1}`);
    // It saves half of what saying nothing loses: 1.5 − 499/500 against 1.
    await table.locator("tbody tr").first().getByText("−49.8%").waitFor();
    await table.getByLabel("Seeds together").check();
    await table.getByText(`${RUNS / 5} of ${RUNS}`).waitFor();
    await table.getByText("5 seeds: ").first().waitFor();
    await table.getByLabel("Seeds together").uncheck();
    await table.getByLabel("Search").fill("run 49");
    await table.getByText(`15 of ${RUNS}`).waitFor();
    for (const name of ["run 498", "run 499"]) await table.getByLabel(`Tick ${name}`).check();
    await table.getByRole("combobox", { name: "Tag", exact: true }).fill("keep");
    await table.getByRole("button", { name: "Tag ticked" }).click();
    await table.getByRole("list", { name: "Tags of run 499" }).getByText("keep").waitFor();
    await table.getByRole("combobox", { name: "With tag" }).selectOption("keep");
    await table.getByText(`2 of ${RUNS}`).waitFor();
    // What is shown stands in the address: after a reload, and on the way back from a run.
    await page.waitForURL(/tag=keep/);
    await page.reload();
    await table.getByText(`2 of ${RUNS}`).waitFor();
    assertEquals(await table.getByLabel("Search").inputValue(), "run 49");
    await table.getByRole("link", { name: "run 499" }).click();
    await page.getByRole("heading", { name: "run 499", level: 1 }).waitFor();
    await page.goBack();
    await table.getByText(`2 of ${RUNS}`).waitFor();
    assertEquals(await first(), `run ${RUNS - 1}`);
    await table.getByRole("button", { name: "Take keep off run 498" }).click();
    await table.getByText(`1 of ${RUNS}`).waitFor();
    await table.getByRole("combobox", { name: "With tag" }).selectOption("");
    await table.getByLabel("Search").fill("run 49");
    for (const name of ["run 498", "run 499"]) await table.getByLabel(`Tick ${name}`).check();
    assert((await table.getByRole("link", { name: "Compare" }).getAttribute("href"))!.includes(`run=${ids[498]}`));
    page.once("dialog", (dialog) => dialog.accept());
    await table.getByRole("button", { name: "Delete ticked" }).click();
    await table.getByText(`13 of ${RUNS - 2}`).waitFor();
    // All that is found is ticked at once, also what is not on the page yet; what is ticked and not found is said.
    await table.getByLabel("Search").fill("run 1");
    await table.getByText(`176 of ${RUNS - 2}`).waitFor();
    await table.getByRole("checkbox", { name: "Tick all 176 in the list" }).check();
    await table.getByText("176 ticked").waitFor();
    await table.getByLabel("Search").fill("run 12");
    await table.getByText(`15 of ${RUNS - 2}, 176 ticked, 161 of them not in the list`).waitFor();
    const asked = new Promise<string>((resolve) =>
      page.once("dialog", (dialog) => {
        resolve(dialog.message());
        void dialog.dismiss();
      })
    );
    await table.getByRole("button", { name: "Delete ticked" }).click();
    assert((await asked).includes("Delete 176 runs") && (await asked).includes("161 of those ticked"), await asked);
    await table.getByRole("checkbox", { name: "Tick all 15 in the list" }).uncheck();
    await table.getByText("161 ticked, 161 of them not in the list").waitFor();
    await table.getByLabel("Search").fill("run 1");
    await table.getByRole("checkbox", { name: "Tick all 176 in the list" }).check();
    page.once("dialog", (dialog) => dialog.accept());
    await table.getByRole("button", { name: "Delete ticked" }).click();
    await table.getByText(`0 of ${RUNS - 178}`).waitFor();
    await table.getByLabel("Search").fill("");
    await table.getByText(`${RUNS - 178} of ${RUNS - 178}`).waitFor();
    for (const [width, height] of [[1360, 900], [390, 844]]) {
      await page.setViewportSize({ width, height });
      assertEquals(await page.evaluate(() => document.documentElement.scrollWidth), width);
    }

    await visit(page, `${dashboard.url}/runs/${ids[0]}`);
    const settings = page.getByRole("region", { name: "Settings" });
    await settings.getByText("Pretraining steps a network").waitFor();
    await page.getByRole("button", { name: "Rename" }).click();
    await page.getByLabel("New name").fill("The first");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "The first", level: 1 }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "The first", level: 1 }).waitFor();
    await settings.getByRole("link", { name: "Run again" }).click();
    await page.waitForURL("**/?like=*");
    await page.locator("summary", { hasText: "More settings" }).click();
    assertEquals(await page.getByLabel("Seed", { exact: true }).inputValue(), "0");

    for (const body of ["null", "[7]", '{"name":{"toString":1}}', '{"name":"\\n"}']) {
      const { status } = await fetch(`${dashboard.url}/api/runs/${ids[0]}/rename`, { method: "POST", body });
      assertEquals(status, 400, body);
    }

    const plain = await openPage(browser, `${dashboard.url}/runs/${ids[3]}`, { script: false });
    assertEquals(await plain.page.getByText("No curve yet").count(), 0);
    const html = await (await fetch(`${dashboard.url}/runs/${ids[3]}`)).text();
    assertEquals(html.match(/<noscript>/g)?.length, 1);
    await plain.page.locator("summary", { hasText: "Figures" }).first().click();
    await plain.page.getByRole("row", { name: "20", exact: false }).first().waitFor();
    assertEquals(complaints, []);
    await dashboard.kill();
    await Deno.remove(data, { recursive: true });
  },
});

Deno.test("runRows() takes the mean over seeds of those that have a loss, and leaves the runs as they are", () => {
  const run = (seed: number, best: number | null) =>
    Object.freeze({
      id: `r${seed}`,
      name: `r${seed}`,
      status: "done",
      config: { ...DEFAULT_RUN, name: `r${seed}`, seed },
      markets: [],
      unseen: "sample:DAX",
      best,
      anchor: 2,
      verdict: null,
      createdAt: seed,
      tags: seed === 2 ? ["keep"] : [],
    }) as unknown as Parameters<typeof runRows>[0][number];
  const runs = Object.freeze([run(1, 1), run(2, null), run(3, 0.5)]);
  const all = { text: "", status: "", tag: "", target: "", grouped: true };
  const [row, ...more] = runRows(runs, all, { by: "loss", descending: false });
  assertEquals([more.length, row.runs.length, row.loss, row.saved], [0, 3, 0.75, 0.625]);
  const apart = runRows(runs, { ...all, grouped: false }, { by: "loss", descending: true });
  assertEquals(apart.map(({ loss }) => loss), [1, 0.5, null]);
  assertEquals(runRows(runs, { ...all, text: "dax r2" }, { by: "name", descending: false }).length, 1);
  const tagged = runRows(runs, { ...all, tag: "keep" }, { by: "name", descending: false });
  assertEquals(tagged.map(({ runs }) => runs.map(({ id }) => id)), [["r2"]]);
  assertEquals(runRows(runs, { ...all, text: "keep" }, { by: "name", descending: false }).length, 1);
  assertEquals(runRows(runs, { ...all, status: "failed" }, { by: "name", descending: false }), []);
});

Deno.test("an address asks for what the table shows, keeps what else it asks for, and asks for nothing that there is not", () => {
  const filter = { text: "a & b", status: "done", tag: "keep", target: "return", grouped: true };
  const order = { by: "loss", descending: false } as const;
  const address = runsAddress("http://127.0.0.1:8000/?like=x", filter, order);
  const { searchParams } = new URL(address);
  assertEquals([searchParams.get("like"), runsAsked(searchParams)], ["x", { filter, order }]);
  assertEquals(runsAddress(address, ALL_RUNS, NEWEST_FIRST), "http://127.0.0.1:8000/?like=x");
  const nonsense = new URLSearchParams("status=gone&forecast=toString&sort=constructor&seeds=1");
  assertEquals(runsAsked(nonsense), { filter: ALL_RUNS, order: NEWEST_FIRST });
});

Deno.test("statusesOf() counts how the runs of a row stand", () => {
  const runs = ["done", "failed", "done"].map((status) => ({ status }));
  assertEquals(statusesOf({ runs } as unknown as RunRow), [{ status: "done", count: 2 }, {
    status: "failed",
    count: 1,
  }]);
});
