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
/** 1 when a worker's kernel has trapped. */
export const FAILED = 5;
/** Number of the job's program, 0 for the kernels; address and length of its module. */
export const PROGRAM = 6;
export const PROGRAM_AT = 7;
export const PROGRAM_BYTES = 8;
/** Where the team block of `kernels/wasm/team.ts` begins. Of its words: 1 when a thread was late; 1 while a job runs, 1 when one failed. */
export const TEAM = 16;
/** In the first word of the block: no part is left to claim. */
export const TEAM_NONE = 255;
export const TEAM_LATE = TEAM + 38;
export const TEAM_OPEN = TEAM + 48;
export const TEAM_FAILED = TEAM + 49;
/** 1 where the caller may sleep. */
export const TEAM_SLEEPS = TEAM + 50;
/** Bytes of the control words and the team block. */
export const CONTROL_BYTES = 320;

/** Programs that a worker keeps; the one not used for longest goes first. */
const KEPT = 256;

/** Loads that a worker spends waiting for a next job before it sleeps. */
const SPIN = 20000;

/**
 * Waits for jobs and runs items, or parts of a job's only item, until told to quit. Items and parts are independent: who runs
 * which changes no result.
 */
export const WORKER_SOURCE = `
self.onmessage = async ({ data: { module, memory, control, thread } }) => {
  const c = new Int32Array(memory.buffer, control, ${CONTROL_BYTES / 4});
  const { exports: kernels } = await WebAssembly.instantiate(module, { env: { memory } });
  const programs = new Map();
  const programOf = (id) => {
    let run = programs.get(id);
    if (!run) {
      // Another thread may have grown the memory since this one last looked: growing it by nothing makes its buffer current.
      memory.grow(0);
      const bytes = new Uint8Array(memory.buffer, Atomics.load(c, ${PROGRAM_AT}), Atomics.load(c, ${PROGRAM_BYTES})).slice();
      run = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory } }).exports.run;
    }
    programs.delete(id);
    programs.set(id, run);
    if (programs.size > ${KEPT}) programs.delete(programs.keys().next().value);
    return run;
  };
  while (Atomics.load(c, ${QUIT}) === 0) {
    const seen = Atomics.load(c, ${EPOCH});
    let item, ran = 0;
    try {
      kernels.assist(control + ${TEAM * 4});
    } catch {
      Atomics.store(c, ${FAILED}, 1);
      Atomics.store(c, ${TEAM_FAILED}, 1);
    }
    while (Atomics.load(c, ${LEFT}) > 0 && (item = Atomics.sub(c, ${LEFT}, 1) - 1) >= 0) {
      try {
        const id = Atomics.load(c, ${PROGRAM});
        (id === 0 ? kernels.run : programOf(id))(Atomics.load(c, ${JOB}), item, thread);
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
