/**
 * The registry of job kinds: the library's own, each loaded when a job first names it, and those of modules that were named.
 * @module
 */
import { isJobKind, type JobKind } from "./job_kind.ts";
import type { Job } from "./job.ts";

/** The module of each built-in kind. */
const BUILT_IN: Readonly<Record<string, () => Promise<object>>> = {
  metaGradient: () => import("./kinds/meta_gradient.ts"),
  marketTasks: () => import("./kinds/market_tasks.ts"),
  train: () => import("./kinds/train.ts"),
  forecast: () => import("./kinds/forecast.ts"),
  backtest: () => import("./kinds/backtest.ts"),
  trial: () => import("../search/trial_kind.ts"),
  study: () => import("../search/study/study_kind.ts"),
};

/** Finds the kind of a job. */
export type FindKind = (job: Job) => Promise<JobKind>;

function kindsOf(module: object): readonly JobKind[] {
  return Object.values(module).filter(isJobKind);
}

/** Kinds of modules by name; each must export at least one, and no name may be there twice. */
async function loadModules(modules: readonly string[]): Promise<ReadonlyMap<string, JobKind>> {
  const found = new Map<string, JobKind>();
  for (const specifier of modules) {
    const kinds = kindsOf(await import(specifier));
    if (kinds.length === 0) {
      throw new TypeError(
        `Cannot load job kinds: expected ${specifier} to export one from defineJobKind(), received none`,
      );
    }
    for (const kind of kinds) {
      if (found.has(kind.kind) || Object.hasOwn(BUILT_IN, kind.kind)) {
        throw new TypeError(`Cannot load job kinds: ${specifier} defines "${kind.kind}", which there is already`);
      }
      found.set(kind.kind, kind);
    }
  }
  return found;
}

/**
 * Opens the registry.
 *
 * @param modules Absolute specifiers of modules that export kinds of one's own.
 * @returns The search for a job's kind, which throws a `TypeError` for an unknown one or another version.
 */
export async function openKinds(modules: readonly string[]): Promise<FindKind> {
  const own = await loadModules(modules);
  return async ({ kind, version }) => {
    const found = own.get(kind) ??
      (Object.hasOwn(BUILT_IN, kind) ? kindsOf(await BUILT_IN[kind]()).find((one) => one.kind === kind) : undefined);
    if (found === undefined) {
      const known = [...Object.keys(BUILT_IN), ...own.keys()].join(", ");
      throw new TypeError(`Cannot run a job: expected kind to be one of ${known}, received "${kind}"`);
    }
    if (found.version !== version) {
      throw new TypeError(`Cannot run a job: expected version ${found.version} of ${kind} here, received ${version}`);
    }
    return found;
  };
}
