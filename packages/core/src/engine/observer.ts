import type { RefusalCode } from '../shared/refusal.js'
import type { StoreErrorKind } from '../store/store-error.js'

/**
 * Observes commands and groups, for metrics. Errors of an observer are ignored: they affect no outcome. It is called
 * synchronously, so it must be fast.
 */
export interface ExecutorObserver {
  /**
   * A call of a command has its outcome: `ok`, the code of the refusal, `unavailable` if the shop could not answer, or
   * `error` for a bug. Called once per call, refused input included, with the time in which the caller waited. Not called
   * in `shop.within(tx)`, where the outcome can still roll back.
   */
  onCommand?(call: {
    readonly command: string
    readonly ms: number
    readonly outcome: 'ok' | RefusalCode | 'unavailable' | 'error'
    readonly replayed: boolean
  }): void
  /** A group has committed. `traceparents` holds the trace contexts of its commands, of those that have one. */
  onGroup?(group: {
    readonly size: number
    readonly ms: number
    readonly hasEvents: boolean
    readonly traceparents: readonly string[]
  }): void
  /** A transaction failed without effect: the group is retried, split, or rejected. */
  onRetry?(retry: { readonly kind: StoreErrorKind; readonly size: number; readonly split: boolean }): void
}

export const notify = <Event extends keyof ExecutorObserver>(
  observer: ExecutorObserver,
  event: Event,
  fact: Parameters<NonNullable<ExecutorObserver[Event]>>[0],
): void => {
  try {
    observer[event]?.(fact as never)
  } catch {}
}
