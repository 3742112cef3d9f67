/**
 * What the page of methods and models says of one of them: plain data, checked against the library by tests/web/library_test.ts.
 * @module
 */

/** One setting. */
export interface LibraryField {
  /** Its name in code; a path where it lies deeper. */
  readonly name: string;
  /** What people call it. */
  readonly label: string;
  /** What it is where nothing is said; "to be given" where something must be. */
  readonly standard: string;
  /** What it does, where the label does not say it. */
  readonly word?: string;
}

/** One method, model, loss, rule or target. */
export interface LibraryEntry {
  /** Its name in code. */
  readonly kind: string;
  /** What people call it. */
  readonly name: string;
  /** Where it comes from; null for what is the library's own or everybody's. */
  readonly source: string | null;
  /** What it does. */
  readonly word: string;
  /** When to use it. */
  readonly use: string;
  /** When not. */
  readonly not: string;
  /** Its settings, of a preset those that it sets. */
  readonly fields: readonly LibraryField[];
  /** Of a method: why the form of a run does not offer it. */
  readonly untrained?: string;
}

/** What belongs together. */
export interface LibraryRoom {
  /** Its place on the page. */
  readonly id: string;
  /** What it holds. */
  readonly title: string;
  /** What its entries have in common. */
  readonly word: string;
  /** What they are called in the line that counts them. */
  readonly many: string;
  /** The entries. */
  readonly entries: readonly LibraryEntry[];
  /** Settings that all of them take. */
  readonly fields: readonly LibraryField[];
}

/** A setting that has no value of its own. */
export const GIVEN = "to be given";
