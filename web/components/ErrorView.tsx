/**
 * An error in words: what happened, and where to go on. Shows the message of errors meant for the reader (`HttpError`);
 * others stay in the server's log.
 * @module
 */
import { HttpError } from "fresh";
import { Head } from "fresh/runtime";
import type { JSX } from "preact";

/** The status an error answers with. */
export function errorStatus(error: unknown): number {
  return error instanceof HttpError ? error.status : 500;
}

/** What to tell the reader of an error. */
export function errorMessage(error: unknown): string {
  const status = errorStatus(error);
  if (error instanceof HttpError && error.message) return error.message;
  if (status === 404) return "There is no such page.";
  return "The server could not answer. The terminal that runs the dashboard says more.";
}

/** The error as a page. */
export function ErrorView({ error }: { readonly error: unknown }): JSX.Element {
  return (
    <section class="empty" aria-labelledby="error-title">
      <Head>
        <title>Error {errorStatus(error)} · adaptrade</title>
      </Head>
      <p class="eyebrow">Error {errorStatus(error)}</p>
      <h1 id="error-title">{errorMessage(error)}</h1>
      <p>
        <a class="button" href="/" aria-current={false}>Go to the overview</a>
      </p>
    </section>
  );
}
