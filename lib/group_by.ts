/**
 * Items by key, in the order in which they come: `Map.groupBy`, which Node 20 lacks. Every folder of `lib/` may import it.
 * @module
 */

/**
 * Groups items.
 *
 * @param items What to group.
 * @param keyOf An item's key.
 * @returns The items of each key, keys in the order in which they first came.
 */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
