/**
 * The data page in a browser: good and bad CSV files are dropped and chosen, a market is fetched from a local Bybit with progress,
 * an error and a cancel, gaps stand on the time line, a file is deleted; a large upload does not fill the server.
 * @module
 */
import { Buffer } from "node:buffer";
import { assert, assertEquals } from "@std/assert";
import { envelope, serveKlines } from "../../data/bybit_server.ts";
import { HAS_BROWSER, startDashboard } from "./browser.ts";
import { residentBytes } from "../resident_bytes.ts";
import { NEEDS, permits, testWith } from "../../permissions.ts";
import { shareDashboard } from "./shared.ts";

const test = testWith(...NEEDS);
const shared = shareDashboard();

const HOUR = 3_600_000;

/** Hourly bars from 2024 on, as a CSV file; bar `hole` to `hole + 9` are missing. */
function* hourlyCsv(bars: number, hole = Infinity): Generator<string> {
  yield "timestamp,open,high,low,close,volume\n";
  for (let i = 0; i < bars; i++) {
    if (i >= hole && i < hole + 10) continue;
    const price = 100 + 5 * Math.sin(i / 50);
    const values = [price, price + 1, price - 1, price + 0.5].map((value) => value.toFixed(8));
    yield `${new Date(1_704_067_200_000 + i * HOUR).toISOString()},${values.join(",")},3.25\n`;
  }
}

function csvFile(name: string, text: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: "text/csv", buffer: Buffer.from(text) };
}

// The first of the file: a server that has served others holds memory to grow in.
Deno.test({
  name: "an upload of 20 MB is streamed: the server's memory grows by less than 150 MB",
  ignore: Deno.build.os !== "linux" || !permits(...NEEDS),
  fn: async () => {
    const { dashboard } = shared;
    await (await fetch(`${dashboard.url}/data`)).body?.cancel();
    const bars = 270_000;
    const encoder = new TextEncoder();
    let size = 0;
    const rows = hourlyCsv(bars);
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        const lines = Array.from({ length: 1000 }, () => rows.next().value ?? "").join("");
        if (lines === "") return controller.close();
        const chunk = encoder.encode(lines);
        size += chunk.length;
        controller.enqueue(chunk);
      },
    });
    const before = residentBytes(dashboard.pid);
    let most = before;
    const watch = setInterval(() => most = Math.max(most, residentBytes(dashboard.pid)), 20);
    const response = await fetch(`${dashboard.url}/api/data/upload?name=LARGE.csv`, { method: "POST", body });
    clearInterval(watch);
    assertEquals(response.status, 201);
    const { id, summary } = await response.json();
    assertEquals([id, summary.bars, summary.interval], ["file:LARGE.csv", bars, "1h"]);
    assert(size >= 20e6, `${size} bytes`);
    assertEquals(Deno.statSync(`${dashboard.data}/markets/LARGE.csv`).size, size);
    console.log(`Uploaded ${(size / 1e6).toFixed(1)} MB; the server grew by ${((most - before) / 1e6).toFixed(1)} MB`);
    assert(most - before < 150e6, `the server grew by ${(most - before) / 1e6} MB`);
    await Deno.remove(`${dashboard.data}/markets/LARGE.csv`);
  },
});

Deno.test({
  name: "the data page takes a good CSV, refuses a bad one with its line, shows gaps on a time line, and deletes",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const { dashboard } = shared;
    const { page, complaints } = await shared.visit("/data");
    await page.getByRole("row", { name: /^SP500/ }).getByText("1 finding").waitFor();
    const uploads = page.getByRole("list", { name: "Uploads" });

    await page.locator("input[type=file]").setInputFiles(csvFile("GAPPY.csv", [...hourlyCsv(500, 200)].join("")));
    await uploads.getByText("490 bars of 1h").waitFor();
    await page.getByRole("row", { name: /GAPPY/ }).getByText("1 finding").waitFor();
    // The table fits beside the forms with its last button.
    const table = page.getByRole("region", { name: "Markets, scrollable" });
    assert(await table.evaluate((box) => box.scrollWidth <= box.clientWidth));
    assertEquals(complaints, []);

    // A price that never moves is nothing to learn from.
    const flat = Array.from({ length: 60 }, (_, i) => `${new Date(1_704_067_200_000 + i * HOUR).toISOString()},7\n`);
    await page.locator("input[type=file]").setInputFiles(csvFile("FLAT.csv", `timestamp,close\n${flat.join("")}`));
    await page.getByRole("row", { name: /FLAT/ }).getByText("1 finding").waitFor();
    await page.getByRole("link", { name: "FLAT", exact: true }).click();
    await page.getByRole("cell", { name: "the price never moves: every close is 7" }).waitFor();
    // Sixty hours of two days: their dates alone would name four ticks.
    assertEquals((await page.locator(".timeline-axis span").allInnerTexts())[1], "2024-01-01 14:45");
    page.once("dialog", (dialog) => dialog.accept());
    await page.goto(`${dashboard.url}/data`);
    await page.getByRole("button", { name: "Delete FLAT.csv" }).click();
    await page.getByRole("row", { name: /FLAT/ }).waitFor({ state: "detached" });
    assertEquals(complaints, []);

    const bad = await page.evaluateHandle(() => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["timestamp,close\n2024-01-01,42\n2024-01-02,many\n"], "bad.csv"));
      transfer.items.add(new File(["hello"], "notes.txt"));
      return transfer;
    });
    await page.locator(".drop").dispatchEvent("drop", { dataTransfer: bad });
    await uploads.getByText('Cannot read bad.csv, line 3: expected a number for close, got "many"').waitFor();
    await uploads.getByText("expected a file that ends in .csv or .csv.gz").waitFor();
    await page.locator("input[type=file]").setInputFiles(csvFile("GAPPY.csv", "timestamp,close\n"));
    await uploads.getByText("There is a market GAPPY.csv already").waitFor();
    const files = [...Deno.readDirSync(`${dashboard.data}/markets`)].map(({ name }) => name);
    assertEquals(files, ["GAPPY.csv"]);
    assertEquals([...Deno.readDirSync(`${dashboard.data}/incoming`)], []);
    // The browser itself writes a line for each refused request.
    assertEquals(complaints.splice(0).filter((line) => !/status of 4\d\d/.test(line)), []);

    await page.getByRole("link", { name: "GAPPY", exact: true }).click();
    await page.getByRole("heading", { name: "GAPPY" }).waitFor();
    await page.getByRole("img", { name: "Gaps: 1, the first 2024-01-09" }).waitFor();
    await page.getByRole("cell", { name: "10 bars are missing before it" }).waitFor();
    await page.locator(".u-over").waitFor();
    await page.goto(`${dashboard.url}/data`);
    page.once("dialog", (dialog) => dialog.accept());
    await page.getByRole("button", { name: "Delete GAPPY.csv" }).click();
    await page.getByRole("row", { name: /GAPPY/ }).waitFor({ state: "detached" });
    assertEquals([...Deno.readDirSync(`${dashboard.data}/markets`)], []);
    assertEquals(complaints, []);
  },
});

Deno.test({
  name: "the data page fetches from Bybit with progress, can cancel, and says what went wrong",
  ignore: !HAS_BROWSER,
  fn: async () => {
    const held = Promise.withResolvers<void>();
    let requests = 0;
    await using bybit = serveKlines({
      now: Date.now(),
      fault: ({ query }) => query.get("symbol") === "BROKEN" ? envelope(10001, "Illegal", {}, Date.now()) : undefined,
    });
    // In front of it, so that the second window of a market waits until it is looked at.
    await using slow = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
      const { search, searchParams } = new URL(request.url);
      if (searchParams.get("symbol") === "SLOWUSDT" && requests++ > 0) await held.promise;
      const answer = await fetch(`${bybit.url}/v5/market/kline${search}`);
      return new Response(await answer.text(), answer);
    });
    const env = { ADAPTRADE_BYBIT_URL: `http://127.0.0.1:${slow.addr.port}` };
    await using dashboard = await startDashboard(undefined, env);
    const { page, complaints } = await shared.visit(`${dashboard.url}/data`);
    const fetches = page.getByRole("list", { name: "Fetches" });
    const ask = async (symbol: string) => {
      await page.getByLabel("Symbol").fill(symbol);
      await page.getByRole("button", { name: "Fetch", exact: true }).click();
    };
    await ask("BTCUSDT");
    await fetches.getByText(/BTCUSDT 1h .* is in: 2,1\d\d bars/).waitFor();
    await page.getByRole("row", { name: /BTCUSDT_1h/ }).getByText(/finding/).waitFor();

    await ask("BROKEN");
    await fetches.getByText('failed. Cannot fetch BROKEN 1h (linear) from Bybit: Bybit answered 10001 "Illegal"')
      .waitFor();
    assertEquals(complaints, []);

    await ask("SLOWUSDT");
    await fetches.getByText(/^1,000 of up to 2,1\d\d bars/).waitFor();
    await fetches.getByRole("button", { name: /^Cancel the fetch of SLOWUSDT/ }).click();
    await fetches.getByText(/SLOWUSDT .* was cancelled; nothing was kept/).waitFor();
    held.resolve();
    const files = [...Deno.readDirSync(`${dashboard.data}/markets`)].map(({ name }) => name);
    assertEquals(files, ["BTCUSDT_1h.csv"]);
    assertEquals([...Deno.readDirSync(`${dashboard.data}/incoming`)], []);
    assertEquals(complaints, []);
  },
});

test("an upload beyond 100 MB, of nothing, or under a name that leads elsewhere leaves nothing behind", async () => {
  const { dashboard } = shared;
  const upload = async (name: string, body: BodyInit): Promise<[number, string]> => {
    const response = await fetch(`${dashboard.url}/api/data/upload?name=${encodeURIComponent(name)}`, {
      method: "POST",
      body,
    });
    return [response.status, (await response.json()).error];
  };
  assertEquals(await upload("X.csv", ""), [400, "Cannot read X.csv: the file is empty"]);
  assertEquals((await upload("..", "a"))[0], 400);
  const chunk = new Uint8Array(1_000_000).fill(48);
  let sent = 0;
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => sent++ > 101 ? controller.close() : controller.enqueue(chunk),
  });
  assertEquals(await upload("X.csv", endless), [413, "The file is larger than 100 MB."]);
  assertEquals(await upload("../../X.csv", "timestamp,close\n2024-01-01,1\n"), [
    400,
    "Cannot read X.csv: expected at least 2 rows to tell the interval, got 1; pass interval",
  ]);
  assertEquals([...Deno.readDirSync(`${dashboard.data}/markets`)], []);
  assertEquals([...Deno.readDirSync(`${dashboard.data}/incoming`)], []);
});
