/**
 * The most memory that this process has had resident, as the Python peers' `ru_maxrss` counts it.
 * @module
 */

/** Bytes; where the system does not tell the peak (it is Linux that does), what is resident now. */
export function peakMemory(): number {
  try {
    const kilobytes = Deno.readTextFileSync("/proc/self/status").match(/^VmHWM:\s+(\d+) kB$/m)?.[1];
    if (kilobytes) return 1024 * Number(kilobytes);
  } catch {
    // Another system.
  }
  return Deno.memoryUsage().rss;
}
