/**
 * The tags of runs: those of one, each with a button that takes it off, and the form that puts one on all that are ticked. For
 * islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

/** Longest tag that is taken; the server checks it too. */
const LONGEST = 40;

/** The tags of a run. */
export function RunTags(
  { name, tags, remove }: {
    /** Of the run. */
    readonly name: string;
    readonly tags: readonly string[];
    readonly remove: (tag: string) => void;
  },
): JSX.Element | null {
  if (tags.length === 0) return null;
  return (
    <ul class="tags" aria-label={`Tags of ${name}`}>
      {tags.map((tag) => (
        <li key={tag} class="tag">
          {tag}
          <button type="button" aria-label={`Take ${tag} off ${name}`} onClick={() => remove(tag)}>×</button>
        </li>
      ))}
    </ul>
  );
}

/** The form that tags what is ticked; `known` are offered while one types. */
export function TagForm(
  { known, add }: { readonly known: readonly string[]; readonly add: (tag: string) => Promise<void> },
): JSX.Element {
  const tag = useSignal("");
  const submit = async (event: Event) => {
    event.preventDefault();
    await add(tag.value.trim());
    tag.value = "";
  };
  return (
    <form class="row" onSubmit={submit}>
      <input
        class="tag-input"
        aria-label="Tag"
        placeholder="Tag"
        required
        pattern=".*\S.*"
        maxLength={LONGEST}
        list="known-tags"
        autocomplete="off"
        value={tag.value}
        onInput={(event) => tag.value = event.currentTarget.value}
      />
      <datalist id="known-tags">{known.map((one) => <option key={one} value={one} />)}</datalist>
      <button type="submit" class="button small">Tag ticked</button>
    </form>
  );
}
