/**
 * Shares work in flight: a call that arrives while `work` runs for the same key gets its result or its error. Nothing is
 * kept afterwards. The result can be older than the call; if that matters, use `coalesce`.
 */
export const singleFlight = <T, Input = void>(
  work: (input: Input) => Promise<T>,
  keyOf: (input: Input) => unknown = (input) => input,
): ((input: Input) => Promise<T>) => {
  const inFlight = new Map<unknown, Promise<T>>()
  return (input) => {
    const key = keyOf(input)
    const running = inFlight.get(key)
    if (running) return running
    const started = work(input).finally(() => inFlight.delete(key))
    inFlight.set(key, started)
    return started
  }
}
