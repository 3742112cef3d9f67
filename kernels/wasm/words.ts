/**
 * Reading and writing the words of a job, and the few address helpers that every kernel uses.
 * @module
 */
import { HEADER, LAYER_WORDS } from "./fields";

/** Word `i` of the job or entry at `d`. */

export function word(d: usize, i: i32): i32 {
  return load<i32>(d + (<usize> i << 2));
}

/** Word `i` as a float. */

export function float(d: usize, i: i32): f32 {
  return load<f32>(d + (<usize> i << 2));
}

/** Word `i` as an address or a byte offset. */

export function at(d: usize, i: i32): usize {
  return load<u32>(d + (<usize> i << 2));
}

export function setWord(d: usize, i: i32, value: i32): void {
  store<i32>(d + (<usize> i << 2), value);
}

export function setAt(d: usize, i: i32, value: usize): void {
  store<u32>(d + (<usize> i << 2), <u32> value);
}

/** Address of layer l's entry. */

export function layer(d: usize, l: i32): usize {
  return d + (<usize> (HEADER + l * LAYER_WORDS) << 2);
}

/** The next multiple of 4. */

export function pad4(n: i32): i32 {
  return (n + 3) & ~3;
}
