/**
 * The networks of a training that was interrupted, kept as checkpoints one by one, so that `--resume` trains none twice.
 * Each remembers the training that it belongs to; one of another is refused.
 * @module
 */
import {
  DataError,
  type ForecastMember,
  loadCheckpoint,
  saveState,
  type TrainForecasterOptions,
} from "@adaptrade/adaptrade";

/** Hands a training what was finished before, and keeps what it finishes. */
export interface MemberFiles {
  /** What `trainForecaster` takes of the training called `name`. */
  of(
    name: string,
    options: TrainForecasterOptions,
  ): Promise<Pick<TrainForecasterOptions, "trained" | "onMember">>;
  /** Removes what a finished run no longer needs. */
  clear(): Promise<void>;
}

/** What makes two trainings the same, as text. */
function fingerprint(
  { signal: _, onProgress: _progress, trained: _trained, onMember: _member, ...rest }: TrainForecasterOptions,
): string {
  return JSON.stringify(rest);
}

/** Keeps networks in a folder; in memory alone, that is nowhere, where nothing may be written. */
export function memberFiles(
  folder: string,
  { resume, kept }: { readonly resume: boolean; readonly kept: boolean },
): MemberFiles {
  const written: string[] = [];
  const paths = (name: string, m: number): [string, string] => {
    const path = `${folder}/multi_asset.${name}.${m + 1}`;
    return [`${path}.ckpt`, `${path}.pretrained.ckpt`];
  };
  return {
    async of(name, options) {
      const print = fingerprint(options);
      const trained: ForecastMember[] = [];
      for (let m = 0; resume && m < (options.seeds ?? 5); m++) {
        const [path, start] = paths(name, m);
        if (!await Deno.stat(start).then(() => true, () => false)) break;
        const [{ state, extra }, { state: pretrained }] = [await loadCheckpoint(path), await loadCheckpoint(start)];
        const { training, marketWide } = extra as { training: string; marketWide: boolean };
        if (training !== print) {
          throw new DataError(`Cannot resume: ${path} is of another training; run without --resume`);
        }
        trained.push({ state, pretrained, marketWide });
        written.push(path, start);
      }
      if (trained.length > 0) console.log(`Resuming: ${trained.length} networks on ${name} were trained before`);
      return {
        trained,
        onMember: async ({ state, pretrained, marketWide }, m) => {
          if (!kept) return;
          await Deno.mkdir(folder, { recursive: true });
          const [path, start] = paths(name, m);
          await saveState(path, state, { extra: { training: print, marketWide } });
          await saveState(start, pretrained);
          written.push(path, start);
        },
      };
    },
    async clear() {
      for (const path of written) await Deno.remove(path).catch(() => {});
    },
  };
}
