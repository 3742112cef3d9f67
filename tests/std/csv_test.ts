// The stand-in for @std/csv.
import { assertEquals, assertThrows } from "@std/assert";
import { parse } from "@std/csv";

Deno.test("parse() reads quotes, blank lines, CRLF and a byte order mark", () => {
  assertEquals(parse('\ufeffa,b\r\n\r\n"1\n2","x""y"\r\n3\r\n'), [["a", "b"], ["1\n2", 'x"y'], ["3"]]);
  assertEquals(parse("a;b\n", { separator: ";" }), [["a", "b"]]);
});

Deno.test("parse() throws on a quote that is never closed", () => {
  assertThrows(() => parse('a,"b\n'), SyntaxError);
});
