/**
 * The runs as a table of experiments, kept up to date by the server's stream: what was asked for beside what came of it, to be
 * sorted, searched, put together by seed, compared and deleted.
 * @module
 */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { JSX } from "preact";
import { figure, marketName, signedPercent, timeUtc } from "../components/format.ts";
import { send, useEvents } from "../components/live.ts";
import { METHOD_WORDS, TARGET_WORDS } from "../components/run_settings.ts";
import {
  RUN_COLUMNS,
  type RunColumn,
  type RunFilter,
  type RunRow,
  runRows,
  runsAddress,
  STATUSES,
  statusesOf,
  tagsOf,
} from "../components/run_table.ts";
import { RunTags, TagForm } from "../components/RunTags.tsx";
import { SortableHeads, type SortOrder } from "../components/SortableHead.tsx";
import { Sparkline } from "../components/Sparkline.tsx";
import { StatusBadge } from "../components/StatusBadge.tsx";
import type { RunSummary } from "../server/run_events.ts";

/** Rows shown at first, and more with each click. */
const PAGE = 50;
/** Requests at once. */
const AT_ONCE = 5;

interface RunsTableProps {
  readonly runs: readonly RunSummary[];
  /** What the address asks for. */
  readonly asked: { readonly filter: RunFilter; readonly order: SortOrder<RunColumn> };
}

/** The table. */
export default function RunsTable(props: RunsTableProps): JSX.Element {
  const runs = useSignal(props.runs);
  const filter = useSignal(props.asked.filter);
  const order = useSignal(props.asked.order);
  const ticked = useSignal<ReadonlySet<string>>(new Set());
  const most = useSignal(PAGE);
  const problem = useSignal<string | null>(null);
  useEvents("/api/runs/events", { runs: (data: readonly RunSummary[]) => runs.value = data });
  // What is shown stands in the address, so that it can be kept, shared and come back to.
  useSignalEffect(() => {
    const address = runsAddress(location.href, filter.value, order.value);
    if (address !== location.href) history.replaceState(null, "", address);
  });
  if (runs.value.length === 0) return <NoRun />;

  const rows = runRows(runs.value, filter.value, order.value);
  const set = (change: Partial<RunFilter>) => {
    filter.value = { ...filter.value, ...change };
    most.value = PAGE;
  };
  // What was deleted elsewhere is not ticked any more.
  const chosen = runs.value.filter(({ id }) => ticked.value.has(id));
  const tick = (some: readonly RunRow[], on: boolean) => {
    const next = new Set(ticked.value);
    for (const { id } of some.flatMap((row) => row.runs)) on ? next.add(id) : next.delete(id);
    ticked.value = next;
  };
  const isTicked = (row: RunRow) => row.runs.every(({ id }) => ticked.value.has(id));
  const found = rows.flatMap((row) => row.runs);
  const hidden = chosen.length - found.filter(({ id }) => ticked.value.has(id)).length;
  /** Asks something of each, a few at a time, up to the first that is refused: the table is drawn again once, behind it. */
  const ask = async (wanted: readonly RunSummary[], work: (run: RunSummary) => Promise<void>) => {
    try {
      problem.value = null;
      for (let i = 0; i < wanted.length; i += AT_ONCE) await Promise.all(wanted.slice(i, i + AT_ONCE).map(work));
    } catch (error) {
      problem.value = (error as Error).message;
    }
  };
  const remove = async () => {
    const idle = chosen.filter(({ status }) => status !== "running" && status !== "queued");
    const kept = chosen.length - idle.length;
    const words = [
      `Delete ${idle.length} ${idle.length === 1 ? "run" : "runs"} with their checkpoints?`,
      ...(hidden > 0 ? [`${hidden} of those ticked ${hidden === 1 ? "is" : "are"} not in the list.`] : []),
      ...(kept > 0 ? [`${kept} that train ${kept === 1 ? "is" : "are"} kept.`] : []),
    ];
    if (!confirm(words.join(" "))) return;
    const gone = new Set<string>();
    await ask(idle, async ({ id }) => {
      await send(`/api/runs/${id}/delete`);
      gone.add(id);
    });
    runs.value = runs.value.filter(({ id }) => !gone.has(id));
  };
  const known = tagsOf(runs.value);
  // What the address asks for stays a choice where no run has it.
  const tags = [...new Set([...known, filter.value.tag])].filter((one) => one !== "");
  const tag = async (wanted: readonly RunSummary[], change: (tags: readonly string[]) => readonly string[]) => {
    const changed = new Map<string, readonly string[]>();
    await ask(wanted, async ({ id, tags }) => {
      changed.set(id, (await send<RunSummary>(`/api/runs/${id}/tag`, { tags: change(tags) })).tags);
    });
    runs.value = runs.value.map((run) => ({ ...run, tags: changed.get(run.id) ?? run.tags }));
  };
  const untag = (run: RunSummary, gone: string) => tag([run], (tags) => tags.filter((one) => one !== gone));
  return (
    <section class="card stack" aria-label="Runs">
      <div class="toolbar">
        <label class="field">
          <span>Search</span>
          <input
            type="search"
            placeholder="Name or market"
            value={filter.value.text}
            onInput={(event) => set({ text: event.currentTarget.value })}
          />
        </label>
        <Choice
          label="Status"
          value={filter.value.status}
          choices={STATUSES.map((status) => [status, status])}
          choose={(status) => set({ status })}
        />
        <Choice
          label="Forecast"
          value={filter.value.target}
          choices={Object.entries(TARGET_WORDS)}
          choose={(target) => set({ target })}
        />
        {tags.length > 0 && (
          <Choice
            label="With tag"
            value={filter.value.tag}
            choices={tags.map((one) => [one, one])}
            choose={(tag) => set({ tag })}
          />
        )}
        <label class="check">
          <input
            type="checkbox"
            checked={filter.value.grouped}
            onChange={(event) => set({ grouped: event.currentTarget.checked })}
          />
          <span>Seeds together</span>
        </label>
      </div>
      {problem.value !== null && <p class="notice" data-tone="bad" role="alert">{problem.value}</p>}
      <div class="row between">
        <p class="small muted" role="status">
          {`${rows.length} of ${runs.value.length}${
            chosen.length > 0
              ? `, ${chosen.length} ticked${hidden > 0 ? `, ${hidden} of them not in the list` : ""}`
              : ""
          }`}
        </p>
        <div class="row">
          {chosen.length > 0 && (
            <>
              <TagForm known={known} add={(added) => tag(chosen, (tags) => [...tags, added])} />
              <a class="button small" href={`/compare?${chosen.map(({ id }) => `run=${id}`).join("&")}`}>Compare</a>
              <button type="button" class="button danger small" onClick={remove}>Delete ticked</button>
            </>
          )}
        </div>
      </div>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Runs, scrollable">
        <table>
          <thead>
            <tr>
              <th scope="col">
                <input
                  type="checkbox"
                  aria-label={`Tick all ${found.length} in the list`}
                  checked={rows.length > 0 && rows.every(isTicked)}
                  indeterminate={rows.some(isTicked) && !rows.every(isTicked)}
                  onChange={(event) => tick(rows, event.currentTarget.checked)}
                />
              </th>
              <SortableHeads columns={Object.entries(RUN_COLUMNS)} order={order} />
              <th scope="col">Validation loss</th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, most.value).map((row) => (
              <Row
                key={row.runs[0].id}
                row={row}
                ticked={isTicked(row)}
                tick={(on) => tick([row], on)}
                untag={untag}
              />
            ))}
          </tbody>
        </table>
      </div>
      {rows.length === 0 && <p class="muted">No run matches.</p>}
      {rows.length > most.value && (
        <button type="button" class="button" onClick={() => most.value += 200}>
          {`Show more: ${rows.length - most.value} left`}
        </button>
      )}
    </section>
  );
}

function NoRun(): JSX.Element {
  return (
    <section class="empty" aria-label="Runs">
      <h2>No run yet</h2>
      <p>
        Press <strong>Start training</strong>{" "}
        to train on the embedded sample markets: it takes a few seconds to a minute and needs no data of yours. The run
        then says by how much its forecasts beat the cheap ones, and forecasts any market, a file of yours too.
      </p>
    </section>
  );
}

function Choice(
  { label, value, choices, choose }: {
    readonly label: string;
    readonly value: string;
    readonly choices: readonly (readonly [value: string, name: string])[];
    readonly choose: (value: string) => void;
  },
): JSX.Element {
  return (
    <label class="field">
      <span>{label}</span>
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        <option value="">All</option>
        {choices.map(([value, name]) => <option key={value} value={value}>{name}</option>)}
      </select>
    </label>
  );
}

function Row(
  { row, ticked, tick, untag }: {
    readonly row: RunRow;
    readonly ticked: boolean;
    readonly tick: (on: boolean) => void;
    readonly untag: (run: RunSummary, tag: string) => void;
  },
): JSX.Element {
  const { runs: [run, ...others], loss, saved, unseen } = row;
  const { config, verdict } = run;
  return (
    <tr>
      <td>
        <input
          type="checkbox"
          aria-label={`Tick ${run.name}`}
          checked={ticked}
          onChange={(event) => tick(event.currentTarget.checked)}
        />
      </td>
      <th scope="row">
        <a class="long-name" href={`/runs/${run.id}`}>{run.name}</a>
        <div class="muted small">
          {others.length > 0
            ? `${others.length + 1} seeds: ${row.runs.map(({ config }) => config?.seed).join(", ")}`
            : `unseen ${marketName(run.unseen)}`}
        </div>
        {row.runs.map((one) => (
          <RunTags
            key={one.id}
            name={one.name}
            tags={one.tags}
            remove={(tag) => untag(one, tag)}
          />
        ))}
      </th>
      <td>
        {others.length === 0
          ? <StatusBadge status={run.status} request={run.request} />
          : statusesOf(row).map(({ status, count }) => (
            <div key={status} class="nowrap">
              {count} <StatusBadge status={status} request={null} />
            </div>
          ))}
      </td>
      <td class="number">{figure(loss)}</td>
      <td class={`number ${saved === null ? "" : saved > 0 ? "positive" : "negative"}`}>
        {saved === null ? "–" : signedPercent(-saved, 1)}
      </td>
      <td class="number">
        {unseen === null ? "–" : (
          <>
            {`${signedPercent(-unseen, 1)} `}
            <small class="beneath">
              {`against ${verdict?.reference ?? others.find((one) => one.verdict)?.verdict?.reference}`}
            </small>
          </>
        )}
      </td>
      <td>{config === null ? "earlier version" : TARGET_WORDS[config.target]}</td>
      <td class="number">{config?.horizon ?? "–"}</td>
      <td class="nowrap">{config === null ? "–" : METHOD_WORDS[config.method]}</td>
      <td class="number">{config?.seeds ?? "–"}</td>
      <td class="number nowrap">{run.step === run.steps ? run.steps : `${run.step} of ${run.steps}`}</td>
      <td class="number">{others.length > 0 ? "all" : config?.seed ?? "–"}</td>
      <td class="number nowrap">{timeUtc(run.createdAt)}</td>
      <td>
        <Sparkline values={run.spark} label={`Validation loss of ${run.name}, now ${figure(run.spark.at(-1))}`} />
      </td>
    </tr>
  );
}
