/** A sorted copy of the numbers. */
const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b)

export const median = (values: readonly number[]): number => {
  if (values.length === 0) return Number.NaN
  const inOrder = sorted(values)
  const middle = inOrder.length >> 1
  const upper = inOrder[middle] as number
  return inOrder.length % 2 === 1 ? upper : ((inOrder[middle - 1] as number) + upper) / 2
}

/** Half the range, as a share of the median. */
export const spread = (values: readonly number[]): number =>
  values.length < 2 ? 0 : (Math.max(...values) - Math.min(...values)) / 2 / median(values)

export interface Latencies {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** Percentiles by nearest rank, in the unit of the values. */
export const latencies = (values: readonly number[]): Latencies => {
  const inOrder = Float64Array.from(values).sort()
  const at = (share: number) => inOrder[Math.max(0, Math.ceil(share * inOrder.length) - 1)] ?? Number.NaN
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), max: at(1) }
}
