/**
 * What is said of a run of an earlier version. Loads nothing, so that islands may read it.
 * @module
 */

/** Why such a run is only shown. */
export const EARLIER_RUN =
  "This run was trained by an earlier version, which kept a bare network and no forecaster: its curve can be read, but it can " +
  "neither go on nor forecast. Start a run with these markets again.";
