/** Names as they are kept, whatever people type or paste. */
import { assertEquals } from "@std/assert";
import { parseOnline } from "../../web/server/online_config.ts";
import { plainName } from "../../web/server/plain_name.ts";
import { parseRunConfig } from "../../web/server/run_config.ts";
import { parseTags } from "../../web/server/run_tags.ts";

Deno.test("plainName() keeps a name in any script on one line, and nothing that turns the text behind it around", () => {
  const names: readonly (readonly [given: unknown, kept: string | null])[] = [
    ["  Volatility \r\n of\tall\u0000 ", "Volatility of all"],
    ["תנודתיות 12", "תנודתיות 12"],
    ["👩‍👩‍👧‍👦 \"<script>\" 'x' & y", "👩‍👩‍👧‍👦 \"<script>\" 'x' & y"],
    ["a\u202Eb\u2066c", "abc"],
    ["\n\u2028", ""],
    ["x".repeat(9), null],
    [7, null],
  ];
  for (const [given, kept] of names) assertEquals(plainName(given, kept === null ? 8 : 120), kept);
});

Deno.test("runs, traders and tags keep their names so", () => {
  assertEquals(parseRunConfig({ name: "one\ntwo\u202E" }).name, "one two");
  assertEquals(parseOnline({ name: " one\ttwo " }).name, "one two");
  assertEquals(parseTags({ tags: ["one\ntwo"] }), ["one two"]);
});
