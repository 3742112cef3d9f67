/**
 * One method, model, loss, rule or target: what it does, when to use it and when not, its settings, and where it can be trained.
 * @module
 */
import type { JSX } from "preact";
import type { LibraryEntry, LibraryField } from "./entry.ts";

interface LibraryCardProps {
  readonly entry: LibraryEntry;
  /** Whether the form of a run offers it. */
  readonly trainable: boolean;
}

/** The card. */
export function LibraryCard({ entry, trainable }: LibraryCardProps): JSX.Element {
  const { kind, name, source, word, use, not, fields, untrained } = entry;
  return (
    <article class="card library-card" aria-label={name}>
      <header>
        <h3>{name}</h3>
        <code>{kind}</code>
      </header>
      <p>{word}</p>
      <dl>
        <div>
          <dt>Use it</dt>
          <dd>{use}</dd>
        </div>
        <div>
          <dt>Not</dt>
          <dd>{not}</dd>
        </div>
        {source !== null && (
          <div>
            <dt>Source</dt>
            <dd>{source}</dd>
          </div>
        )}
        {untrained !== undefined && (
          <div>
            <dt>In a run</dt>
            <dd>{untrained}</dd>
          </div>
        )}
      </dl>
      {fields.length > 0 && (
        <details>
          <summary>{`Settings (${fields.length})`}</summary>
          <SettingsTable label={`Settings of ${name}`} fields={fields} />
        </details>
      )}
      {trainable && (
        <a class="button" href={`/?method=${kind}#start-title`}>
          Train a run<span class="visually-hidden">{` by ${name}`}</span>
        </a>
      )}
    </article>
  );
}

/** Settings as a table: label, what it is by default, its name in code. */
export function SettingsTable(
  { label, fields }: { readonly label: string; readonly fields: readonly LibraryField[] },
): JSX.Element {
  return (
    <div class="table-scroll" tabIndex={0} role="group" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">Setting</th>
            <th scope="col">By default</th>
            <th scope="col">In code</th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ name, label, standard, word }) => (
            <tr key={name}>
              <th scope="row">{label}</th>
              <td>
                {standard}
                {word !== undefined && <div class="muted small">{word}</div>}
              </td>
              <td>
                <code>{name}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
