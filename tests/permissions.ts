/**
 * Which permissions tests may use here. A test that needs one that was not given is ignored, not failed; skips_test.ts says so in one
 * line. The permissions themselves stand in deno.json, as the set "test".
 */

/** A permission that tests need: files anywhere, programs, the environment, this machine's network. */
export type Need = "read" | "write" | "run" | "env" | "sys" | "net" | "import";

/** Every one of them. */
export const NEEDS: readonly Need[] = ["read", "write", "run", "env", "sys", "net", "import"];

function isGranted(name: Need): boolean {
  const wish = name === "net" || name === "import" ? { name, host: "127.0.0.1" } : { name };
  return Deno.permissions.querySync(wish as Deno.PermissionDescriptor).state === "granted";
}

/** Whether all of these were given, to the whole run. */
export function permits(...needs: readonly Need[]): boolean {
  return needs.every(isGranted);
}

/** `Deno.test` for tests that need these: ignored where one was not given. */
export function testWith(...needs: readonly Need[]): (name: string, fn: () => void | Promise<void>) => void {
  const ignore = !permits(...needs);
  return (name, fn) => Deno.test({ name, ignore, fn });
}
