/**
 * Which keys move the cursor of a chart, and where to. Moves nothing itself.
 * @module
 */

/** Where a key moves the cursor from `index`, of points 0 to `last`; null for a key that moves none. */
export function indexAfter(key: string, index: number, last: number): number | null {
  const far = Math.max(1, Math.round(last / 10));
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    PageDown: -far,
    PageUp: far,
    Home: -Infinity,
    End: Infinity,
  };
  return Object.hasOwn(steps, key) ? Math.max(0, Math.min(last, index + steps[key])) : null;
}
