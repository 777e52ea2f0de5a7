/** Calls `work` at most once in `ms`, however many ask: they share what comes of it. A failure is not kept. */
export const sharedFor = <T>(ms: number, work: () => Promise<T>): (() => Promise<T>) => {
  let shared: Promise<T> | undefined
  const forget = () => {
    shared = undefined
  }
  return () => {
    if (!shared) {
      shared = work()
      shared.then(() => setTimeout(forget, ms).unref(), forget)
    }
    return shared
  }
}
