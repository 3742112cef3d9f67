/**
 * The address of a NATS server: nats://TOKEN@HOST:PORT. It refuses one that anybody on the way could use, and says what is known
 * of servers that are older than their mended faults.
 * @module
 */

/** Where a server is, and what opens it. */
export interface PoolAddress {
  /** Host and port. */
  readonly server: string;
  /** Its host alone. */
  readonly host: string;
  /** The token; absent on loopback alone. */
  readonly token?: string;
}

/** Releases from which on the faults named in {@linkcode serverWarning} are mended. */
const MENDED = [[2, 11, 16], [2, 12, 7]] as const;

/** An IPv4 address; a name may begin as one does. */
const IPV4 = /^\d{1,3}(\.\d{1,3}){3}$/;

/** Whether only this machine reaches a host. */
export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "[::1]" || (IPV4.test(host) && host.startsWith("127."));
}

/** Whether a host is an address of a private network: RFC 1918, RFC 6598, RFC 4193, link-local. */
export function isPrivate(host: string): boolean {
  const [a, b] = IPV4.test(host) ? host.split(".").map(Number) : [];
  return isLoopback(host) || a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168) ||
    (a === 100 && b >= 64 && b < 128) || (a === 169 && b === 254) || /^\[?(f[cd]|fe[89ab])[0-9a-f]{0,2}:/i.test(host);
}

/**
 * Reads an address.
 *
 * @throws {TypeError} It is none, or names a host beyond this machine without a token.
 */
export function parseAddress(at: string): PoolAddress {
  const action = "Cannot open a pool";
  let url: URL | undefined;
  let token = "";
  try {
    url = new URL(at);
    token = decodeURIComponent(url.username);
  } catch {
    url = undefined;
  }
  const rest = url && url.password + url.pathname.replace(/^\/$/, "") + url.search + url.hash;
  if (url?.protocol !== "nats:" || url.hostname === "" || rest !== "") {
    throw new TypeError(
      `${action}: expected "local" or nats://TOKEN@HOST:PORT, received ${JSON.stringify(hidden(at))}`,
    );
  }
  const { hostname: host, port } = url;
  if (token === "" && !isLoopback(host)) {
    throw new TypeError(
      `${action}: expected a token before ${host}, as in nats://TOKEN@${host}: whoever reaches the server may run jobs`,
    );
  }
  return { server: `${host}:${port || "4222"}`, host, ...(token ? { token } : {}) };
}

/** An address without what stands before its last @, whatever it is an address of: it may hold a token. */
function hidden(at: string): string {
  return String(at).replace(/^(\w+:\/\/)?.*@/s, "$1…@");
}

/** What whoever runs this server should know; undefined where there is nothing. */
export function serverWarning(host: string, version: string): string | undefined {
  if (isLoopback(host)) return undefined;
  const parts = version.split(".").map((part) => parseInt(part));
  const isMended =
    MENDED.some(([major, minor, patch]) => parts[0] === major && parts[1] === minor && parts[2] >= patch) ||
    parts[0] > 2 || (parts[0] === 2 && parts[1] > 12);
  const wide = isPrivate(host) ? [] : ["its address is not of a private network: put a VPN before it"];
  const old = isMended ? [] : [
    `version ${version} lacks mended security faults of NATS (in 2.11.16 and 2.12.7): give it one account with a token, no ` +
    "routes, no leaf nodes and no websocket, and bind it to loopback, a VPN or a private network",
  ];
  const said = [...wide, ...old].join("; ");
  return said ? `The NATS server at ${host}: ${said}` : undefined;
}
