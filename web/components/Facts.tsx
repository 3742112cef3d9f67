/**
 * Names with what they are, as a description list: key figures, settings, what an engine can do.
 * @module
 */
import type { JSX } from "preact";

/** One of them, inside a list. */
export function Fact(
  { name, value, note }: { readonly name: string; readonly value: string; readonly note?: string | undefined },
): JSX.Element {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        {value} {note && <small>{note}</small>}
      </dd>
    </div>
  );
}

interface FactsProps {
  /** How they look: figures side by side, settings in columns, facts one under another. */
  readonly look: "figures" | "settings" | "facts";
  /** Name and value of each, in order. */
  readonly of: readonly (readonly string[])[];
}

/** A list of them. */
export function Facts({ look, of }: FactsProps): JSX.Element {
  return (
    <dl class={look}>
      {of.map(([name, value]) => <Fact key={name} name={name} value={value} />)}
    </dl>
  );
}
