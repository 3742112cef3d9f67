/**
 * Writes WebAssembly: a function's body as bytes, and a module of such functions over an imported memory.
 * It knows instructions, not what they compute.
 * @module
 */

/** Types of values. */
export const I32 = 0x7f;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

/** The type of a block that leaves nothing. */
export const EMPTY = 0x40;

/** Opcodes of one byte. */
export const OP = {
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32Mul: 0x6c,
  i32Eqz: 0x45,
  i32LtS: 0x48,
  i32GeS: 0x4e,
  i32And: 0x71,
  i32Load: 0x28,
  i32Store: 0x36,
  f32Load: 0x2a,
  f32Store: 0x38,
  f64Store: 0x39,
  select: 0x1b,
  branchIf: 0x0d,
  branch: 0x0c,
  block: 0x02,
  loop: 0x03,
  end: 0x0b,
  f64Add: 0xa0,
  f64Sub: 0xa1,
  f64Mul: 0xa2,
  f64Div: 0xa3,
  f64Sqrt: 0x9f,
  f32Demote: 0xb6,
  f64Promote: 0xbb,
} as const;

/** Opcodes after the SIMD prefix. */
export const SIMD = {
  load: 0x00,
  loadSplat: 0x09,
  store: 0x0b,
  const: 0x0c,
  shuffle: 0x0d,
  splat: 0x13,
  extractLane: 0x1f,
  f64ExtractLane: 0x21,
  eq: 0x41,
  ne: 0x42,
  lt: 0x43,
  gt: 0x44,
  and: 0x4e,
  andnot: 0x4f,
  or: 0x50,
  bitselect: 0x52,
  loadLane: 0x56,
  storeLane: 0x5a,
  store64Lane: 0x5b,
  promoteLow: 0x5f,
  nearest: 0x6a,
  intShl: 0xab,
  intShrU: 0xad,
  intAdd: 0xae,
  intSub: 0xb1,
  abs: 0xe0,
  neg: 0xe1,
  sqrt: 0xe3,
  add: 0xe4,
  sub: 0xe5,
  mul: 0xe6,
  div: 0xe7,
  f64Add: 0xf0,
  f64Mul: 0xf2,
  max: 0xe9,
  pmin: 0xea,
  pmax: 0xeb,
  truncSat: 0xf8,
  convert: 0xfa,
  madd: 0x105,
} as const;

/** Bytes being written. Lists of numbers take eight times the room, and a program is written of many. */
class Bytes {
  #bytes = new Uint8Array(256);
  #length = 0;

  /** What was written. */
  get written(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    grown.set(this.written);
    this.#bytes = grown;
  }

  byte(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  all(values: ArrayLike<number>): this {
    this.#reserve(values.length);
    this.#bytes.set(values, this.#length);
    this.#length += values.length;
    return this;
  }

  unsigned(value: number): this {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) this.byte(rest % 128 | 0x80);
    return this.byte(rest);
  }

  signed(value: number): this {
    let rest = value | 0;
    for (; rest < -64 || rest > 63; rest >>= 7) this.byte(rest & 0x7f | 0x80);
    return this.byte(rest & 0x7f);
  }

  /** Bytes behind their number. */
  counted(bytes: Uint8Array): this {
    return this.unsigned(bytes.length).all(bytes);
  }
}

/** A local of a function. */
export type Local = number;

/** One function being written. Every method appends; locals are numbered from the parameters on. */
export class Code {
  readonly #bytes = new Bytes();
  readonly #types: number[] = [];
  readonly #constants = new Map<string, { readonly bytes: Uint8Array; readonly local: Local }>();
  readonly #parameters: number;

  constructor(parameters: number) {
    this.#parameters = parameters;
  }

  /** A new local. */
  local(type: number): Local {
    this.#types.push(type);
    return this.#parameters + this.#types.length - 1;
  }

  /** An instruction of one byte with up to three operands, which are unsigned numbers. */
  op(code: number, first?: number, second?: number, third?: number): this {
    this.#bytes.byte(code);
    if (first !== undefined) this.#bytes.unsigned(first);
    if (second !== undefined) this.#bytes.unsigned(second);
    if (third !== undefined) this.#bytes.unsigned(third);
    return this;
  }

  get(local: Local): this {
    return this.op(0x20, local);
  }

  set(local: Local): this {
    return this.op(0x21, local);
  }

  tee(local: Local): this {
    return this.op(0x22, local);
  }

  i32(value: number): this {
    this.#bytes.byte(0x41).signed(value);
    return this;
  }

  f64(value: number): this {
    this.#bytes.byte(0x44).all(new Uint8Array(Float64Array.of(value).buffer));
    return this;
  }

  /** Raises a local by a number of bytes. */
  raise(local: Local, by: number): this {
    return by === 0 ? this : this.get(local).i32(by).op(OP.i32Add).set(local);
  }

  simd(code: number, first?: number, second?: number): this {
    return this.op(0xfd, code, first, second);
  }

  /** Loads and stores: code, offset in bytes, lane. The address (and the vector) must be on the stack. */
  memory(code: number, offset: number, lane?: number): this {
    this.simd(code, 0, offset);
    if (lane !== undefined) this.#bytes.byte(lane);
    return this;
  }

  /** A load or store of one byte's opcode. */
  scalar(code: number, offset: number): this {
    return this.op(code, 0, offset);
  }

  /** A local that holds a vector constant from the function's start on. */
  constant(bytes: Uint8Array): Local {
    const key = bytes.join();
    const found = this.#constants.get(key) ?? { bytes, local: this.local(V128) };
    this.#constants.set(key, found);
    return found.local;
  }

  /** Lanes of two vectors by number, 0 to 7. */
  shuffle(lanes: readonly number[]): this {
    this.simd(SIMD.shuffle);
    for (const lane of lanes) for (let byte = 0; byte < 4; byte++) this.#bytes.byte(4 * lane + byte);
    return this;
  }

  /** Runs `body` `count` times; a loop where that is more than once. */
  repeat(count: number, body: () => void): this {
    if (count < 1) return this;
    if (count === 1) {
      body();
      return this;
    }
    const left = this.local(I32);
    this.i32(count).set(left).op(OP.loop, EMPTY);
    body();
    return this.get(left).i32(1).op(OP.i32Sub).tee(left).op(OP.branchIf, 0).op(OP.end);
  }

  /** Runs `body` again and again; it leaves by a branch to 1 and goes on by one to 0. */
  forever(body: () => void): this {
    this.op(OP.block, EMPTY).op(OP.loop, EMPTY);
    body();
    return this.op(OP.end).op(OP.end);
  }

  /** Runs `body` where the condition on the stack is not 0. */
  when(body: () => void, otherwise?: () => void): this {
    this.op(0x04, EMPTY);
    body();
    if (otherwise) {
      this.op(0x05);
      otherwise();
    }
    return this.op(OP.end);
  }

  /** Calls a function by its index; its arguments must be on the stack. */
  call(index: number): this {
    return this.op(0x10, index);
  }

  /** Copies bytes; destination, source and count must be on the stack. */
  copyBytes(): this {
    return this.op(0xfc, 10, 0, 0);
  }

  /** Fills bytes; destination, value and count must be on the stack. */
  fillBytes(): this {
    return this.op(0xfc, 11, 0);
  }

  /** The body with its locals declared. */
  finish(): Uint8Array {
    const runs: [number, number][] = [];
    for (const type of this.#types) {
      const last = runs[runs.length - 1];
      if (last?.[1] === type) last[0]++;
      else runs.push([1, type]);
    }
    const body = new Bytes().unsigned(runs.length);
    for (const [count, type] of runs) body.unsigned(count).byte(type);
    for (const { bytes, local } of this.#constants.values()) {
      body.byte(0xfd).byte(SIMD.const).all(bytes).byte(0x21).unsigned(local);
    }
    return body.all(this.#bytes.written).byte(OP.end).written;
  }
}

/** A function of addresses. */
export interface Procedure {
  /** Number of i32 parameters. */
  readonly parameters: number;
  /** What {@linkcode Code.finish} gave. */
  readonly body: Uint8Array;
}

function text(bytes: Bytes, name: string): Bytes {
  return bytes.counted(new TextEncoder().encode(name));
}

/** Most pages that a memory is declared with. */
const MAX_PAGES = 65536;

/** A module that imports `env.memory` and exports some of its functions, by name and index. */
export function assemble(
  procedures: readonly Procedure[],
  options: { readonly shared: boolean; readonly exports: Readonly<Record<string, number>> },
): Uint8Array<ArrayBuffer> {
  const counts = [...new Set(procedures.map(({ parameters }) => parameters))];
  const module = new Bytes().all([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
  const section = <T>(id: number, items: readonly T[], write: (bytes: Bytes, item: T) => void): void => {
    const bytes = new Bytes().unsigned(items.length);
    for (const item of items) write(bytes, item);
    module.byte(id).counted(bytes.written);
  };
  section(
    1,
    counts,
    (bytes, count) => bytes.byte(0x60).unsigned(count).all(new Array<number>(count).fill(I32)).byte(0),
  );
  section(2, ["memory"], (bytes, name) => {
    text(text(bytes, "env"), name).byte(2);
    if (options.shared) bytes.byte(3).byte(2).unsigned(MAX_PAGES);
    else bytes.byte(0).byte(2);
  });
  section(3, procedures, (bytes, { parameters }) => bytes.unsigned(counts.indexOf(parameters)));
  section(7, Object.entries(options.exports), (bytes, [name, index]) => text(bytes, name).byte(0).unsigned(index));
  section(10, procedures, (bytes, { body }) => bytes.counted(body));
  return module.written.slice();
}
