/**
 * The worker's program as text, so that it starts from a blob wherever the package was imported from, and the control
 * words that it shares with `pool.ts`.
 * @module
 */

/** Counts jobs; workers sleep on it. */
export const EPOCH = 0;
/** Items left to hand out, counted down: below 1 there is none. */
export const LEFT = 1;
/** Items finished; the caller sleeps on it. */
export const DONE = 2;
/** Address of the job. */
export const JOB = 3;
/** 1 when workers shall end. */
export const QUIT = 4;
/** 1 when an item has failed on a worker. */
export const FAILED = 5;
/** Number of the job's program; address and length of its module. */
export const PROGRAM = 6;
export const PROGRAM_AT = 7;
export const PROGRAM_BYTES = 8;
/** Bytes of the memory when the job was begun. */
export const MEMORY_BYTES = 9;
/** Bytes of the control words. */
export const CONTROL_BYTES = 64;

/** Programs that a worker keeps; the one not used for longest goes first. */
const KEPT = 256;

/** Loads that a worker spends waiting for a next job before it sleeps. */
const SPIN = 20000;

/**
 * Waits for jobs and runs items until told to quit. Items are independent: who runs which changes no result.
 *
 * A thread hears that another one has grown the memory by an interrupt, which need not have come yet. Growing it by nothing makes
 * it current at once, so that is done before an item of a job whose memory is larger than this thread has seen.
 */
export const WORKER_SOURCE = `
self.onmessage = ({ data: { memory, control, thread } }) => {
  const c = new Int32Array(memory.buffer, control, ${CONTROL_BYTES / 4});
  const programs = new Map();
  let bytes = 0;
  const programOf = (id) => {
    let run = programs.get(id);
    if (!run) {
      const code = new Uint8Array(memory.buffer, Atomics.load(c, ${PROGRAM_AT}), Atomics.load(c, ${PROGRAM_BYTES})).slice();
      run = new WebAssembly.Instance(new WebAssembly.Module(code), { env: { memory } }).exports.run;
    }
    programs.delete(id);
    programs.set(id, run);
    if (programs.size > ${KEPT}) programs.delete(programs.keys().next().value);
    return run;
  };
  while (Atomics.load(c, ${QUIT}) === 0) {
    const seen = Atomics.load(c, ${EPOCH});
    let item, ran = 0;
    while (Atomics.load(c, ${LEFT}) > 0 && (item = Atomics.sub(c, ${LEFT}, 1) - 1) >= 0) {
      try {
        const now = Atomics.load(c, ${MEMORY_BYTES});
        if (now !== bytes) memory.grow(0);
        bytes = now;
        programOf(Atomics.load(c, ${PROGRAM}))(Atomics.load(c, ${JOB}), item, thread);
      } catch {
        Atomics.store(c, ${FAILED}, 1);
      }
      Atomics.add(c, ${DONE}, 1);
      ran++;
    }
    if (ran > 0) Atomics.notify(c, ${DONE});
    let spin = ${SPIN};
    while (Atomics.load(c, ${EPOCH}) === seen && spin > 0) spin--;
    if (spin === 0) Atomics.wait(c, ${EPOCH}, seen);
  }
  self.postMessage("gone");
  self.close();
};
`;
