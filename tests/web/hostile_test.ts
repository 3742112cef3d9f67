/**
 * What the dashboard answers to requests that mean it no good: paths, hosts, ids and bodies that nothing of ours sends. Each is
 * refused in words, and the terminal stays clean. No browser.
 * @module
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { FieldError } from "../../web/server/field_error.ts";
import { inside } from "../../web/server/paths.ts";
import { parseRunConfig } from "../../web/server/run_config.ts";
import { parseBacktestRequest } from "../../web/server/backtest_request.ts";
import { testWith } from "../permissions.ts";
import { type Dashboard, startDashboard } from "./e2e/browser.ts";

const test = testWith("read", "write", "run", "env", "net");

/** Sends bytes as they are; returns the status of the answer, 0 where there was none. */
async function raw({ url }: Dashboard, request: string): Promise<number> {
  using socket = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
  await socket.write(new TextEncoder().encode(request));
  const buffer = new Uint8Array(64);
  const size = await socket.read(buffer) ?? 0;
  return Number(/^HTTP\/1.1 (\d+)/.exec(new TextDecoder().decode(buffer.subarray(0, size)))?.[1] ?? 0);
}

async function status(address: string, init?: RequestInit): Promise<number> {
  const response = await fetch(address, init);
  await response.body?.cancel();
  return response.status;
}

/** A body of so many bytes that is made while it is sent, and how much of it was asked for. */
function longBody(bytes: number): { readonly body: ReadableStream<Uint8Array>; readonly sent: () => number } {
  const chunk = new Uint8Array(1 << 16).fill(0x20);
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (sent >= bytes) return controller.close();
      sent += chunk.length;
      controller.enqueue(chunk);
    },
  });
  return { body, sent: () => sent };
}

test("the dashboard refuses hostile paths, hosts, methods, ids and bodies with 4xx and writes nothing to its terminal", async () => {
  await using dashboard = await startDashboard();
  const { url } = dashboard;
  const { host } = new URL(url);
  const refused = (got: number, what: string) => assert(got >= 400 && got < 500, `${what}: ${got}`);
  const long = "x".repeat(300);
  for (
    const path of [
      "/%00x.txt",
      "/runs/%00x.txt",
      "/api/backtest/..%00x.txt",
      "/theme.css%00",
      "/theme.css/x.css",
      `/${long}.css`,
      `/api/backtest/${long}/view`,
      `/api/backtest/${"x/".repeat(4000)}view`,
      `/online/${long}`,
      `/runs/${"%E2%82%AC".repeat(100)}`,
      "/api/lab/candles?market=toString",
      "/api/forecast/view",
      `/api/forecast/view?run=${long}&market=sample:DAX`,
      "/api/forecast/skill?run=toString&market=sample:DAX",
      "/api/lab/candles?market=sample:constructor",
      `/api/lab/candles?market=file:${"a/".repeat(3000)}b.csv`,
      "/api/lab/candles?market=file:absent.csv",
      "/api/lab/candles?market=file:..%2Fruns.sqlite",
      "/data/market?id=file:%00.csv",
      "/api/searches/workers",
      "/searches/one",
      "/searches/one?file=data:..%2Fsearches.sqlite&name=x",
      "/searches/one?file=data:runs.sqlite&name=x",
      "/searches/one?file=data:searches.sqlite%00&name=x",
      `/api/searches/one?file=${"a/".repeat(3000)}&name=x`,
      `/api/searches/one?file=toString:constructor&name=${long}`,
    ]
  ) refused(await raw(dashboard, `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), path);
  for (const name of ["127.0.0.1:99999", "127.0.0.1:x", "[", "a b", "evil@127.0.0.1", "127.0.0.1/x", "%"]) {
    refused(await raw(dashboard, `GET / HTTP/1.1\r\nHost: ${name}\r\nConnection: close\r\n\r\n`), name);
  }
  for (const method of ["toString", "constructor", "PROPFIND"]) {
    refused(await raw(dashboard, `${method} /api/runs HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`), method);
  }
  for (
    const [path, body] of [
      ["/api/runs", { method: "toString" }],
      ["/api/runs", { method: ["maml"] }],
      ["/api/runs", null],
      ["/api/backtest", { run: "x", market: "sample:DAX", mode: ["long-flat"] }],
      ["/api/lab/view", { run: "", market: `file:${"x".repeat(5000)}.csv`, time: 1 }],
      ["/api/lab/view", { run: "", market: "sample:DAX", time: 1e300 }],
      ["/api/lab/explain", { run: long, market: "sample:DAX", time: 1e12, steps: 1 }],
      ["/api/data/delete", { id: { toString: 1 } }],
      ["/api/data/delete", { id: `file:${long}.csv` }],
      ["/api/data/fetch/cancel", { id: { toString: 1 } }],
      ["/api/data/fetch", { symbol: { toString: 1 } }],
      ["/api/online", { market: "nothing" }],
      ["/api/online", { market: "file:.." }],
      ["/api/online", { market: "file:../runs.sqlite" }],
      ["/api/online", { market: "file:..%2Fa.csv/b.csv" }],
      ["/api/engine/benchmark", { backend: "toString" }],
      ["/api/engine/benchmark", ["cpu"]],
    ] as const
  ) {
    refused(
      await status(`${url}${path}`, { method: "POST", body: JSON.stringify(body) }),
      JSON.stringify([path, body]),
    );
  }
  for (
    const [method, path, allow] of [
      ["PUT", "/api/runs", "GET, HEAD, POST"],
      ["GET", "/api/data/delete", "POST"],
      ["POST", "/", "GET, HEAD"],
      ["DELETE", "/theme.css", "GET, HEAD"],
    ]
  ) {
    const response = await fetch(`${url}${path}`, { method });
    const html = response.headers.get("content-type")!.startsWith("text/html");
    const text = await response.text();
    assertEquals([response.status, response.headers.get("allow"), html], [405, allow, !path.startsWith("/api/")], path);
    assert(text.includes("does not take that kind of request"), text);
  }
  const missing = await (await fetch(`${url}/nowhere`)).text();
  assertEquals(/<title>(.*?)<\/title>/.exec(missing)?.[1], "Error 404 · adaptrade");
  const icon = await fetch(`${url}/favicon.ico`);
  assertEquals([icon.headers.get("content-type"), (await icon.bytes())[2]], ["image/vnd.microsoft.icon", 1]);
  const name = encodeURIComponent(`${"€".repeat(100)}.csv`);
  refused(await status(`${url}/api/data/upload?name=${name}`, { method: "POST", body: "timestamp,close\n" }), "name");
  assertEquals(await status(`${url}/lab?time=1e300`), 200);

  const { body, sent } = longBody(600_000_000);
  assertEquals(await status(`${url}/api/runs`, { method: "POST", body }), 413);
  assert(sent() < 100_000_000, `${sent()} bytes were taken of a request that may have one million`);

  // Broken off in the middle of its body.
  for (const path of ["/api/runs", "/api/data/upload?name=a.csv"]) {
    using socket = await Deno.connect({ hostname: "127.0.0.1", port: Number(new URL(url).port) });
    await socket.write(
      new TextEncoder().encode(`POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 99\r\n\r\n{`),
    );
  }
  assertEquals(await status(`${url}/theme.css`), 200);
  assertEquals(dashboard.complaints(), "");
});

Deno.test("inside() refuses names that no file can have", () => {
  for (const name of ["x".repeat(256), `${"€".repeat(85)}.csv`, "a/b", "a\\b"]) {
    assertThrows(() => inside("/data/markets", name), RangeError, "1 to 255 bytes");
  }
  assertEquals(inside("/data/markets", "..a,b.csv"), "/data/markets/..a,b.csv");
});

Deno.test("settings take their choices' own names alone, not what every object has or what reads like them", () => {
  for (const name of ["toString", "constructor", ["maml"], null]) {
    assertEquals(assertThrows(() => parseRunConfig({ method: name }), FieldError).field, "method");
    assertEquals(assertThrows(() => parseRunConfig({ target: name }), FieldError).field, "target");
  }
  const request = { run: "r", market: "m", mode: ["long-flat"] };
  assertEquals(assertThrows(() => parseBacktestRequest(request), FieldError).field, "mode");
});
