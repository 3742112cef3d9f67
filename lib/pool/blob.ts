/**
 * Bytes by their hash: what jobs read is named by what it is, never by where it lies. A cache forgets what was not read lately.
 * @module
 */
import { describeValue } from "../options.ts";

/** Whether a value is a hash as {@linkcode hashOf} gives it. */
export function isHash(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-f]{64}$/.test(value);
}

/** A copy of bytes that are put to a pool: of them alone, for Node's Buffers share memory with each other. */
export function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes instanceof Uint8Array) return new Uint8Array(bytes);
  throw new TypeError(`Cannot put a blob: expected a Uint8Array, received ${describeValue(bytes)}`);
}

/** The SHA-256 of bytes, 64 hexadecimal digits. */
export async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Whether two arrays hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** Bytes by hash, up to a limit: the least lately read goes first. */
export class BlobCache {
  readonly #limit: number;
  readonly #blobs = new Map<string, Uint8Array>();
  #bytes = 0;

  /** Keeps at most `limit` bytes, but for one blob that alone is longer. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A blob that is still there. */
  get(hash: string): Uint8Array | undefined {
    const blob = this.#blobs.get(hash);
    if (blob === undefined) return undefined;
    this.#blobs.delete(hash);
    this.#blobs.set(hash, blob);
    return blob;
  }

  /** Forgets a blob. */
  delete(hash: string): void {
    this.#bytes -= this.#blobs.get(hash)?.length ?? 0;
    this.#blobs.delete(hash);
  }

  /** Keeps a blob. */
  set(hash: string, blob: Uint8Array): void {
    this.#bytes += blob.length - (this.#blobs.get(hash)?.length ?? 0);
    this.#blobs.delete(hash);
    this.#blobs.set(hash, blob);
    for (const [oldest, { length }] of this.#blobs) {
      if (this.#bytes <= this.#limit || oldest === hash) break;
      this.#blobs.delete(oldest);
      this.#bytes -= length;
    }
  }
}
