/**
 * The networks of a training that was interrupted, kept as checkpoints one by one, so that `--resume` trains none twice.
 * Each remembers the training that it belongs to; one of another is refused.
 * @module
 */
import { type Candles, DataError } from "@adaptrade/adaptrade";
import type { ForecastMember, TrainForecasterOptions } from "@adaptrade/adaptrade/forecast";
import { loadCheckpoint } from "@adaptrade/adaptrade/methods";
import { dirname } from "node:path";
import { keepState } from "../access.ts";

/** Hands a training what was finished before, and keeps what it finishes. */
export interface MemberFiles {
  /** What `trainForecaster` takes of the training called `name` on these markets. */
  of(
    name: string,
    markets: readonly Candles[],
    options: TrainForecasterOptions,
  ): Promise<Pick<TrainForecasterOptions, "trained" | "onMember">>;
  /** Removes what a finished run no longer needs. */
  clear(): Promise<void>;
}

/** What makes two trainings the same, as text. */
function fingerprint(
  markets: readonly Candles[],
  { signal: _, onProgress: _progress, trained: _trained, onMember: _member, ...rest }: TrainForecasterOptions,
): string {
  return JSON.stringify({ markets: markets.map(({ symbol, time }) => [symbol, time.length, time[0]]), ...rest });
}

/** Keeps networks in files that begin with `stem`; in memory alone, that is nowhere, where nothing may be written. */
export function memberFiles(
  stem: string,
  { resume, kept }: { readonly resume: boolean; readonly kept: boolean },
): MemberFiles {
  const written: string[] = [];
  const paths = (name: string, m: number): [string, string] => {
    const path = `${stem}.${name}.${m + 1}`;
    return [`${path}.ckpt`, `${path}.pretrained.ckpt`];
  };
  return {
    async of(name, markets, options) {
      const print = fingerprint(markets, options);
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
          await Deno.mkdir(dirname(stem), { recursive: true });
          const [path, start] = paths(name, m);
          await keepState(path, state, { training: print, marketWide });
          await keepState(start, pretrained);
          written.push(path, start);
        },
      };
    },
    async clear() {
      for (const path of written) await Deno.remove(path).catch(() => {});
    },
  };
}
