/** The memory of a process. */

/** Resident memory of a process now, bytes; Linux, by a program, for Deno reads no /proc by the permissions that tests have. */
export function residentBytes(pid: number): number {
  const { stdout } = new Deno.Command("cat", { args: [`/proc/${pid}/status`] }).outputSync();
  return Number(/VmRSS:\s+(\d+) kB/.exec(new TextDecoder().decode(stdout))![1]) * 1000;
}
