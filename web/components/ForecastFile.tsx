/**
 * The way to forecast a file of one's own: it is uploaded as the data page does, and its forecasts are shown at once. For islands.
 * @module
 */
import { useSignal } from "@preact/signals";
import type { JSX } from "preact";
import { Icon } from "./Icon.tsx";
import { sendFile } from "./send_file.ts";

/** The button; `then` is told the id of the market that the file became. */
export function ForecastFile({ then }: { readonly then: (id: string) => void }): JSX.Element {
  const sent = useSignal<number | null>(null);
  const refused = useSignal<{ readonly file: File; readonly words: string } | null>(null);
  const send = async (file: File, replace: boolean) => {
    [sent.value, refused.value] = [0, null];
    try {
      const path = `/api/data/upload?name=${encodeURIComponent(file.name)}${replace ? "&replace=1" : ""}`;
      const { id } = await sendFile<{ id: string }>(path, file, (share) => sent.value = share);
      then(id);
    } catch (error) {
      refused.value = { file, words: (error as Error).message };
    }
    sent.value = null;
  };
  const choose = (input: HTMLInputElement) => {
    const [file] = input.files ?? [];
    input.value = "";
    if (file !== undefined) void send(file, false);
  };
  const exists = refused.value?.words.startsWith("There is a market") === true;
  return (
    <div class="field">
      <span>A file of yours</span>
      <label class="button">
        <Icon name="upload" />
        {sent.value === null ? "Forecast a CSV" : sent.value < 1 ? "Sending" : "Checking every line"}
        <input
          type="file"
          class="visually-hidden"
          accept=".csv,.gz,text/csv"
          disabled={sent.value !== null}
          onChange={(event) => choose(event.currentTarget)}
        />
      </label>
      {refused.value !== null && (
        <div class="notice" data-tone="bad" role="alert">
          <p>{exists ? "A market of that name is there already." : refused.value.words}</p>
          {exists && (
            <button type="button" class="button" onClick={() => send(refused.value!.file, true)}>
              Put this file in its place
            </button>
          )}
        </div>
      )}
    </div>
  );
}
