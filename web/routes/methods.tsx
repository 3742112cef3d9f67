/**
 * Everything that the library offers to learn with: methods, models, losses, inner rules, targets, each with a word and its settings.
 * @module
 */
import { Head } from "fresh/runtime";
import { LibraryCard, SettingsTable } from "../components/library/LibraryCard.tsx";
import { ROOMS } from "../components/library/rooms.ts";
import { METHODS } from "../server/run_config.ts";
import { define } from "../utils.ts";

/** The page. */
export default define.page(() => (
  <>
    <Head>
      <title>Methods and models · adaptrade</title>
    </Head>
    <header class="page-head">
      <div>
        <h1>Methods and models</h1>
        <p>
          What the library learns with, what each is for, and what it is not. The figures behind these words are in{" "}
          <code>docs/methods.md</code>; every method, model, loss and rule can be one of your own (<code>
            docs/bring_your_own.md
          </code>).
        </p>
      </div>
    </header>
    <div class="stack">
      <nav class="card room-links" aria-label="On this page">
        <ul>
          {ROOMS.map(({ id, title, entries, many }) => (
            <li key={id}>
              <a href={`#${id}`} aria-current={false}>{title}</a>{" "}
              <span class="muted small">{`${entries.length} ${many}`}</span>
            </li>
          ))}
        </ul>
      </nav>
      {ROOMS.map(({ id, title, word, entries, fields }) => (
        <section key={id} class="stack room" aria-labelledby={id}>
          <div>
            <h2 id={id}>{title}</h2>
            <p class="muted">{word}</p>
          </div>
          <div class="library">
            {entries.map((entry) => (
              <LibraryCard
                key={entry.kind}
                entry={entry}
                trainable={(METHODS as readonly string[]).includes(entry.kind) && id !== "models"}
              />
            ))}
          </div>
          {fields.length > 0 && (
            <details class="card">
              <summary>{`Settings that all of them take (${fields.length})`}</summary>
              <SettingsTable label={`Settings of ${title.toLowerCase()}`} fields={fields} />
            </details>
          )}
        </section>
      ))}
    </div>
  </>
));
