/**
 * What the dashboard's processes may do: the permissions each is started with suffice for its work, and end there. No browser.
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { permissionFlags } from "../../web/server/child_process.ts";
import { testWith } from "../permissions.ts";
import { startDashboard } from "./e2e/browser.ts";

const test = testWith("read", "write", "run", "env", "net");

Deno.test("permissionFlags() lists what is given, and the folder of what has a comma in its path", () => {
  assertEquals(permissionFlags({ read: ["/e/a,b/c.csv", "/d"], net: ["127.0.0.1:80"], write: [] }), [
    "--allow-read=/e,/d",
    "--allow-net=127.0.0.1:80",
  ]);
  assertEquals(permissionFlags({}), []);
});

test("startProcess() gives a worker the files it is given alone", async () => {
  const { startProcess } = await import("../../web/server/json_process.ts");
  const script = new URL("../../web/worker/data_inspect.ts", import.meta.url);
  const folder = await Deno.makeTempDir({ prefix: "adaptrade a b " });
  try {
    const [mine, other] = [`${folder}/mine.csv`, `${folder}/other.csv`];
    for (const path of [mine, other]) {
      await Deno.writeTextFile(path, "timestamp,close\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n");
    }
    const targets = [mine, other].map((path) => ({ id: path, symbol: "X", path, name: "X.csv" }));
    const { lines } = startProcess<{ inspection: { bars: number } | null; error: string }>(script, targets, {
      read: [mine],
    });
    const [read, refused] = await Array.fromAsync(lines);
    assertEquals([read.inspection?.bars, read.error], [3, null]);
    assertEquals(refused.inspection, null);
    assert(refused.error.includes("--allow-read"), refused.error);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

/** Asks until `done` says that an answer will do. */
async function until<T>(address: string, done: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await (await fetch(address)).json() as T;
    if (done(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function post<T>(address: string, body: unknown): Promise<T> {
  const response = await fetch(address, {
    method: "POST",
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answer = await response.json();
  assert(response.ok, JSON.stringify(answer));
  return answer as T;
}

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly error?: string | null;
}

test("each of the dashboard's processes works with the permissions it is given", async () => {
  await using dashboard = await startDashboard();
  const { url } = dashboard;
  const days = Array.from({ length: 400 }, (_, day) => {
    const date = new Date(Date.UTC(2020, 0, 1 + day)).toISOString().slice(0, 10);
    return `${date},${100 + 5 * Math.sin(day / 7) + day % 3}`;
  });
  const upload = (name: string) =>
    post<{ id: string; summary: { bars: number } }>(
      `${url}/api/data/upload?name=${name}`,
      `timestamp,close\n${days.join("\n")}\n`,
    );
  const [uploaded, unseen] = [await upload("waves.csv"), await upload("unseen.csv")];
  assertEquals([uploaded.id, uploaded.summary.bars], ["file:waves.csv", 400]);

  const settings = { markets: [uploaded.id], unseen: unseen.id, steps: 3, hidden: [4], tasks: 2, backend: "cpu" };
  const run = await post<Listed>(`${url}/api/runs`, settings);
  const runs = await until<Listed[]>(`${url}/api/runs`, ([{ status }]) => status !== "queued" && status !== "running");
  assertEquals([runs[0].status, runs[0].error ?? null], ["done", null]);

  const trader = { market: uploaded.id, speed: 0, run: run.id, members: 2 };
  const { id } = await post<Listed>(`${url}/api/online`, trader);
  const page = await (async () => {
    for (;;) {
      const text = await (await fetch(`${url}/online/${id}`)).text();
      if (/"status":"(done|failed)"/.test(text)) return text;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  })();
  assert(page.includes('"status":"done"'), /"error":"[^"]*"/.exec(page)?.[0]);

  const probes = await post<{ backend: string; problem: string | null }[]>(`${url}/api/engine/probe`, {});
  assertEquals(probes.find(({ backend }) => backend === "cpu")?.problem, null);
  assertEquals(dashboard.complaints(), "");
});
