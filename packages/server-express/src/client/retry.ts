/** How often a request is retried, and with which delays. */
export interface RetryOptions {
  /** Number of retries after the first attempt. 0 turns retries off. */
  readonly attempts: number
  /** Approximate delay before the first retry. Doubles with each retry. */
  readonly firstPauseMs: number
  /** Maximum delay. If the server asks for more, the caller gets its response instead of a retry. */
  readonly longestPauseMs: number
}

export const defaultRetry: RetryOptions = { attempts: 4, firstPauseMs: 200, longestPauseMs: 10_000 }

export type Fetch = (request: Request) => Promise<Response>

/** Clock, timers and randomness, replaceable in tests. */
export interface RetryWorld {
  pause(ms: number, signal: AbortSignal): Promise<void>
  /** Between 0 and 1. */
  random(): number
  /** Milliseconds since 1970. */
  now(): number
}

export const systemWorld: RetryWorld = {
  pause: (ms, signal) =>
    new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer)
        reject(signal.reason)
      }
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', stop)
        resolve()
      }, ms)
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    }),
  random: () => Math.random(),
  now: () => Date.now(),
}

/** The delay that Retry-After requests, in milliseconds. The header holds seconds or a date. */
const askedPause = (response: Response, now: number): number | undefined => {
  const text = response.headers.get('retry-after')?.trim()
  if (!text) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const isTransient = ({ status }: Response): boolean => status === 503 || status === 429

/**
 * Wraps fetch with retries after 503, 429 and connection errors, and nothing else. Every attempt sends the same
 * request with the same headers, including its Idempotency-Key. Delays grow exponentially with jitter and
 * honour Retry-After. An abort ends the retries immediately.
 */
export const retrying = (fetch: Fetch, retry: RetryOptions, world: RetryWorld = systemWorld): Fetch => {
  const backoffDelay = (attempt: number): number =>
    Math.min(retry.longestPauseMs, retry.firstPauseMs * 2 ** attempt) * (0.5 + world.random() / 2)

  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      const isLast = attempt >= retry.attempts
      let pauseMs = backoffDelay(attempt)
      try {
        const response = await fetch(isLast ? request : request.clone())
        if (isLast || !isTransient(response)) return response
        const askedMs = askedPause(response, world.now()) ?? 0
        if (askedMs > retry.longestPauseMs) return response
        pauseMs = Math.max(pauseMs, askedMs)
        await response.body?.cancel()
      } catch (error) {
        // fetch throws a TypeError if it gets no response. Other errors are not connection errors.
        if (isLast || request.signal.aborted || !(error instanceof TypeError)) throw error
      }
      await world.pause(pauseMs, request.signal)
    }
  }
}
