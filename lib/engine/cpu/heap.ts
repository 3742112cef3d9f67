/**
 * Blocks of a WebAssembly memory: first fit, neighbours joined when freed, the memory grown only when nothing fits.
 * It never shrinks and never moves a block.
 * @module
 */

/** A memory handed out in blocks. Views are fresh after the memory has grown. */
export interface Heap {
  /** Takes a block of at least `bytes` bytes, at a multiple of 64. Throws a `RangeError` when the memory cannot grow. */
  take(bytes: number): number;
  /** Gives a block back. */
  give(address: number): void;
  /** The memory as float32. */
  floats(): Float32Array;
  /** The memory as int32. */
  words(): Int32Array;
  /** The memory as float64. */
  doubles(): Float64Array;
  /** Size of the memory in bytes. */
  readonly bytes: number;
}

const PAGE = 65536;
const ALIGN = 64;

/** Opens a heap over all of `memory` from byte `base` on. */
export function openHeap(memory: WebAssembly.Memory, base: number): Heap {
  const start = Math.ceil(base / ALIGN) * ALIGN;
  const free: { at: number; size: number }[] = [{ at: start, size: memory.buffer.byteLength - start }];
  const taken = new Map<number, number>();
  let buffer: ArrayBufferLike = memory.buffer;
  let views = { floats: new Float32Array(buffer), words: new Int32Array(buffer), doubles: new Float64Array(buffer) };
  const current = (): typeof views => {
    if (buffer !== memory.buffer) {
      buffer = memory.buffer;
      views = { floats: new Float32Array(buffer), words: new Int32Array(buffer), doubles: new Float64Array(buffer) };
    }
    return views;
  };
  const release = (at: number, size: number): void => {
    let i = 0;
    while (i < free.length && free[i].at < at) i++;
    free.splice(i, 0, { at, size });
    if (i + 1 < free.length && free[i].at + free[i].size === free[i + 1].at) {
      free[i].size += free.splice(i + 1, 1)[0].size;
    }
    if (i > 0 && free[i - 1].at + free[i - 1].size === free[i].at) free[i - 1].size += free.splice(i, 1)[0].size;
  };
  const grow = (bytes: number): void => {
    const end = memory.buffer.byteLength;
    const tail = free[free.length - 1];
    const spare = tail && tail.at + tail.size === end ? tail.size : 0;
    const pages = Math.ceil((bytes - spare) / PAGE);
    try {
      memory.grow(pages);
    } catch {
      const [held, more] = [end, pages * PAGE].map((size) => `${Math.ceil(size / 2 ** 20)} MiB`);
      throw new RangeError(`Cannot grow the CPU engine's memory: it holds ${held} and ${more} more were asked for`);
    }
    release(end, pages * PAGE);
  };
  return {
    take(bytes: number): number {
      const size = Math.max(ALIGN, Math.ceil(bytes / ALIGN) * ALIGN);
      let i = free.findIndex((block) => block.size >= size);
      if (i < 0) {
        grow(size);
        i = free.length - 1;
      }
      const { at } = free[i];
      if (free[i].size === size) free.splice(i, 1);
      else {
        free[i].at += size;
        free[i].size -= size;
      }
      taken.set(at, size);
      return at;
    },
    give(address: number): void {
      const size = taken.get(address);
      if (size === undefined) return;
      taken.delete(address);
      release(address, size);
    },
    floats: () => current().floats,
    words: () => current().words,
    doubles: () => current().doubles,
    get bytes(): number {
      return memory.buffer.byteLength;
    },
  };
}
