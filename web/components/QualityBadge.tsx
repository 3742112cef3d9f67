/**
 * What is known of a market's quality, in a word.
 * @module
 */
import type { JSX } from "preact";

interface QualityBadgeProps {
  /** How many findings; null while the market is being read. */
  readonly found: number | null;
  /** Why it cannot be read, or null. */
  readonly error: string | null;
}

/** The badge. */
export function QualityBadge({ found, error }: QualityBadgeProps): JSX.Element {
  if (error !== null) return <span class="badge" data-tone="bad">Unreadable</span>;
  if (found === null) return <span class="badge" data-tone="info">Reading</span>;
  if (found === 0) return <span class="badge" data-tone="good">No findings</span>;
  return <span class="badge" data-tone="warn">{`${found} finding${found === 1 ? "" : "s"}`}</span>;
}
