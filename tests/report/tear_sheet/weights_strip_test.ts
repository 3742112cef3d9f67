import { assert, assertEquals, assertLess, assertStringIncludes } from "@std/assert";
import { renderWeights } from "../../../lib/report/tear_sheet/weights_strip.ts";

const days = (n: number): Float64Array => Float64Array.from({ length: n }, (_, i) => i * 86_400_000);

Deno.test("renderWeights() draws longs and shorts in lanes, tinted by size, neighbours of one tint as one", () => {
  const positions = Float64Array.of(0.5, 0, 0.5, -0.25, 0.5, -0.25, 0, 0);
  const html = renderWeights(["UP", "DOWN"], days(4), positions);
  const cells = [...html.matchAll(/<path class="cells (\w+)" fill-opacity="([\d.]+)" d="([^"]+)"/g)].map(([, ...c]) =>
    c
  );
  assertEquals(cells.map(([side, tint]) => [side, tint]), [["long", "1"], ["short", "0.6"]]);
  assertEquals(cells[0][2], "M178,11h394.5v22h-394.5z", "three of four bars at the top");
  assertEquals(cells[1][2], "M309.5,39h263v22h-263z", "two of four, in the second lane");
  assertStringIncludes(html, "UP 37.5%, DOWN −12.5%");
  assertStringIncludes(html, "the strongest tint is 50.0% of equity");
});

Deno.test("renderWeights() draws no cell where nothing was held", () => {
  assertEquals(renderWeights(["A"], days(3), new Float64Array(3)).includes("cells"), false);
});

Deno.test("renderWeights() thins many bars of many markets, and means them", () => {
  const [bars, markets] = [20_000, 40];
  const positions = Float64Array.from({ length: bars * markets }, (_, i) => Math.sin(i) / markets);
  const html = renderWeights(Array.from({ length: markets }, (_, m) => `M${m}`), days(bars), positions);
  assertLess(html.length, 400_000);
  assert(html.includes("Positions by market, mean of 133 bars"));
});
