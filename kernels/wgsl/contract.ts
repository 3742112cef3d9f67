/**
 * What the host must know of a shader: its bindings in order, the fields of its uniform, its modules and its workgroup count.
 * Each kernel's contract stands beside its .wgsl under the same stem. It names no GPU type and holds no pipeline.
 * @module
 */

/** Numbers by field name. */
export type Fields<F extends string> = Readonly<Record<F, number>>;

/** A kernel as the host sees it: F names the uniform's fields, B the bindings. */
export interface Kernel<F extends string, B extends string> {
  /** File stem of the shader. */
  readonly stem: string;
  /** Its text, where it is generated and no file has it. */
  readonly text?: string;
  /** Stems of the modules compiled with it. */
  readonly modules: readonly string[];
  /** The uniform's fields in order; 4 bytes each. */
  readonly fields: Readonly<Record<F, "u32" | "f32">>;
  /** Storage bindings in order, from binding 1. */
  readonly bindings: Readonly<Record<B, "read" | "readWrite">>;
  /** Workgroups it needs for these sizes. */
  readonly workgroups: (sizes: Fields<NoInfer<F>>) => number;
}

/** Checks a contract's types and returns it. */
export function defineKernel<const F extends string, const B extends string>(kernel: Kernel<F, B>): Kernel<F, B> {
  return kernel;
}

/** Threads of a workgroup of the kernels that are files: their one constant. */
export const LANES = 64;

/** Most workgroups that a dispatch may have along one axis, on every adapter. */
export const MAX_GROUPS = 65535;

/** Splits workgroups over x and y, at most `most` along each; the shader's flat index is x + y · (workgroups along x). */
export function splitDispatch(workgroups: number, most: number = MAX_GROUPS): readonly [number, number] {
  if (workgroups <= most) return [workgroups, 1];
  const rows = Math.ceil(workgroups / most);
  if (rows > most) {
    throw new RangeError(`Cannot dispatch ${workgroups} workgroups: at most ${most ** 2} fit into one dispatch`);
  }
  return [Math.ceil(workgroups / rows), rows];
}

/** Workgroups of a kernel with one thread an element. */
export function perElement({ count }: Fields<"count">): number {
  return Math.ceil(count / LANES);
}
