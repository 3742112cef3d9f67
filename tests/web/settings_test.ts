/**
 * Settings that are not known: refused by name where they come in, left out where another version kept them. No browser.
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { join } from "node:path";
import { openRuns } from "../../lib/store/runs.ts";
import { keptRequest } from "../../web/server/backtest_request.ts";
import { FieldError } from "../../web/server/field_error.ts";
import { DEFAULT_ONLINE, keptOnline } from "../../web/server/online_config.ts";
import { openOnlineStore } from "../../web/server/online_store.ts";
import { DEFAULT_RUN, keptRunConfig } from "../../web/server/run_config.ts";
import { trainedRun } from "../../web/server/run_training.ts";
import { knownSettings, requireSettings } from "../../web/server/settings.ts";
import { testWith } from "../permissions.ts";
import { startDashboard } from "./e2e/browser.ts";
import { quickTraining, storeRun } from "./stored_run.ts";

const test = testWith("read", "write", "run", "env", "net");

interface Two {
  readonly a: number;
  readonly b: number;
}

Deno.test("requireSettings() gives back known names with what they hold, and names the first that is not known", () => {
  const input = Object.freeze({ b: null });
  assertEquals(requireSettings<Two>("Cannot act", input, ["a", "b"]), input);
  for (const name of ["c", "A", "toString", "__proto__"]) {
    const error = assertThrows(() => {
      requireSettings<Two>("Cannot act", JSON.parse(`{ "a": 1, "${name}": 1 }`), ["a", "b"]);
    }, FieldError);
    assertEquals([error.field, error.message], [
      name,
      `Cannot act: expected settings among a, b, received "${name}"`,
    ]);
  }
  for (const input of [null, undefined, [], "a", 1]) {
    assertThrows(() => requireSettings<Two>("Cannot act", input, ["a", "b"]), TypeError, "expected an object");
  }
});

Deno.test("what another version kept loses what is not known and gets what it lacked", () => {
  const { horizon: _lacked, ...older } = DEFAULT_RUN;
  assertEquals(keptRunConfig({ ...older, steps: 7, stray: 1 }), { ...DEFAULT_RUN, steps: 7 });
  const { name: _unnamed, ...trader } = DEFAULT_ONLINE;
  assertEquals(keptOnline({ ...trader, fee: 0, stray: 1 }), { ...DEFAULT_ONLINE, fee: 0 });
  assertEquals(keptRequest({ run: "r", fee: 0.1, stray: 1 }), { run: "r", fee: 0.1 });
  assertEquals(knownSettings<Two>(null, ["a", "b"]), {});
});

Deno.test("trainedRun() reads a run that another version kept with a setting that is not known", async () => {
  using store = await openRuns(":memory:");
  const training = await quickTraining();
  const config = Object.freeze({ ...training.config, stray: 1 });
  assertEquals((await trainedRun(store, await storeRun(store, { ...training, config }))).config, training.config);
});

/** A folder with a stopped run and a stopped trader of another version. */
async function olderFolder(): Promise<{ readonly data: string; readonly run: string; readonly trader: string }> {
  const data = await Deno.makeTempDir({ prefix: "adaptrade-settings-" });
  await Deno.mkdir(join(data, "traders"));
  using runs = await openRuns(join(data, "runs.sqlite"));
  const run = runs.create({ name: "older", config: { ...DEFAULT_RUN, name: "older", stray: 1 }, steps: 1 }).id;
  runs.claim(run, "test");
  runs.finish(run, "test", "stopped");
  using traders = await openOnlineStore(join(data, "traders.sqlite"));
  const settings = { ...DEFAULT_ONLINE, stray: 1 };
  const trader = traders.create(settings).id;
  traders.claim(trader, "test");
  traders.finish(trader, "test", "stopped");
  return { data, run, trader };
}

test("every request that takes settings refuses a name that is not known with those that are, and goes on with older ones", async () => {
  const { data, run, trader } = await olderFolder();
  await using dashboard = await startDashboard(data);
  const post = async (path: string, body: unknown) => {
    const response = await fetch(`${dashboard.url}${path}`, {
      method: "POST",
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    return { status: response.status, answer: await response.json() };
  };
  const place = { run, market: "sample:DAX", time: 0 };
  for (
    const [path, body, stranger, known] of [
      ["/api/runs", { step: 9 }, "step", "steps"],
      ["/api/backtest", { run, market: "sample:DAX", takeprofit: 1 }, "takeprofit", "takeProfit"],
      ["/api/online", { leverage: 2 }, "leverage", "risk"],
      [`/api/runs/${run}/rename`, { name: "x", tags: [] }, "tags", "name"],
      [`/api/runs/${run}/tag`, { tags: [], name: "x" }, "name", "tags"],
      [`/api/online/${trader}/rename`, { name: "x", fee: 0 }, "fee", "name"],
      ["/api/engine/benchmark", { backend: "cpu", thread: 1 }, "thread", "threads"],
      ["/api/engine/probe", { anew: true }, "anew", "again"],
      ["/api/lab/view", { ...place, steps: 1 }, "steps", "time"],
      ["/api/lab/explain", { ...place, step: 1 }, "step", "steps"],
      ["/api/data/fetch", { symbol: "BTCUSDT", interval: "1h", category: "spot", from: "2024-01-01" }, "from", "start"],
      ["/api/data/fetch/cancel", { id: "x", all: true }, "all", "id"],
      ["/api/data/delete", { id: "file:x.csv", all: true }, "all", "id"],
      ["/api/data/upload?name=x.csv&overwrite=1", "timestamp,close\n", "overwrite", "replace"],
      ["/api/data/upload?name=x.csv&replace=yes", "timestamp,close\n", "replace", "one of 0, 1"],
    ] as const
  ) {
    const { status, answer: { error, field } } = await post(path, body);
    assertEquals([status, field], [400, stranger], path);
    assert(error.includes(known) && error.includes(stranger), error);
  }
  for (const path of [`/api/runs/${run}/rename`, `/api/online/${trader}/rename`]) {
    assertEquals((await post(path, null)).status, 400);
    assertEquals((await post(path, { name: "renamed" })).status, 200);
  }
  const form = await (await fetch(`${dashboard.url}/?like=${run}`)).text();
  assert(!/"defaults":\{[^}]*stray/.test(form) && form.includes('"defaults":{"name":"older"'), form.slice(-3000));
  assertEquals(dashboard.complaints(), "");
  await dashboard.kill();
  await Deno.remove(data, { recursive: true });
});
