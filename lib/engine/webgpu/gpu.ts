/**
 * The device: buffers counted to the byte, pipelines cached by their text, errors turned into exceptions.
 * It knows no network and no loss.
 * @module
 */
import { WGSL } from "../../../kernels/sources.ts";
import { type Kernel, LANES, MAX_GROUPS } from "../../../kernels/wgsl/contract.ts";

/** A compiled kernel. */
export interface CompiledKernel {
  /** The pipeline. */
  readonly pipeline: GPUComputePipeline;
  /** Its one bind group's layout: the uniform at a dynamic offset, then the storage bindings. */
  readonly layout: GPUBindGroupLayout;
  /** Bytes of the uniform, a multiple of 16. */
  readonly uniformBytes: number;
}

/** A kernel of any fields and bindings. */
// deno-lint-ignore ban-types
export type AnyKernel = Omit<Kernel<string, string>, "workgroups"> & { readonly workgroups: Function };

/** The whole text of a shader: of a file its lanes, its modules and itself. */
function shaderSource({ text, modules, stem }: AnyKernel): string {
  return text ?? [`const LANES: u32 = ${LANES}u;`, ...modules.map((module) => WGSL[module]), WGSL[stem]].join("\n");
}

/** Pipelines kept: some dozens a program. */
const MOST_KERNELS = 4096;

/** A device with its bookkeeping. */
export class Gpu {
  readonly device: GPUDevice;
  /** Most workgroups along one axis of a dispatch. */
  readonly mostGroups: number;
  #buffers = new Map<GPUBuffer, number>();
  readonly #mostKernels: number;
  /** By text, the least recently asked for first. */
  #kernels = new Map<string, CompiledKernel>();
  #checks: Promise<void>[] = [];
  #heldBytes = 0;
  #lost: string | undefined;

  constructor(
    device: GPUDevice,
    { mostGroups = MAX_GROUPS, mostKernels = MOST_KERNELS }: { mostGroups?: number; mostKernels?: number } = {},
  ) {
    this.device = device;
    this.mostGroups = mostGroups;
    this.#mostKernels = mostKernels;
    device.lost.then(({ reason, message }) => this.#lost ??= `${reason ?? "unknown"}: ${message}`);
  }

  /** Bytes of all live buffers. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Creates a buffer of at least 4 bytes. */
  buffer(label: string, bytes: number, usage: number): GPUBuffer {
    const size = Math.max(4, Math.ceil(bytes / 4) * 4);
    return this.checked(`create the buffer ${label} of ${size} bytes`, () => {
      const buffer = this.device.createBuffer({ label, size, usage });
      this.#buffers.set(buffer, size);
      this.#heldBytes += size;
      return buffer;
    });
  }

  /** A storage buffer of `count` four-byte elements that can be written, copied and cleared. */
  storage(label: string, count: number): GPUBuffer {
    return this.buffer(label, 4 * count, GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC);
  }

  /** A buffer to read results from. */
  staging(label: string, count: number): GPUBuffer {
    return this.buffer(label, 4 * count, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  /** Frees a buffer; work already submitted still runs. */
  free(buffer: GPUBuffer): void {
    const size = this.#buffers.get(buffer);
    if (size === undefined) return;
    this.#buffers.delete(buffer);
    this.#heldBytes -= size;
    buffer.destroy();
  }

  /** Runs creating calls inside error scopes; what they report is thrown by the next {@linkcode settle}. */
  checked<T>(action: string, create: () => T): T {
    const filters = ["validation", "out-of-memory", "internal"] as const;
    for (const filter of filters) this.device.pushErrorScope(filter);
    try {
      return create();
    } finally {
      for (const _ of filters) {
        const check = this.device.popErrorScope().then((error) => {
          if (error) throw new Error(`Cannot ${action}: ${error.message}`);
        });
        check.catch(() => {}); // reported by settle
        this.#checks.push(check);
      }
    }
  }

  /** Waits for the error scopes so far; throws the first error, or that the device was lost. */
  async settle(): Promise<void> {
    const checks = this.#checks;
    this.#checks = [];
    const failed = (await Promise.allSettled(checks)).find((check) => check.status === "rejected");
    if (this.#lost !== undefined) throw new Error(`Cannot use the GPU: the device was lost (${this.#lost})`);
    if (failed) throw failed.reason;
  }

  /** The compiled kernel. */
  kernel(kernel: AnyKernel): CompiledKernel {
    const code = shaderSource(kernel);
    let compiled = this.#kernels.get(code);
    if (compiled) this.#kernels.delete(code);
    else {
      compiled = this.#compile(kernel, code);
      this.#checks.at(-1)?.catch(() => this.#kernels.delete(code));
    }
    this.#kernels.set(code, compiled);
    if (this.#kernels.size > this.#mostKernels) this.#kernels.delete(this.#kernels.keys().next().value!);
    return compiled;
  }

  #compile(kernel: AnyKernel, code: string): CompiledKernel {
    const uniformBytes = Math.ceil(Object.keys(kernel.fields).length / 4) * 16;
    const visibility = GPUShaderStage.COMPUTE;
    this.device.pushErrorScope("validation");
    const module = this.device.createShaderModule({ code });
    const check = this.device.popErrorScope().then((error) =>
      error ? this.#explain(kernel.stem, module, code) : undefined
    );
    check.catch(() => {}); // reported by settle
    this.#checks.push(check);
    return this.checked(`build the pipeline of ${kernel.stem}`, () => {
      const layout = this.device.createBindGroupLayout({
        label: kernel.stem,
        entries: [
          { binding: 0, visibility, buffer: { type: "uniform", hasDynamicOffset: true, minBindingSize: uniformBytes } },
          ...Object.values(kernel.bindings).map((access, i): GPUBindGroupLayoutEntry => ({
            binding: i + 1,
            visibility,
            buffer: { type: access === "read" ? "read-only-storage" : "storage" },
          })),
        ],
      });
      const pipeline = this.device.createComputePipeline({
        label: kernel.stem,
        layout: this.device.createPipelineLayout({ bindGroupLayouts: [layout] }),
        compute: { module, entryPoint: "main" },
      });
      return { pipeline, layout, uniformBytes };
    });
  }

  /** Throws a shader's errors with their places and its numbered text. */
  async #explain(stem: string, module: GPUShaderModule, code: string): Promise<void> {
    const { messages } = await module.getCompilationInfo();
    const places = messages.map(({ type, lineNum, linePos, message }) => `${type} ${lineNum}:${linePos} ${message}`);
    const numbered = code.split("\n").map((line, i) => `${String(i + 1).padStart(4)} ${line}`);
    throw new Error([`Cannot compile ${stem}.wgsl:`, ...places, ...numbered].join("\n"));
  }

  /** Frees everything. */
  destroy(): void {
    this.#lost ??= "the engine was disposed";
    for (const buffer of [...this.#buffers.keys()]) this.free(buffer);
    this.device.destroy();
  }
}
