/**
 * Series that several results share, written once: those that are the same in all of them move out of the results. It copies
 * no values and leaves what differs where it is.
 * @module
 */

/** Results without what they share, and what they share. */
export interface HoistedSeries {
  /** Series that all results had alike, by name. */
  readonly shared: Readonly<Record<string, ArrayLike<number>>>;
  /** The results without those, in order. */
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

/** Equal in every place; NaN equals NaN. */
function isAlike(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (!Object.is(a[i], b[i])) return false;
  return true;
}

/**
 * Moves series out of results where all results have them alike.
 *
 * @param results At least one; they are not changed.
 * @param names Series that may be shared.
 */
export function hoistSeries<T extends string>(
  results: readonly Readonly<Record<T, ArrayLike<number>>>[],
  names: readonly T[],
): HoistedSeries {
  const [first, ...others] = results;
  const alike = names.filter((name) => others.every((other) => isAlike(first[name], other[name])));
  return {
    shared: Object.fromEntries(alike.map((name) => [name, first[name]])),
    results: results.map((result) =>
      Object.fromEntries(Object.entries(result).filter(([name]) => !(alike as string[]).includes(name)))
    ),
  };
}
