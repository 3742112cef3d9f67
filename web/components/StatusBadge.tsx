/**
 * A run's status, in colour and in words.
 * @module
 */
import type { JSX } from "preact";

const TONES: Readonly<Record<string, string>> = {
  running: "info",
  done: "good",
  failed: "bad",
  paused: "warn",
  stopped: "warn",
};

/** The badge. `request` is what was asked for and not yet done. */
export function StatusBadge(
  { status, request = null }: { readonly status: string; readonly request?: string | null },
): JSX.Element {
  const words = request === "pause" ? "pausing" : request === "stop" ? "stopping" : status;
  return <span class="badge" data-tone={TONES[status]}>{words}</span>;
}
