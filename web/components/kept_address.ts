/**
 * Where a search or a study is shown, or asked for: by its file and its name there.
 * @module
 */

/** The address below `path`. */
export function keptAddress(
  path: string,
  { file, name }: { readonly file: string; readonly name: string },
): string {
  return `${path}?${new URLSearchParams({ file, name })}`;
}
