/**
 * What a page says when a part that it loads later is not there any more: the server runs another build than the one the page is
 * of. For islands.
 * @module
 */
import type { JSX } from "preact";

/** The notice. */
export function StaleNotice(): JSX.Element {
  return (
    <div class="notice row between" data-tone="warn" role="status">
      <span>The chart could not be loaded. The server may have been restarted with another version.</span>
      <button type="button" class="button small" onClick={() => location.reload()}>Reload the page</button>
    </div>
  );
}
