import type { Drive } from '../../figures/drive.js'

export interface LoadOptions {
  readonly secret: string
  readonly users: number
}

export type Scenario = 'issue' | 'charge' | 'charge-new-token' | 'order-and-pay' | 'rush' | 'top' | 'product'

export interface LoadQuestion {
  readonly kind?: 'run'
  readonly scenario: Scenario
  /** Connections are distributed evenly over these ports. */
  readonly ports: readonly number[]
  readonly connections: number
  readonly ms: number
  /** The product of a rush, by its number; a later one once every user has ordered it. @default 1 */
  readonly product?: number | undefined
}

/** Opens live streams of a product, and closes those that are open. */
export interface WatchQuestion {
  readonly kind: 'watch'
  readonly port: number
  readonly productId: string
  readonly watchers: number
}

/** Keeps as many live streams of a product open, each for a few seconds. */
export interface ChurnQuestion extends Omit<WatchQuestion, 'kind'> {
  readonly kind: 'churn'
  readonly ms: number
}

/** How many states the streams have received since they were opened. */
export interface Watched {
  readonly states: number
}

export type LoadRun = Drive
