/**
 * A pool on paper: jobs that pass a coordinator, a broker, a link and one of many workers, each of which takes its time for one
 * after another. It knows no network but by its bytes a millisecond, and nothing fails.
 * @module
 */
import { random } from "../lib/net/random.ts";

/** What a pool is made of. */
export interface PoolModel {
  /** Workers, each one job at a time. */
  readonly workers: number;
  /** Jobs in all. */
  readonly jobs: number;
  /** What a job takes on its worker on average, ms; drawn exponentially, the worst case of a queue. */
  readonly jobMs: number;
  /** Processor time of the coordinator a job, ms; half of it before, half of it after. */
  readonly coordinatorMs: number;
  /** Processor time of the broker a job, ms, likewise. */
  readonly brokerMs: number;
  /** Processor time of the worker's process a job beside the job itself, ms. */
  readonly workerMs: number;
  /** Bytes that cross the broker's link a job, each way. */
  readonly bytes: number;
  /** Bytes that its link takes a millisecond. */
  readonly bytesPerMs: number;
  /** Jobs that the coordinator has queued at most. */
  readonly atOnce: number;
}

/** What it comes to. */
export interface PoolCourse {
  /** Whole time, ms. */
  readonly ms: number;
  /** Share of the time that each was busy. */
  readonly busy: Readonly<Record<"coordinator" | "broker" | "link" | "workers", number>>;
  /** Which of them was busiest. */
  readonly limit: string;
}

/** A heap of times with what comes then, the earliest first. */
class Events {
  readonly #times: number[] = [];
  readonly #stages: number[] = [];

  get size(): number {
    return this.#times.length;
  }

  add(time: number, stage: number): void {
    let i = this.#times.length;
    this.#times.push(time);
    this.#stages.push(stage);
    for (let up = (i - 1) >> 1; i > 0 && this.#times[up] > this.#times[i]; i = up, up = (i - 1) >> 1) this.#swap(i, up);
  }

  take(): { readonly time: number; readonly stage: number } {
    const [time, stage] = [this.#times[0], this.#stages[0]];
    const last = this.#times.length - 1;
    this.#swap(0, last);
    this.#times.pop();
    this.#stages.pop();
    for (let i = 0;;) {
      const [left, right] = [2 * i + 1, 2 * i + 2];
      const least = right < last && this.#times[right] < this.#times[left] ? right : left;
      if (left >= last || this.#times[i] <= this.#times[least]) break;
      this.#swap(i, least);
      i = least;
    }
    return { time, stage };
  }

  #swap(i: number, j: number): void {
    [this.#times[i], this.#times[j]] = [this.#times[j], this.#times[i]];
    [this.#stages[i], this.#stages[j]] = [this.#stages[j], this.#stages[i]];
  }
}

/** Runs it: every job passes coordinator, broker, link, worker, link, broker, coordinator; each serves in order of arrival. */
export function simulatePool(model: PoolModel, seed = 1): PoolCourse {
  const { workers, jobs, jobMs, coordinatorMs, brokerMs, workerMs, bytes, bytesPerMs, atOnce } = model;
  const stream = random(seed);
  const stations = { coordinator: coordinatorMs / 2, broker: brokerMs / 2, link: bytes / bytesPerMs / 2 };
  const way = ["coordinator", "broker", "link", "workers", "link", "broker", "coordinator"] as const;
  const free = { coordinator: 0, broker: 0, link: 0 };
  const used = { coordinator: 0, broker: 0, link: 0, workers: 0 };
  const events = new Events();
  let [idle, waiting, begun, done, now] = [workers, 0, 0, 0, 0];
  const begin = (): void => {
    idle--;
    const takes = workerMs - jobMs * Math.log(1 - stream.uniform());
    used.workers += takes;
    events.add(now + takes, 4);
  };
  for (; begun < Math.min(atOnce, jobs); begun++) events.add(0, 0);
  while (events.size > 0) {
    const { time, stage } = events.take();
    now = time;
    if (stage === 4) {
      idle++;
      if (waiting > 0) {
        waiting--;
        begin();
      }
    }
    if (stage === way.length) {
      done++;
      if (begun < jobs) {
        begun++;
        events.add(now, 0);
      }
      continue;
    }
    const at = way[stage];
    if (at === "workers") {
      if (idle > 0) begin();
      else waiting++;
      continue;
    }
    free[at] = Math.max(free[at], now) + stations[at];
    used[at] += stations[at];
    events.add(free[at], stage + 1);
  }
  if (done !== jobs) throw new Error(`${done} of ${jobs} jobs were done`);
  const busy = {
    coordinator: used.coordinator / now,
    broker: used.broker / now,
    link: used.link / now,
    workers: used.workers / now / workers,
  };
  const [[limit]] = Object.entries(busy).sort(([, a], [, b]) => b - a);
  return { ms: now, busy, limit };
}
