import { assert, assertEquals } from "@std/assert";
import { textTable } from "../../examples/cli.ts";

const ROWS = [
  ["method", "MSE", "QLIKE", "coverage"],
  ["zero", "0.25", "0.8", "7.0%"],
  ["meta-learned", "0.15", "0.36", "5.8%"],
];

Deno.test("textTable() pads columns, the first to the left", () => {
  assertEquals(
    textTable(ROWS, Infinity),
    [
      "method         MSE  QLIKE  coverage",
      "zero          0.25    0.8      7.0%",
      "meta-learned  0.15   0.36      5.8%",
    ].join("\n"),
  );
});

Deno.test("textTable() of more than the width goes on below, behind its first column again", () => {
  assertEquals(
    textTable(ROWS, 26),
    [
      "method         MSE  QLIKE",
      "zero          0.25    0.8",
      "meta-learned  0.15   0.36",
      "",
      "method        coverage",
      "zero              7.0%",
      "meta-learned      5.8%",
    ].join("\n"),
  );
  // Nothing narrower than two columns is a table.
  assertEquals(textTable(ROWS, 1).split("\n\n").length, 3);
  assert(!textTable([["one"], ["column"]], 1).includes("\n\n"));
});
