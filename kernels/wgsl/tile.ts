/**
 * Tile shapes of the dense kernels: how many threads and outputs a thread, by the size of the product.
 * The choice changes speed and, through the grouping of nothing but threads, no result: sums run in k order.
 * @module
 */
import type { Constants, Fields } from "./contract.ts";

/** Threads along one axis and outputs of each, for a product that is `size` wide there. */
function along(size: number): readonly [number, number] {
  if (size > 32) return [16, 4];
  if (size > 16) return [16, 2];
  return [size > 8 ? 16 : size > 4 ? 8 : size > 2 ? 4 : size, 1];
}

/** The header of tile.wgsl for products of m by n over `depth`. */
export function tileConstants({ m, n, depth }: Fields<"m" | "n" | "depth">): Constants {
  const [TY, MR] = along(m);
  const [TX, NR] = along(n);
  return { TX, TY, MR, NR, BK: depth > 8 ? 16 : 8 };
}

/** Workgroups of a tiled kernel: one per task and tile. */
export function perTile({ tasks, m, n }: Fields<"tasks" | "m" | "n">, constants: Constants): number {
  const { TX, TY, MR, NR } = constants as unknown as Readonly<Record<string, number>>;
  return tasks * Math.ceil(m / (TY * MR)) * Math.ceil(n / (TX * NR));
}
