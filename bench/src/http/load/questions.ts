import type { Drive } from '../../figures/drive.js'
import type { Share } from '../../library/workloads.js'

export interface LoadOptions {
  readonly secret: string
  readonly users: number
}

export type Scenario =
  | 'issue'
  | 'issue-drop'
  | 'charge'
  | 'charge-new-token'
  | 'order-and-pay'
  | 'order-drop'
  | 'rush'
  | 'top'
  | 'product'

export interface LoadQuestion {
  readonly kind?: 'run'
  readonly scenario: Scenario
  /** Connections are distributed evenly over these ports. */
  readonly ports: readonly number[]
  readonly connections: number
  readonly ms: number
  /** The product of a rush, by its number; a later one once every user has ordered it. @default 1 */
  readonly product?: number | undefined
  /** Whether each server gets only the requests of its own rows. @default false */
  readonly isRouted?: boolean | undefined
}

/** What a scenario may know of the request to send. */
export interface Asked {
  readonly product?: number | undefined
  /** The rows of the server at the other end. @default all rows */
  readonly share?: Share | undefined
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
