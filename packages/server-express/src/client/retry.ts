/** How often and how long a request is tried again. */
export interface RetryOptions {
  /** Further attempts after the first; 0 is none. */
  readonly attempts: number
  /** Before the first of them, about; doubled each time. */
  readonly firstPauseMs: number
  /** The longest pause. Where the server asks for more, its answer is given to the caller instead. */
  readonly longestPauseMs: number
}

export const defaultRetry: RetryOptions = { attempts: 4, firstPauseMs: 200, longestPauseMs: 10_000 }

export type Fetch = (request: Request) => Promise<Response>

/** Time and chance, as a test wants to hold them. */
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

/** What Retry-After asks for, in milliseconds: seconds or a date. */
const askedPause = (response: Response, now: number): number | undefined => {
  const text = response.headers.get('retry-after')?.trim()
  if (!text) return undefined
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1_000
  const date = Date.parse(text)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

const isTransient = ({ status }: Response): boolean => status === 503 || status === 429

/**
 * A fetch that tries again after 503, 429 and a lost connection, and after nothing else; every attempt is the same
 * request with the same headers, its Idempotency-Key included. Pauses grow, with jitter, and are never shorter than
 * Retry-After asks. An abort ends it at once.
 */
export const retrying = (fetch: Fetch, retry: RetryOptions, world: RetryWorld = systemWorld): Fetch => {
  const backOff = (attempt: number): number =>
    Math.min(retry.longestPauseMs, retry.firstPauseMs * 2 ** attempt) * (0.5 + world.random() / 2)

  return async (request) => {
    for (let attempt = 0; ; attempt += 1) {
      const isLast = attempt >= retry.attempts
      let pauseMs = backOff(attempt)
      try {
        const response = await fetch(isLast ? request : request.clone())
        if (isLast || !isTransient(response)) return response
        const askedMs = askedPause(response, world.now()) ?? 0
        if (askedMs > retry.longestPauseMs) return response
        pauseMs = Math.max(pauseMs, askedMs)
        await response.body?.cancel()
      } catch (error) {
        // fetch says so with a TypeError where it got no answer; anything else is not about the connection.
        if (isLast || request.signal.aborted || !(error instanceof TypeError)) throw error
      }
      await world.pause(pauseMs, request.signal)
    }
  }
}
