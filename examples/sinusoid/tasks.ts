/**
 * The regression tasks of Finn et al. 2017, section 5.1: y = A·sin(x − φ), A in [0.1, 5], φ in [0, π], x in [−5, 5].
 * @module
 */
import { type Random, random, type Samples, type Task } from "@adaptrade/adaptrade";

/** One curve. */
export interface Sinusoid {
  /** A. */
  readonly amplitude: number;
  /** φ, radians. */
  readonly phase: number;
}

/** A curve drawn uniformly. */
export function drawSinusoid(stream: Random): Sinusoid {
  return { amplitude: 0.1 + 4.9 * stream.uniform(), phase: Math.PI * stream.uniform() };
}

/** Points of a curve at given places. */
export function pointsAt({ amplitude, phase }: Sinusoid, x: Float32Array): Samples {
  return { rows: x.length, x, y: x.map((value) => amplitude * Math.sin(value - phase)) };
}

/** Points of a curve at places drawn uniformly from [−5, 5]. */
export function drawPoints(curve: Sinusoid, rows: number, stream: Random): Samples {
  return pointsAt(curve, Float32Array.from({ length: rows }, () => -5 + 10 * stream.uniform()));
}

/** Batch number `index` of a training: it depends on the seed and the index alone, so a run can be resumed anywhere. */
export function trainingBatch(seed: number, index: number, sizes: { tasks: number; rows: number }): Task[] {
  const stream = random(seed).fork(index + 1);
  return Array.from({ length: sizes.tasks }, () => {
    const curve = drawSinusoid(stream);
    return { support: drawPoints(curve, sizes.rows, stream), query: drawPoints(curve, sizes.rows, stream) };
  });
}

/** A test curve with its support set. */
export interface TestTask {
  /** The curve. */
  readonly curve: Sinusoid;
  /** Its few known points. */
  readonly support: Samples;
}

/** Test tasks from a stream that no training batch uses. */
export function testTasks(seed: number, count: number, shots: number): TestTask[] {
  const stream = random(seed + 0x7e57).fork(0);
  return Array.from({ length: count }, () => {
    const curve = drawSinusoid(stream);
    return { curve, support: drawPoints(curve, shots, stream) };
  });
}
