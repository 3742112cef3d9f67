/**
 * Runs one kernel on its own: buffers in, buffers out. A test compares what comes back with the formula on the CPU.
 */
import type { Fields, Kernel } from "../../../kernels/wgsl/contract.ts";
import { Recording } from "../../../lib/engine/webgpu/recording.ts";
import { random } from "../../../lib/net/random.ts";
import { sharedGpu } from "./shared_engine.ts";

type Numbers = Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer>;

/** Uploads, dispatches once and reads every writable buffer back. */
export async function runKernel<F extends string, B extends string>(
  kernel: Kernel<F, B>,
  work: { buffers: Record<B, Numbers>; sizes: Fields<F> },
): Promise<Record<string, Float32Array>> {
  const gpu = await sharedGpu();
  const names = Object.keys(kernel.bindings) as B[];
  const buffers = Object.fromEntries(names.map((name) => {
    const buffer = gpu.storage(name, work.buffers[name].length);
    gpu.device.queue.writeBuffer(buffer, 0, work.buffers[name]);
    return [name, buffer];
  })) as Record<B, GPUBuffer>;
  const recording = new Recording(gpu);
  recording.run(kernel, { buffers, sizes: work.sizes });
  const written = names.filter((name) => kernel.bindings[name] === "readWrite");
  const staging = written.map((name) => {
    const buffer = gpu.staging(name, work.buffers[name].length);
    recording.copy({ buffer: buffers[name], at: 0 }, { buffer, at: 0 }, work.buffers[name].length);
    return buffer;
  });
  recording.seal();
  recording.submit();
  await gpu.settle();
  const read: Record<string, Float32Array> = {};
  for (const [i, name] of written.entries()) {
    await staging[i].mapAsync(GPUMapMode.READ);
    read[name] = new Float32Array(staging[i].getMappedRange().slice(0));
    staging[i].unmap();
  }
  for (const buffer of [...Object.values<GPUBuffer>(buffers), ...staging]) gpu.free(buffer);
  recording.free();
  return read;
}

/** Normal numbers from a seed. */
export function normals(length: number, seed: number): Float32Array<ArrayBuffer> {
  const stream = random(seed);
  return Float32Array.from({ length }, () => stream.normal());
}
