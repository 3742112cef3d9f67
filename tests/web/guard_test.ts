/**
 * Who may talk to the dashboard, and which names stay inside its folder.
 * @module
 */
import { assertEquals, assertThrows } from "@std/assert";
import { refusal, staysInside } from "../../web/server/guard.ts";
import { inside } from "../../web/server/paths.ts";
import { parseRunConfig } from "../../web/server/run_config.ts";

function refused(method: string, headers: Record<string, string>): boolean {
  return refusal(new Request("http://127.0.0.1:8000/api/runs", { method, headers })) !== null;
}

Deno.test("refusal() takes this machine's names and no others", () => {
  for (const host of ["127.0.0.1:8000", "localhost:8000", "[::1]:8000", "localhost"]) {
    assertEquals(refused("GET", { host }), false, host);
  }
  for (
    const host of [
      "evil.example:8000",
      "127.0.0.1.evil.example",
      "10.0.0.1:8000",
      "a b",
      "evil@127.0.0.1",
      "127.0.0.1:99999",
    ]
  ) {
    assertEquals(refused("GET", { host }), true, host);
  }
});

Deno.test("refusal() takes writes from the dashboard's own pages alone", () => {
  const host = "127.0.0.1:8000";
  assertEquals(refused("POST", { host, origin: "http://127.0.0.1:8000", "sec-fetch-site": "same-origin" }), false);
  assertEquals(refused("POST", { host }), false);
  assertEquals(refused("POST", { host, origin: "http://evil.example" }), true);
  assertEquals(refused("POST", { host, origin: "http://127.0.0.1:9000", "sec-fetch-site": "same-site" }), true);
  assertEquals(refused("POST", { host, origin: "null" }), true);
  assertEquals(refused("DELETE", { host, "sec-fetch-site": "cross-site" }), true);
});

Deno.test("staysInside() refuses paths that climb, do not decode, or no file system takes", () => {
  for (const path of ["/", "/theme.css", "/runs/a..b", "/...", "/%2e/x", "/%252e%252e/x"]) {
    assertEquals(staysInside(path), true, path);
  }
  for (
    const path of [
      "/..",
      "/..%2fmain.ts",
      "/%2e%2e/main.ts",
      "/a/%2E./b",
      "/..%5cmain.ts",
      "/%ff",
      "/%",
      "/%00x.txt",
      `/${"a/".repeat(600)}`,
    ]
  ) {
    assertEquals(staysInside(path), false, path);
  }
});

Deno.test("inside() keeps names in the folder", () => {
  assertEquals(inside("/data/markets", "BTC.csv"), "/data/markets/BTC.csv");
  for (const name of ["", "..", "../runs.sqlite", "/etc/passwd", "a/../../b", "a\0b", "."]) {
    assertThrows(() => inside("/data/markets", name), RangeError);
  }
});

Deno.test("parseRunConfig() fills in defaults and refuses what cannot be trained", () => {
  assertEquals(parseRunConfig({ steps: 7 }).steps, 7);
  for (
    const bad of [
      { steps: 0 },
      { innerLr: NaN },
      { method: "sgd" },
      { target: "price" },
      { seeds: 0 },
      { preset: "maml" },
      { steps: 7, stray: 1 },
      { markets: [] },
      { markets: ["DAX"] },
      {
        unseen: "x",
      },
      { unseen: "sample:DAX" },
    ]
  ) {
    assertThrows(() => parseRunConfig(bad), RangeError);
  }
  assertThrows(() => parseRunConfig(null), TypeError);
});
