/**
 * How the CPU engine finds out whether threads shall share a task.
 */
import { assertEquals } from "@std/assert";
import { openSharing, type Sharing } from "../../../lib/engine/cpu/sharing.ts";

/** Runs so many jobs that take these times, and says which were shared. */
function run(sharing: Sharing, kind: string, jobs: number, ms: (shared: boolean, job: number) => number): boolean[] {
  return Array.from({ length: jobs }, (_, job) => {
    const shared = sharing.choose(kind);
    sharing.note(kind, shared, ms(shared, job));
    return shared;
  });
}

const TRIAL = [true, true, true, true, false, false, false, false];

Deno.test("openSharing() tries both ways and keeps to the faster one", () => {
  for (const faster of [true, false]) {
    const chosen = run(openSharing(), "a", 256, (shared) => shared === faster ? 1 : 2);
    assertEquals(chosen.slice(0, 8), TRIAL);
    assertEquals(chosen.slice(8).every((shared) => shared === faster), true);
  }
});

Deno.test("openSharing() goes by the least time, so that one slow job decides nothing", () => {
  const chosen = run(openSharing(), "a", 9, (shared, job) => job === 0 ? 100 : shared ? 1 : 2);
  assertEquals(chosen[8], true);
});

Deno.test("openSharing() tries again after a while, and tells kinds of jobs apart", () => {
  const sharing = openSharing();
  run(sharing, "a", 256, (shared) => shared ? 2 : 1);
  assertEquals(run(sharing, "a", 9, (shared) => shared ? 1 : 2), [...TRIAL, true]);
  assertEquals(run(sharing, "b", 9, (shared) => shared ? 2 : 1), [...TRIAL, false]);
});
