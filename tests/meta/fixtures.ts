/** Small random problems for the tests of the bilevel core. */
import type { Samples, Task } from "../../lib/engine/problem.ts";
import type { Model } from "../../lib/model/model.ts";
import { type Random, random } from "../../lib/net/random.ts";

/** Random rows for a network; y is of the order of x. */
export function someSamples(net: Pick<Model, "inputs" | "outputs">, rows: number, stream: Random): Samples {
  return {
    rows,
    x: Float32Array.from({ length: rows * net.inputs }, () => stream.normal()),
    y: Float32Array.from({ length: rows * net.outputs }, () => stream.normal()),
  };
}

/** Random tasks with rows that differ between them. */
export function someTasks(net: Pick<Model, "inputs" | "outputs">, count: number, seed = 1): Task[] {
  const stream = random(seed);
  return Array.from({ length: count }, (_, t) => ({
    support: someSamples(net, 5 + t % 3, stream),
    query: someSamples(net, 4 + t % 2, stream),
  }));
}
