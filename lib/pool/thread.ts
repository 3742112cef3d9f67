/**
 * The thread of a pool: it runs the jobs that it is told, one at a time, asks for blobs that it lacks, and hears a cancellation
 * whenever the job gives the event loop a turn.
 * @module
 */
/// <reference lib="deno.worker" />
import { type FromThread, readError, type ToThread, writeError } from "./messages.ts";
import { type Promised, promised } from "./promised.ts";
import { openRunner, type Runner } from "./runner.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
const waiting = new Map<string, Promised<Uint8Array>>();
const running = new Map<number, AbortController>();
let runner: Runner | undefined;

function tell(news: FromThread, transfer: Transferable[] = []): void {
  scope.postMessage(news, transfer);
}

function blob(hash: string): Promise<Uint8Array> {
  let wanted = waiting.get(hash);
  if (!wanted) {
    waiting.set(hash, wanted = promised());
    tell({ tell: "need", hash });
  }
  return wanted.promise;
}

async function run({ number, job }: Extract<ToThread, { readonly tell: "run" }>): Promise<void> {
  const ends = new AbortController();
  running.set(number, ends);
  try {
    const bytes = await runner!.run(job, ends.signal, () => tell({ tell: "begun", number }));
    tell({ tell: "done", number, bytes }, [bytes.buffer]);
  } catch (error) {
    tell({ tell: "failed", number, error: writeError(error) });
  } finally {
    running.delete(number);
  }
}

scope.onmessage = ({ data }: MessageEvent<ToThread>): void => {
  if (data.tell === "open") runner = openRunner({ ...data, blob });
  else if (data.tell === "run") void run(data);
  else if (data.tell === "cancel") running.get(data.number)?.abort(new DOMException("Cancelled", "AbortError"));
  else if (data.tell === "forget") runner?.forget(data.hash);
  else {
    const wanted = waiting.get(data.hash);
    waiting.delete(data.hash);
    if (data.tell === "blob") wanted?.resolve(data.bytes);
    else wanted?.reject(readError(data.error));
  }
};
