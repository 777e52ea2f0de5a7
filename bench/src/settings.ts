/** How long and how large. */
export interface Settings {
  readonly rounds: number
  /** A turn of one contestant, in seconds. */
  readonly seconds: number
  /** Who have a wallet. */
  readonly users: number
  /** Of goal 9, in orders. */
  readonly orders: number
  /** Shares of them with which goal 9 is measured. */
  readonly shares: readonly number[]
  /** The sizes of groups that are compared. */
  readonly groupSizes: readonly number[]
  /** Of goal 10. */
  readonly soldLines: number
  /** How many products are ranked besides those of goal 10. */
  readonly rankedProducts: readonly number[]
  /** Of goal 12. */
  readonly memorySeconds: number
  /** Who ask at once for a place in the queue. */
  readonly crowd: number
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
} as const

/** Every part, each as short as it can be: shows that it works, and measures nothing worth reading. */
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
} as const
