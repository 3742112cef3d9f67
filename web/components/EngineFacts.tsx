/**
 * What an engine runs on, as figures: shared by the server's engines and the browser's.
 * @module
 */
import type { EngineInfo } from "@adaptrade/adaptrade";
import type { JSX } from "preact";
import { Facts } from "./Facts.tsx";
import { figure } from "./format.ts";

/** Limits of WebGPU and of the CPU engine as people call them; those in bytes are shown in MiB. */
const NAMES: Readonly<Record<string, readonly [name: string, bytes: boolean]>> = {
  maxStorageBufferBindingSize: ["Largest bound buffer", true],
  maxBufferSize: ["Largest buffer", true],
  maxComputeWorkgroupStorageSize: ["Memory of a workgroup", true],
  maxComputeInvocationsPerWorkgroup: ["Threads of a workgroup", false],
  maxComputeWorkgroupSizeX: ["Width of a workgroup", false],
  maxMemoryBytes: ["Most memory", true],
};

interface EngineFactsProps {
  readonly info: EngineInfo;
  /** Relative error of its self-test; left out where none was run. */
  readonly selfTest?: number | null;
}

/** The figures. */
export function EngineFacts({ info, selfTest = null }: EngineFactsProps): JSX.Element {
  const rows: readonly (readonly [name: string, value: string])[] = [
    ["Adapter", info.isFallback ? `${info.adapter}, software` : info.adapter],
    ...(info.backend === "cpu" ? [["Threads", String(info.threads)] as const] : []),
    ...(selfTest === null ? [] : [["Self-test", `gradient within ${figure(selfTest)} of float64`] as const]),
    ...Object.entries(info.limits).map(([key, value]) => {
      const [name, bytes] = NAMES[key] ?? [key, false];
      return [name, bytes ? size(value) : String(value)] as const;
    }),
  ];
  return <Facts look="facts" of={rows} />;
}

function size(bytes: number): string {
  for (const [unit, length] of [["GiB", 2 ** 30], ["MiB", 2 ** 20], ["KiB", 2 ** 10]] as const) {
    if (bytes >= length) return `${Number((bytes / length).toPrecision(4))} ${unit}`;
  }
  return `${bytes} bytes`;
}
