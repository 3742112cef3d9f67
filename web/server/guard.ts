/**
 * Who may talk to the dashboard: requests that name this machine, and writes that come from its own pages. The first stops
 * DNS rebinding (another site's name pointing here), the second cross-site forms and fetches. Says too which paths leave
 * their root. Decides; answers nothing.
 * @module
 */

const LOOPBACK = new Set(["127.0.0.1", "localhost", "[::1]"]);
const SAFE = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Why a request is refused, or null where it may pass.
 *
 * @param request its method, `Host`, `Origin` and `Sec-Fetch-Site` are read
 * @param extraHosts further names (without port) under which the dashboard may be reached
 */
export function refusal(request: Request, extraHosts: readonly string[] = []): string | null {
  const host = request.headers.get("host") ?? new URL(request.url).host;
  const name = hostName(host);
  if (name === null || (!LOOPBACK.has(name) && !extraHosts.includes(name))) {
    return `The dashboard does not answer to the name ${host}. Open it by the address it printed at its start.`;
  }
  if (SAFE.has(request.method)) return null;
  const site = request.headers.get("sec-fetch-site");
  const origin = request.headers.get("origin");
  const sameOrigin = origin === `http://${host}` || origin === `https://${host}`;
  // Browsers send at least one of the two with a write; programs such as curl send neither and carry no visitor's rights.
  if (origin === null && (site === null || site === "same-origin" || site === "none")) return null;
  return sameOrigin && site !== "cross-site" ? null : "Changes are accepted from the dashboard's own pages only.";
}

/** Longest path taken, in bytes as it was sent: no file and no page has a longer one. */
const MOST_PATH_BYTES = 1024;

/**
 * Whether a path, once decoded, can name something below its root: its encoding is whole, no segment of it is "..", no file
 * system would stumble over a NUL in it or over its length.
 */
export function staysInside(pathname: string): boolean {
  if (pathname.length > MOST_PATH_BYTES) return false;
  try {
    const path = decodeURIComponent(pathname);
    return !path.includes("\0") && !/(^|[/\\])\.\.([/\\]|$)/.test(path);
  } catch {
    return false;
  }
}

function hostName(host: string): string | null {
  // What a URL takes beside a name and a port (a user, a path) is no host.
  if (!/^[\w.:[\]-]+$/.test(host)) return null;
  try {
    return new URL(`http://${host}`).hostname;
  } catch {
    return null;
  }
}
