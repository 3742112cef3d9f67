/**
 * A recording: dispatches, copies and clears, recorded once and encoded as often as wanted, their uniforms in one buffer.
 * It holds no data; the buffers it names belong to whoever built it.
 * @module
 */
import { type Fields, type Kernel, splitDispatch } from "../../../kernels/wgsl/contract.ts";
import type { AnyKernel, CompiledKernel, Gpu } from "./gpu.ts";

type Command =
  | {
    readonly kind: "dispatch";
    readonly compiled: CompiledKernel;
    readonly buffers: readonly GPUBuffer[];
    readonly slot: number;
    readonly groups: readonly [number, number];
  }
  | { readonly kind: "copy"; readonly from: Span; readonly to: Span; readonly count: number }
  | { readonly kind: "clear"; readonly span: Span; readonly count: number };

/** A place in a buffer, counted in four-byte elements. */
export interface Span {
  /** The buffer. */
  readonly buffer: GPUBuffer;
  /** First element. */
  readonly at: number;
}

/** What a dispatch works on. */
export interface Work<F extends string, B extends string> {
  /** A buffer for each binding. */
  readonly buffers: Readonly<Record<B, GPUBuffer>>;
  /** A number for each field of the uniform. */
  readonly sizes: Fields<F>;
}

/** Records commands, then encodes them. */
export class Recording {
  readonly #gpu: Gpu;
  readonly #commands: Command[] = [];
  readonly #uniforms: ArrayBuffer[] = [];
  readonly #stride: number;
  #uniform: GPUBuffer | undefined;
  #sealed: ((encoder: GPUCommandEncoder) => void)[] = [];

  constructor(gpu: Gpu) {
    this.#gpu = gpu;
    this.#stride = Math.max(256, gpu.device.limits.minUniformBufferOffsetAlignment);
  }

  /** Dispatches recorded so far. */
  get dispatches(): number {
    return this.#uniforms.length;
  }

  /** Records a dispatch; none if the kernel has nothing to do. */
  run<F extends string, B extends string>(kernel: Kernel<F, B>, work: Work<F, B>): void {
    const workgroups = kernel.workgroups(work.sizes);
    if (workgroups === 0) return;
    const uniform = new ArrayBuffer(this.#stride);
    const view = new DataView(uniform);
    (Object.entries(kernel.fields) as [F, "u32" | "f32"][]).forEach(([name, type], i) => {
      if (type === "u32") view.setUint32(4 * i, work.sizes[name], true);
      else view.setFloat32(4 * i, work.sizes[name], true);
    });
    this.#commands.push({
      kind: "dispatch",
      compiled: this.#gpu.kernel(kernel as AnyKernel),
      buffers: (Object.keys(kernel.bindings) as B[]).map((name) => work.buffers[name]),
      slot: this.#uniforms.push(uniform) - 1,
      groups: splitDispatch(workgroups, this.#gpu.mostGroups),
    });
  }

  /** Records a copy of `count` elements. */
  copy(from: Span, to: Span, count: number): void {
    this.#commands.push({ kind: "copy", from, to, count });
  }

  /** Records setting `count` elements to zero. */
  clear(span: Span, count: number): void {
    this.#commands.push({ kind: "clear", span, count });
  }

  /** Uploads the uniforms and binds the buffers; nothing can be recorded afterwards. */
  seal(): void {
    const gpu = this.#gpu;
    const bytes = new Uint8Array(this.#stride * Math.max(1, this.#uniforms.length));
    this.#uniforms.forEach((uniform, i) => bytes.set(new Uint8Array(uniform), i * this.#stride));
    const buffer = gpu.buffer("uniforms", bytes.length, GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST);
    this.#uniform = buffer;
    gpu.device.queue.writeBuffer(buffer, 0, bytes);
    const groups = new Map<CompiledKernel, { buffers: readonly GPUBuffer[]; group: GPUBindGroup }[]>();
    const bind = (compiled: CompiledKernel, buffers: readonly GPUBuffer[]): GPUBindGroup => {
      const known = groups.get(compiled) ?? [];
      groups.set(compiled, known);
      const found = known.find((entry) => entry.buffers.every((one, i) => one === buffers[i]));
      if (found) return found.group;
      const group = gpu.checked("bind a kernel's buffers", () =>
        gpu.device.createBindGroup({
          layout: compiled.layout,
          entries: [
            { binding: 0, resource: { buffer, size: compiled.uniformBytes } },
            ...buffers.map((one, i) => ({ binding: i + 1, resource: { buffer: one } })),
          ],
        }));
      known.push({ buffers, group });
      return group;
    };
    this.#sealed = this.#steps(bind);
  }

  #steps(
    bind: (compiled: CompiledKernel, buffers: readonly GPUBuffer[]) => GPUBindGroup,
  ): ((encoder: GPUCommandEncoder) => void)[] {
    const steps: ((encoder: GPUCommandEncoder) => void)[] = [];
    let inPass: ((pass: GPUComputePassEncoder) => void)[] = [];
    const flush = (): void => {
      const dispatches = inPass;
      inPass = [];
      if (dispatches.length === 0) return;
      steps.push((encoder) => {
        const pass = encoder.beginComputePass();
        for (const dispatch of dispatches) dispatch(pass);
        pass.end();
      });
    };
    for (const command of this.#commands) {
      if (command.kind === "dispatch") {
        const { compiled: { pipeline }, slot, groups: [x, y] } = command;
        const group = bind(command.compiled, command.buffers);
        const offset = [slot * this.#stride];
        inPass.push((pass) => {
          pass.setPipeline(pipeline);
          pass.setBindGroup(0, group, offset);
          pass.dispatchWorkgroups(x, y);
        });
        continue;
      }
      flush();
      if (command.kind === "copy") {
        const { from, to, count } = command;
        steps.push((encoder) => encoder.copyBufferToBuffer(from.buffer, 4 * from.at, to.buffer, 4 * to.at, 4 * count));
      } else {
        const { span, count } = command;
        steps.push((encoder) => encoder.clearBuffer(span.buffer, 4 * span.at, 4 * count));
      }
    }
    flush();
    return steps;
  }

  /** Encodes everything recorded and submits it as one command buffer. */
  submit(): void {
    this.#gpu.checked("run commands on the GPU", () => {
      const encoder = this.#gpu.device.createCommandEncoder();
      for (const step of this.#sealed) step(encoder);
      this.#gpu.device.queue.submit([encoder.finish()]);
    });
  }

  /** Frees the uniforms. */
  free(): void {
    if (this.#uniform) this.#gpu.free(this.#uniform);
    this.#uniform = undefined;
  }
}
