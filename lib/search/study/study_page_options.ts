/**
 * What a study's page takes beside the study.
 * @module
 */
import type { RefusedMarket } from "./study_store.ts";

/** What `renderStudy` takes. */
export interface StudyPageOptions {
  /** Title of the page (default `Study`). */
  readonly title?: string;
  /** Printed under the title, by name. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** Markets that could not be studied. */
  readonly refused?: readonly RefusedMarket[];
}
