// A kind of task of a user's own, as pools and workers load it in tests.
import { random, type Task } from "@adaptrade/adaptrade";
import { type DefinedTaskKind, defineTaskKind } from "@adaptrade/adaptrade/pool";

/** Lines through a cloud whose width is the first byte; sizes differ between tasks. */
export const clouds: DefinedTaskKind = defineTaskKind({
  kind: "clouds",
  version: 2,
  read: ([width]) => width,
  task(width, { seed, index }): Task {
    const stream = random(seed).fork(index);
    const samples = (rows: number) => ({
      rows,
      x: Float32Array.from({ length: 4 * rows }, () => width * stream.normal()),
      y: Float32Array.from({ length: rows }, () => stream.normal()),
    });
    return { market: `cloud ${index}`, support: samples(5 + index % 3), query: samples(4 + index % 2) };
  },
});
