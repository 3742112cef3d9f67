/**
 * Asks the lab's process. It starts with the first question and ends some minutes behind the last, and with it goes the memory of
 * the markets that it held; one that fails is answered for in words, and the next question starts another.
 * @module
 */
import { HttpError } from "fresh";
import type { LabAnswer, LabQuestion } from "../worker/lab.ts";
import { type JsonProcess, startProcess } from "./json_process.ts";
import { marketsFolder, runsDatabase } from "./paths.ts";

const WORKER = new URL("../worker/lab.ts", import.meta.url);
const IDLE_MS = 5 * 60_000;

type Settle = PromiseWithResolvers<unknown>;

interface Lab {
  readonly process: JsonProcess<LabAnswer>;
  readonly waiting: Map<number, Settle>;
}

let lab: Lab | undefined;
let count = 0;
let idle: ReturnType<typeof setTimeout> | undefined;

/** Ends the process, if there is one; who waits for it is told. */
function closeLab(): void {
  clearTimeout(idle);
  lab?.process.kill();
  lab = undefined;
}

/**
 * Asks the lab.
 *
 * @throws {HttpError} What is asked is refused, or the process ended without an answer (503).
 */
export async function askLab(question: LabQuestion): Promise<unknown> {
  const { process, waiting } = lab ??= openLab();
  clearTimeout(idle);
  const id = count++;
  const settle = Promise.withResolvers<unknown>();
  waiting.set(id, settle);
  process.send({ id, question });
  try {
    return await settle.promise;
  } finally {
    clearTimeout(idle);
    if (lab?.waiting.size === 0) idle = setTimeout(closeLab, IDLE_MS);
  }
}

function openLab(): Lab {
  const database = runsDatabase();
  const permissions = { read: [database, marketsFolder()], write: [database], env: ["ADAPTRADE_DATA"] };
  const opened: Lab = { process: startProcess<LabAnswer>(WORKER, null, permissions), waiting: new Map() };
  void hear(opened);
  return opened;
}

async function hear(opened: Lab): Promise<void> {
  const { process, waiting } = opened;
  let reason = "it was ended";
  try {
    for await (const line of process.lines) {
      const settle = waiting.get(line.id);
      waiting.delete(line.id);
      if ("value" in line) settle?.resolve(line.value);
      else settle?.reject(new HttpError(line.status, line.message));
    }
  } catch (error) {
    reason = (error as Error).message;
  }
  if (lab === opened) lab = undefined;
  for (const { reject } of waiting.values()) reject(new HttpError(503, `The lab could not answer: ${reason}`));
}
