/** Caches the result of `work` for `ms`, and coalesces concurrent calls. Failures are not cached. */
export const cachedFor = <T>(ms: number, work: () => Promise<T>): (() => Promise<T>) => {
  let cached: Promise<T> | undefined
  const forget = () => {
    cached = undefined
  }
  return () => {
    if (!cached) {
      cached = work()
      cached.then(() => setTimeout(forget, ms).unref(), forget)
    }
    return cached
  }
}
