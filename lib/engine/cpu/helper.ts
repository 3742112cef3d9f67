/**
 * One more thread, as browsers, Deno and Bun start it (`Worker`) or as Node does (`node:worker_threads`), and how many of
 * them the machine has. What the thread does stands in `worker_source.ts`.
 * @module
 */
import { hasNode } from "../../runtime.ts";
import { WORKER_SOURCE } from "./worker_source.ts";

/** What a thread works on, and its number. */
export interface Errand {
  /** The engine's memory, shared. */
  readonly memory: WebAssembly.Memory;
  /** Address of the control words. */
  readonly control: number;
  /** Number of the thread; the caller is 0. */
  readonly thread: number;
}

/** A thread that was started. */
export interface Helper {
  /** Settles when it has ended, or could not begin. */
  readonly gone: Promise<void>;
  /** Ends it. */
  terminate(): unknown;
}

/** Starts a thread; throws where the host forbids it. */
export type StartHelper = (errand: Errand) => Helper;

/** What `worker_source.ts` knows of a worker's scope, for Node's workers. */
const NODE_SCOPE = `
const { parentPort } = require("node:worker_threads");
const self = {
  set onmessage(take) { parentPort.once("message", (data) => take({ data })); },
  postMessage: (message) => parentPort.postMessage(message),
  close: () => parentPort.close(),
};
`;

/** Whether the host has the workers of the web: Node alone has not. */
function hasWebWorkers(): boolean {
  return "Worker" in globalThis;
}

async function nodeHelper(): Promise<StartHelper> {
  const { Worker } = await import("node:worker_threads");
  return (errand) => {
    const worker = new Worker(NODE_SCOPE + WORKER_SOURCE, { eval: true });
    const gone = new Promise<void>((resolve) => {
      worker.on("message", () => resolve());
      worker.on("error", () => resolve());
    });
    worker.postMessage(errand);
    return { gone, terminate: () => worker.terminate() };
  };
}

function webHelper(): StartHelper {
  let url: string | undefined;
  return (errand) => {
    url ??= URL.createObjectURL(new Blob([WORKER_SOURCE], { type: "text/javascript" }));
    const worker = new Worker(url, { type: "module" });
    const gone = new Promise<void>((resolve) => {
      worker.onmessage = (): void => resolve();
      worker.onerror = (event): void => {
        event.preventDefault();
        resolve();
      };
    });
    worker.postMessage(errand);
    return { gone, terminate: () => worker.terminate() };
  };
}

/** How threads are started here. */
export function startHelper(): Promise<StartHelper> | StartHelper {
  return hasNode() && !hasWebWorkers() ? nodeHelper() : webHelper();
}

/** Threads that the machine runs at once, as far as the host says. */
export async function machineThreads(): Promise<number> {
  const { hardwareConcurrency } = globalThis.navigator ?? {};
  if (hardwareConcurrency !== undefined || !hasNode()) return hardwareConcurrency ?? 1;
  return (await import("node:os")).availableParallelism(); // Node 20 has no navigator
}
