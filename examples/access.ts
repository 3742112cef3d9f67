/**
 * What an example may touch, settled in one call before any work. What it cannot do without ends it in one sentence with the
 * command to paste; where it may not write it goes on without, and says which flag would. In a terminal Deno asks first.
 * @module
 */
import { encodeState, type Forecaster, type MetaState, saveForecaster, saveState } from "@adaptrade/adaptrade";
import { encodeForecaster } from "@adaptrade/adaptrade/forecast";

/** Hosts with their ports, and folders or files. */
export interface Access {
  /** Such as `api.bybit.com:443`, see {@linkcode hostOf}. */
  readonly net?: readonly string[];
  /** Paths to read. */
  readonly read?: readonly string[];
  /** Paths to write. */
  readonly write?: readonly string[];
}

/** What {@linkcode requestAccess} settles. */
export interface AccessRequest {
  /** What the example cannot do without. */
  readonly needs?: readonly Access[];
  /** What it writes where it may. */
  readonly keeps?: Access & {
    /** In words, such as "the report". */
    readonly what: string;
  };
}

/** Thrown for a permission that an example cannot do without; the message has the command that grants it. */
export class AccessError extends Error {
  /** The class name, for logs. */
  override readonly name = "AccessError";
}

const KINDS = ["net", "read", "write"] as const;

/** Several wishes as one, nothing twice. */
function together(wishes: readonly Access[]): Access {
  return Object.fromEntries(KINDS.map((kind) => [kind, [...new Set(wishes.flatMap((wish) => wish[kind] ?? []))]]));
}

/** The flags that grant it. */
function flagsOf(access: Access): string[] {
  return KINDS.flatMap((kind) => {
    const values = access[kind] ?? [];
    return values.length > 0 ? [`--allow-${kind}=${values.map((value) => value.replace(/:443$/, "")).join(",")}`] : [];
  });
}

/** The command that was typed, with the flags that grant it. */
function commandWith(access: Access): string {
  const deno = Deno.execPath().includes("_npx") ? `npx --yes deno@${Deno.version.deno}` : "deno";
  const script = decodeURIComponent(new URL(Deno.mainModule).pathname);
  const folder = `${Deno.cwd()}/`;
  const words = [
    ...flagsOf(access),
    script.startsWith(folder) ? script.slice(folder.length) : script,
    ...Deno.args,
  ];
  const quoted = words.map((word) => /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`);
  return `${deno} run ${quoted.join(" ")}`;
}

/** Asks for each part, in a terminal, until one is refused. */
async function isGranted(access: Access): Promise<boolean> {
  for (const kind of KINDS) {
    for (const value of access[kind] ?? []) {
      const wish = kind === "net" ? { name: kind, host: value } : { name: kind, path: value };
      if ((await Deno.permissions.request(wish)).state !== "granted") return false;
    }
  }
  return true;
}

/**
 * Settles what an example may touch.
 *
 * @param request What it cannot do without, and what it writes where it may.
 * @returns Whether it may write what it keeps; if not, one line on stdout has said so, with the flag that would.
 * @throws {AccessError} Something that it cannot do without was not granted.
 */
export async function requestAccess({ needs = [], keeps }: AccessRequest): Promise<boolean> {
  const needed = together(needs);
  if (!await isGranted(needed)) {
    throw new AccessError(
      `Cannot run without ${flagsOf(needed).join(" ")}: ${commandWith(together(keeps ? [...needs, keeps] : needs))}`,
    );
  }
  if (!keeps || await isGranted(keeps)) return true;
  console.log(`Nothing is written: ${flagsOf(together([keeps])).join(" ")} would keep ${keeps.what}`);
  return false;
}

/** What a pool takes: its server, or threads that load the library from where it lies, unless that is an address. */
export function poolAccess(at = "local"): Access {
  if (at !== "local") {
    if (!URL.canParse(at)) return {}; // which openPool() refuses with what it expects
    const { hostname, port } = new URL(at);
    return { net: [`${hostname}:${port || 4222}`] };
  }
  const root = new URL("..", import.meta.url);
  return root.protocol === "file:" ? { read: [decodeURIComponent(root.pathname).replace(/\/$/, "")] } : {};
}

/** Host and port of a URL, the port of `https` and `wss` where it names none. */
export function hostOf(url: string): string {
  const { hostname, port, protocol } = new URL(url);
  return `${hostname}:${port || (/^(https|wss):$/.test(protocol) ? 443 : 80)}`;
}

/**
 * Saves a checkpoint where writing was granted: whole or not at all where its folder may be read too, for that takes a
 * renaming; else in place, where the file's checksum tells a torn one.
 */
export async function keepState(path: string, state: MetaState, extra: unknown = null): Promise<void> {
  if (await mayRead(path)) await saveState(path, state, { extra });
  else await Deno.writeFile(path, await encodeState(state, extra));
}

/** Saves a forecaster as {@linkcode keepState} does a checkpoint. */
export async function keepForecaster(path: string, forecaster: Forecaster): Promise<void> {
  if (await mayRead(path)) await saveForecaster(path, forecaster);
  else await Deno.writeFile(path, await encodeForecaster(forecaster));
}

async function mayRead(path: string): Promise<boolean> {
  return (await Deno.permissions.query({ name: "read", path })).state === "granted";
}
