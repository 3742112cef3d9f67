/**
 * The lab answers from a process of its own: the server stays small while a large market is read, and answers the rest meanwhile.
 * No browser.
 * @module
 */
import { assert, assertAlmostEquals, assertEquals } from "@std/assert";
import type { LabCandles } from "../../web/server/lab_candles.ts";
import type { LabView } from "../../web/server/lab_view.ts";
import { testWith } from "../permissions.ts";
import { type Dashboard, startDashboard } from "./e2e/browser.ts";
import { trainSmallRun } from "./e2e/small_run.ts";
import { residentBytes } from "./resident_bytes.ts";

const test = testWith("read", "write", "run", "env", "net");

const BARS = 600_000;
const FIRST = Date.UTC(2014, 4, 13);

/** A market of so many minutes in the dashboard's folder, as an upload leaves it. */
async function placeMinutes({ url, data }: Dashboard, bars: number, name = "big"): Promise<void> {
  await (await fetch(`${url}/data`)).body?.cancel();
  const rows = Array.from({ length: bars }, (_, i) => `${FIRST + i * 60_000},${1000 + i % 97}.5`);
  await Deno.writeTextFile(`${data}/markets/${name}.csv`, `timestamp,close\n${rows.join("\n")}\n`);
}

test("the lab reads a large market in a process of its own: the server answers meanwhile and stays as small as it was", async () => {
  await using dashboard = await startDashboard();
  const { url, pid } = dashboard;
  await placeMinutes(dashboard, BARS);
  // Minutes are forecast by what was learned on minutes.
  await placeMinutes(dashboard, 3000, "other");
  const run = await trainSmallRun(url, { steps: 2, markets: ["file:other.csv"], unseen: "sample:NASDAQ" });
  const before = residentBytes(pid);
  let read = false;
  const candles = fetch(`${url}/api/lab/candles?market=file:big.csv&run=${run}`).then(async (response) => {
    const answer = await response.json() as LabCandles;
    read = true;
    return answer;
  });
  let [meanwhile, most] = [0, before];
  while (!read) {
    await (await fetch(`${url}/theme.css`)).body?.cancel();
    if (!read) meanwhile++;
    most = Math.max(most, residentBytes(pid));
  }
  const { bars, hidden } = await candles;
  assertEquals([bars.time.length, hidden, bars.time.at(-1)], [20_000, BARS - 20_000, FIRST + (BARS - 1) * 60_000]);
  // Read in the server's thread, the whole of it passes between two answers.
  assert(meanwhile >= 5, `${meanwhile} answers came meanwhile`);
  assert(most - before < BARS * 100, `the server grew by ${(most - before) / 1e6} MB`);
  assertEquals(dashboard.complaints(), "");
});

test("the lab's process forecasts and explains, and passes refusals on with their words", async () => {
  await using dashboard = await startDashboard();
  const ask = (path: string, body: unknown) =>
    fetch(`${dashboard.url}/api/lab/${path}`, { method: "POST", body: JSON.stringify(body) });
  const run = await trainSmallRun(dashboard.url);
  const query = { run, market: "sample:NASDAQ", time: Date.UTC(2015, 5, 10) };
  const view = await (await ask("view", query)).json() as LabView;
  assertEquals([view.time, view.learned.predictions.length], [query.time, 21]);
  const explained = await (await ask("explain", { ...query, steps: 3 })).json() as { prediction: number };
  assertAlmostEquals(Math.exp(explained.prediction), view.learned.predictions[3], 1e-7);
  for (
    const [path, body, status, words] of [
      ["explain", { ...query, steps: 99 }, 400, "0 to 20 steps"],
      ["view", { ...query, time: 0 }, 400, "or a later bar"],
      ["view", { ...query, run: "absent" }, 404, "no such run"],
      ["view", { ...query, market: "file:absent.csv" }, 400, "no such file"],
    ] as const
  ) {
    const answer = await ask(path, body);
    const { error } = await answer.json() as { error: string };
    assertEquals([answer.status, error.includes(words)], [status, true], error);
  }
  assertEquals(dashboard.complaints(), "");
});
