import { assertAlmostEquals, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { renderGrowth, renderRows } from "../../bench/render.ts";
import { metaStepFlops, REFERENCE, summarise } from "../../bench/statistics.ts";

Deno.test("summarise() gives medians and quartiles, whatever the order", () => {
  assertEquals(summarise([5, 1, 4, 2, 3]), { median: 3, low: 2, high: 4, p99: 4.96, count: 5 });
  assertEquals(summarise([7]).p99, 7);
  assertThrows(() => summarise([]), RangeError, "at least 1");
});

Deno.test("metaStepFlops() counts the products of a linear chain by hand", () => {
  // One row, one step, widths 10-1-1-1: weights 10, 1 and 1. Forward 12, backward 12 + 2: 26 multiply-adds, for the support
  // and for the query; product: R-forward 12 + 2, R-backward to the weights 12 + 2, to the inputs 2 + 2.
  const flops = metaStepFlops({ tasks: 1, hidden: 1, steps: 1, support: 1, query: 1 });
  assertEquals(flops, 2 * (26 + 26 + 32));
  assertAlmostEquals(metaStepFlops({ ...REFERENCE, tasks: 3 }) / 3, 8.3e6, 0.05e6);
});

Deno.test("renderRows() takes ratios to the first row of the same problem", () => {
  const timing = (median: number) => ({ median, low: median, high: median, p99: median, count: 1 });
  const text = renderRows([
    { problem: "a", who: "ours, cpu, all threads", timing: timing(2), flops: 1e8 },
    { problem: "a", who: "jax", timing: timing(5), flops: 1e8 },
  ], { gflops: 50, cores: 2 });
  assertStringIncludes(text, "| a | ours, cpu, all threads | 2.00 | 2.00 – 2.00 | 2.00 | 1.00 | 50.0 | 50% |");
  assertStringIncludes(text, "| a | jax | 5.00 | 5.00 – 5.00 | 5.00 | 2.50 | 20.0 | – |");
});

Deno.test("renderGrowth() draws one line a size", () => {
  const svg = renderGrowth([{ name: "tasks", sizes: [1, 2, 4], medians: [1, 2, 4] }]);
  assertEquals(svg.match(/<polyline/g)?.length, 1);
  assertStringIncludes(svg, "tasks: 1, 2, 4");
});
