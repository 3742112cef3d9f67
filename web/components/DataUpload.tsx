/**
 * Where CSV files are dropped or chosen. Files go up one after the other; each says how far it is, what was found in it, or why it
 * was refused. For islands only.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { bytes, dateUtc, percent } from "./format.ts";
import { Icon } from "./Icon.tsx";
import { sendFile } from "./send_file.ts";
import type { InspectionSummary } from "../server/data_markets.ts";

interface Upload {
  readonly key: number;
  readonly name: string;
  readonly size: number;
  /** Share sent; 1 while the server looks it over. */
  readonly sent: number;
  readonly done: { readonly id: string; readonly summary: InspectionSummary } | null;
  readonly error: string | null;
}

const MOST_BYTES = 100_000_000;

/** The drop zone and what was dropped. */
export function DataUpload(): JSX.Element {
  const uploads = useSignal<readonly Upload[]>([]);
  const over = useSignal(false);
  const replace = useSignal(false);
  const change = (key: number, news: Partial<Upload>) =>
    uploads.value = uploads.value.map((upload) => upload.key === key ? { ...upload, ...news } : upload);

  const take = async (files: readonly File[]) => {
    const first = Date.now();
    const added = files.map(({ name, size }, index): Upload => ({
      key: first + index / 1000,
      name,
      size,
      sent: 0,
      done: null,
      error: size > MOST_BYTES ? `The file is larger than ${bytes(MOST_BYTES)}.` : null,
    }));
    uploads.value = [...added, ...uploads.value].slice(0, 20);
    for (const [index, { key, name, error }] of added.entries()) {
      if (error !== null) continue;
      try {
        const path = `/api/data/upload?name=${encodeURIComponent(name)}${replace.value ? "&replace=1" : ""}`;
        const onSent = (sent: number) => change(key, { sent });
        change(key, { done: await sendFile<NonNullable<Upload["done"]>>(path, files[index], onSent), sent: 1 });
      } catch (error) {
        change(key, { error: (error as Error).message });
      }
    }
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    over.value = false;
    void take([...event.dataTransfer?.files ?? []]);
  };
  const choose = (input: HTMLInputElement) => {
    void take([...input.files ?? []]);
    input.value = "";
  };
  return (
    <section class="card stack" aria-labelledby="upload-title">
      <h2 id="upload-title">Upload CSV</h2>
      <label
        class={`drop${over.value ? " over" : ""}`}
        onDragOver={(event) => {
          event.preventDefault();
          over.value = true;
        }}
        onDragLeave={() => over.value = false}
        onDrop={drop}
      >
        <Icon name="upload" />
        <span>
          <strong>Drop files here</strong> or choose them
        </span>
        <span class="hint">
          .csv or .csv.gz, up to 100 MB, with a header like timestamp,open,high,low,close,volume
        </span>
        <input
          type="file"
          class="visually-hidden"
          accept=".csv,.gz,text/csv"
          multiple
          onChange={(event) => choose(event.currentTarget)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={replace.value}
          onChange={(event) => replace.value = event.currentTarget.checked}
        />
        <span>Replace markets of the same name</span>
      </label>
      {uploads.value.length > 0 && (
        <ul class="jobs" aria-label="Uploads" aria-live="polite">
          {uploads.value.map((upload) => <UploadItem key={upload.key} upload={upload} />)}
        </ul>
      )}
    </section>
  );
}

function UploadItem({ upload }: { readonly upload: Upload }): JSX.Element {
  const { name, size, sent, done, error } = upload;
  if (error !== null) {
    return (
      <li class="notice" data-tone="bad">
        <strong>{name}</strong> was refused. {error}
      </li>
    );
  }
  if (done !== null) {
    const { bars, interval, from, to, found, counts } = done.summary;
    const kinds = Object.entries(counts).map(([kind, count]) => `${kind} ${count}`).join(", ");
    return (
      <li class="notice" data-tone={found === 0 ? "good" : "warn"}>
        <a href={`/data/market?id=${encodeURIComponent(done.id)}`}>{name}</a> is in: {bars.toLocaleString("en")} bars of
        {" "}
        {interval}, {dateUtc(from!)} to {dateUtc(to!)}. {found === 0 ? "Nothing looks wrong." : `To look at: ${kinds}.`}
      </li>
    );
  }
  return (
    <li>
      <div class="row between">
        <span>{name}</span>
        <span class="muted small">{sent < 1 ? `${percent(sent)} of ${bytes(size)}` : "Checking every line"}</span>
      </div>
      <progress value={sent < 1 ? sent : undefined} max={1} aria-label={`Upload of ${name}`} />
    </li>
  );
}
