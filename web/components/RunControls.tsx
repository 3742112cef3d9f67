/**
 * The buttons of a run, those that make sense in its status, and the links to what can be done with it.
 * @module
 */
import type { JSX } from "preact";
import type { RunSummary } from "../server/run_events.ts";
import { Icon } from "./Icon.tsx";

interface RunControlsProps {
  readonly run: RunSummary;
  /** Called with pause, resume, stop or delete. */
  readonly act: (action: string) => void;
}

/** The buttons. */
export function RunControls({ run, act }: RunControlsProps): JSX.Element {
  const { status, request } = run;
  const active = status === "running" || status === "queued";
  const resumable = run.config !== null && (status === "paused" || status === "stopped" || status === "failed");
  return (
    <div class="row">
      {active && (
        <button type="button" class="button" disabled={request !== null} onClick={() => act("pause")}>
          <Icon name="pause" /> Pause
        </button>
      )}
      {resumable && (
        <button type="button" class="button primary" onClick={() => act("resume")}>
          <Icon name="play" /> Resume
        </button>
      )}
      {(active || status === "paused") && (
        <button
          type="button"
          class="button"
          disabled={request !== null}
          onClick={() => act("stop")}
        >
          <Icon name="stop" /> Stop
        </button>
      )}
      {run.config !== null && run.best !== null && (
        <>
          <a class={status === "done" ? "button primary" : "button"} href={`/forecast?run=${run.id}`}>Forecast</a>
          <a class="button" href={`/lab?run=${run.id}`}>Lab</a>
          <a class="button" href={`/backtest?run=${run.id}`}>Backtest</a>
        </>
      )}
      {!active && (
        <button
          type="button"
          class="button danger"
          onClick={() => confirm(`Delete ${run.name} with its checkpoints?`) && act("delete")}
        >
          Delete
        </button>
      )}
    </div>
  );
}
