/** Durations and sizes of the benchmark. */
export interface Settings {
  readonly rounds: number
  /** Length of a round, in seconds. */
  readonly seconds: number
  /** Users with a wallet. */
  readonly users: number
  /** Existing orders of goal 9. */
  readonly orders: number
  /** Shares of these orders at which goal 9 is measured. */
  readonly shares: readonly number[]
  /** The maximum group sizes to compare. */
  readonly groupSizes: readonly number[]
  /** Sold lines of goal 10. */
  readonly soldLines: number
  /** Further numbers of products to rank, besides that of goal 10. */
  readonly rankedProducts: readonly number[]
  /** Length of the load of goal 12, in seconds. */
  readonly memorySeconds: number
  /** Concurrent callers that compete for the queue. */
  readonly crowd: number
  /** Live streams of goal 15. */
  readonly watchers: number
  readonly databaseUrl: string | undefined
  readonly profileFolder: string | undefined
  readonly outFolder: string
}

export const usual = {
  rounds: 5,
  seconds: 5,
  users: 100_000,
  orders: 1_000_000,
  shares: [0, 0.1, 1],
  groupSizes: [1, 4, 16, 64, 128, 256, 512],
  soldLines: 10_000_000,
  rankedProducts: [10_000, 100_000],
  memorySeconds: 600,
  crowd: 100_000,
  watchers: 1_000,
} as const

/** Every part as short as possible: a smoke test, not a measurement. */
export const slice = {
  rounds: 1,
  seconds: 0.2,
  users: 1_000,
  orders: 500,
  shares: [0, 1],
  groupSizes: [1, 256],
  soldLines: 2_000,
  rankedProducts: [2_000],
  memorySeconds: 1,
  crowd: 21_000,
  watchers: 50,
} as const
