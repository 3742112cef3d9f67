/**
 * The heading of a page about one thing that people name, with the form that renames it. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";

/** Longest name that is taken; the server checks it too. */
const LONGEST = 120;

interface NameHeadingProps {
  readonly name: string;
  /** Keeps another name. */
  readonly rename: (name: string) => Promise<void>;
}

/** The heading. */
export function NameHeading({ name, rename }: NameHeadingProps): JSX.Element {
  const wanted = useSignal<string | null>(null);
  const problem = useSignal<string | null>(null);
  const save = async (event: Event) => {
    event.preventDefault();
    try {
      await rename(wanted.value!.trim());
      [wanted.value, problem.value] = [null, null];
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  if (wanted.value === null) {
    return (
      <>
        <h1 class="long-name">{name}</h1>
        <button type="button" class="button small" onClick={() => wanted.value = name}>Rename</button>
      </>
    );
  }
  return (
    <form class="row" onSubmit={save}>
      <h1 class="visually-hidden">{name}</h1>
      <input
        aria-label="New name"
        required
        maxLength={LONGEST}
        value={wanted.value}
        ref={(input) => input?.focus()}
        onInput={(event) => wanted.value = event.currentTarget.value}
        onKeyDown={(event) => event.key === "Escape" && (wanted.value = null)}
      />
      {problem.value !== null && <span class="small negative" role="alert">{problem.value}</span>}
      <button type="submit" class="button primary small">Save</button>
      <button type="button" class="button small" onClick={() => wanted.value = null}>Cancel</button>
    </form>
  );
}
