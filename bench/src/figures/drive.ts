import { type Latencies, latencies } from './statistics.js'

export interface Drive {
  readonly perSecond: number
  /** In milliseconds. */
  readonly latency: Latencies
  readonly count: number
}

export interface DriveOptions {
  /** Number of concurrent callers. Each sends its next request when it gets a response. */
  readonly callers: number
  readonly ms: number
}

/** Runs the tasks, of which each caller takes the next one when its last one has ended. */
export const drain = async (tasks: Iterable<() => Promise<unknown>>, callers: number): Promise<void> => {
  const rest = tasks[Symbol.iterator]()
  const call = async (): Promise<void> => {
    for (let next = rest.next(); !next.done; next = rest.next()) await next.value()
  }
  await Promise.all(Array.from({ length: callers }, call))
}

/** Runs concurrent callers for a fixed time. `ask` sends one request. */
export const drive = async (
  ask: (caller: number) => Promise<unknown>,
  { callers, ms }: DriveOptions,
): Promise<Drive> => {
  const began = performance.now()
  const until = began + ms
  const times: number[] = []
  let ended = began
  const call = async (caller: number): Promise<void> => {
    for (let asked = performance.now(); asked < until; ) {
      await ask(caller)
      ended = performance.now()
      times.push(ended - asked)
      asked = ended
    }
  }
  await Promise.all(Array.from({ length: callers }, (_, caller) => call(caller)))
  return { perSecond: (times.length / (ended - began)) * 1_000, latency: latencies(times), count: times.length }
}
