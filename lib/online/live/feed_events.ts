/**
 * What happens to a live feed besides its bars, for a log and for counting. Nothing here decides anything.
 * @module
 */

/** What happened. */
export type FeedEventKind =
  /** Connected and subscribed. */
  | "connected"
  /** The connection ended; another follows. */
  | "disconnected"
  /** Bars were asked for over REST and came (or there were none). */
  | "refilled"
  /** REST could not be reached, or lacked bars that must have closed; it is asked again. */
  | "refill failed"
  /** A bar that must have closed did not come, however often it was asked for: it is given up. */
  | "missing"
  /** A market is not known any more (delisted, renamed): the others go on without it. */
  | "gone"
  /** Bybit refused a subscription after the first; it is asked again. */
  | "refused"
  /** A message could not be understood and was skipped. */
  | "malformed"
  /** A closed bar came twice. */
  | "duplicate"
  /** A closed bar came after a later one had been acted on. */
  | "late"
  /** A closed bar opened at no multiple of the interval from the others, or belongs to no market watched. */
  | "foreign";

/** Something that happened to a live feed. */
export interface FeedEvent {
  /** What. */
  readonly kind: FeedEventKind;
  /** When, by the feed's clock, ms UTC. */
  readonly at: number;
  /** In words. */
  readonly text: string;
}
