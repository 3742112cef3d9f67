/**
 * Columns of float64 that grow while a table is read: chunks, joined one column after the other at the end, so that memory
 * peaks one column above the arrays. It also remembers on which line each row stood. It knows nothing of candles.
 * @module
 */

const FIRST_CHUNK = 1024;
/** 4 MB: blocks that the allocator maps by themselves, so that they go back to the system when a column is joined. */
const LARGEST_CHUNK = 1 << 19;
const NONE = new Float64Array(0);

/** Growing columns. Readers write into `current[column][at]` and then call {@linkcode closeRow}. */
export interface Store {
  /** Which columns there are; the others stay empty. */
  readonly present: readonly boolean[];
  /** Chunks that are full, by column. */
  readonly full: Float64Array[][];
  /** The chunk being filled, by column. */
  readonly current: Float64Array[];
  /** Rows in the chunk being filled. */
  at: number;
  /** Length of the chunk being filled. */
  size: number;
  /** Rows in full chunks. */
  before: number;
  /** Line less row of the last row. */
  offset: number;
  /** Rows from which on the offset was another, each with its offset. */
  readonly offsets: number[];
}

/** An empty store with some of so many columns. */
export function openStore(present: readonly boolean[]): Store {
  const chunk = (): Float64Array[] => present.map((is) => is ? new Float64Array(FIRST_CHUNK) : NONE);
  return {
    present,
    full: present.map(() => []),
    current: chunk(),
    at: 0,
    size: FIRST_CHUNK,
    before: 0,
    offset: NaN,
    offsets: [],
  };
}

/** Number of rows. */
export function storeRows(store: Store): number {
  return store.before + store.at;
}

/** Counts the row just written, and makes room for the next. */
export function closeRow(store: Store, line: number): void {
  const row = store.before + store.at;
  if (line - row !== store.offset) {
    store.offset = line - row;
    store.offsets.push(row, store.offset);
  }
  store.at++;
  if (store.at === store.size) nextChunk(store);
}

function nextChunk(store: Store): void {
  store.before += store.size;
  store.size = Math.min(LARGEST_CHUNK, 2 * store.size);
  store.at = 0;
  store.present.forEach((is, column) => {
    if (!is) return;
    store.full[column].push(store.current[column]);
    store.current[column] = new Float64Array(store.size);
  });
}

/** Line of a row. */
export function lineOf(store: Store, row: number): number {
  let [low, high] = [0, store.offsets.length / 2 - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (store.offsets[2 * middle] <= row) low = middle;
    else high = middle - 1;
  }
  return row + store.offsets[2 * low + 1];
}

/** Gives a chunk's memory back at once where the runtime can, not when it next collects. */
function release(chunk: Float64Array): void {
  const { transfer } = ArrayBuffer.prototype as {
    readonly transfer?: (this: ArrayBufferLike, length: number) => unknown;
  };
  transfer?.call(chunk.buffer, 0);
}

/**
 * Takes a column out of the store as one array, oldest or newest row first; its chunks are gone then.
 *
 * @param store The store.
 * @param column Which.
 * @param reversed Whether the last row comes first.
 */
export function takeColumn(store: Store, column: number, reversed = false): Float64Array {
  const joined = new Float64Array(storeRows(store));
  let offset = 0;
  const chunks = store.full[column];
  chunks.push(store.current[column].subarray(0, store.at));
  for (let i = 0; i < chunks.length; i++) {
    joined.set(chunks[i], offset);
    offset += chunks[i].length;
    release(chunks[i]);
    chunks[i] = NONE;
  }
  store.current[column] = NONE;
  return reversed ? joined.reverse() : joined;
}
