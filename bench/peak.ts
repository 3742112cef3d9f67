/**
 * The most that one core's relaxed SIMD gives here: independent f32x4 multiply-adds on registers, no memory.
 * The module is assembled by hand, so that it measures the machine and no compiler.
 * @module
 */

const ACCUMULATORS = 12;

function leb(value: number): number[] {
  const bytes: number[] = [];
  do {
    const low = value & 0x7f;
    value >>>= 7;
    bytes.push(value ? low | 0x80 : low);
  } while (value);
  return bytes;
}

function section(id: number, body: readonly number[]): number[] {
  return [id, ...leb(body.length), ...body];
}

/** `run(n: i32) → f32`: n rounds of one relaxed_madd (or mul and add) on each of the accumulators. */
function assemble(relaxed: boolean): Uint8Array<ArrayBuffer> {
  const [counter, factor, first] = [0, 1, 2];
  const get = (i: number): number[] => [0x20, ...leb(i)];
  const set = (i: number): number[] => [0x21, ...leb(i)];
  const simd = (op: number): number[] => [0xfd, ...leb(op)];
  const all = Array.from({ length: ACCUMULATORS }, (_, i) => first + i);
  const madd = (i: number): number[] =>
    relaxed
      ? [...get(i), ...get(factor), ...get(factor), ...simd(0x105), ...set(i)]
      : [...get(i), ...get(factor), ...simd(0xe6), ...get(factor), ...simd(0xe4), ...set(i)];
  const splat = (value: number): number[] => [
    0x43,
    ...new Uint8Array(new Float32Array([value]).buffer),
    ...simd(0x13),
  ];
  const body = [
    ...[1, ACCUMULATORS + 1, 0x7b],
    ...splat(0.9999),
    ...set(factor),
    ...all.flatMap((i) => [...splat(i), ...set(i)]),
    ...[0x03, 0x40],
    ...all.flatMap(madd),
    ...get(counter),
    ...[0x41, 1, 0x6b],
    ...[0x22, ...leb(counter)],
    ...[0x0d, 0, 0x0b],
    ...get(first),
    ...all.slice(1).flatMap((i) => [...get(i), ...simd(0xe4)]),
    ...simd(0x1f),
    0,
    0x0b,
  ];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    ...section(3, [1, 0]),
    ...section(7, [1, 3, ...new TextEncoder().encode("run"), 0, 0]),
    ...section(10, [1, ...leb(body.length), ...body]),
  ]);
}

/** GFLOP/s of one core, the best of some tries. */
export async function corePeak(): Promise<number> {
  const relaxed = WebAssembly.validate(assemble(true));
  const { instance } = await WebAssembly.instantiate(assemble(relaxed));
  const run = instance.exports.run as (rounds: number) => number;
  const rounds = 4_000_000;
  let best = Infinity;
  for (let i = 0; i < 12; i++) {
    const start = performance.now();
    run(rounds);
    best = Math.min(best, performance.now() - start);
  }
  return rounds * ACCUMULATORS * 8 / best / 1e6;
}
