/**
 * One engine's memory and threads. Room for a job's data, results and scratch is one block that grows on demand and is used again
 * by the next job.
 * @module
 */
import type { Heap } from "./heap.ts";
import type { Pool } from "./pool.ts";
import type { ResidentUpdate } from "./update.ts";

/** What jobs run on. */
export interface Session {
  /** The memory. */
  readonly heap: Heap;
  /** The threads. */
  readonly pool: Pool;
  /** The outer update. */
  readonly update: ResidentUpdate;
  /** The block for jobs' data; replaced by a larger one on demand. */
  readonly room: { at: number; size: number };
  /** Runs work that uses the room when all work before it has ended. */
  exclusively<T>(work: () => Promise<T>): Promise<T>;
}

/** The room, of at least so many bytes; what it held is lost where it must grow. */
export function reserve(session: Session, bytes: number): number {
  const { heap, room } = session;
  if (room.size < bytes) {
    if (room.size > 0) heap.give(room.at);
    room.size = 0;
    room.at = heap.take(bytes);
    room.size = bytes;
  }
  return room.at;
}
