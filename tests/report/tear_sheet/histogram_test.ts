/** The picture of a distribution of returns. */
import { assert, assertEquals } from "@std/assert";
import { returnDistribution } from "../../../lib/report/tear_sheet/distribution.ts";
import { renderHistogram } from "../../../lib/report/tear_sheet/histogram.ts";

Deno.test("renderHistogram() draws the normal curve over the inner columns alone, so that no tail lifts its ends", () => {
  // Few returns far out widen the bell past its columns: its tails are more than what stands beside them.
  const extreme = (i: number) => i % 500 === 0 ? 0.5 : -0.5;
  const returns = Float64Array.from({ length: 1000 }, (_, i) => i % 250 === 0 ? extreme(i) : (i % 7) / 100 - 0.03);
  const distribution = returnDistribution(returns);
  const { bins } = distribution;
  assert(bins[0].normal > bins[1].normal && bins.length > 4, "tails outweigh the columns beside them");
  const path = /<g class="lines"><path class="s2" d="([^"]+)"/.exec(renderHistogram(distribution))![1];
  const points = path.match(/[MC][^MC]*/g)!;
  assertEquals(points.length, bins.length - 2);
});
