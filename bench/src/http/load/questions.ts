import type { Drive } from '../../figures/drive.js'

export interface LoadOptions {
  readonly secret: string
  readonly users: number
}

export type Scenario = 'issue' | 'charge' | 'charge-new-token' | 'order-and-pay' | 'top' | 'product'

export interface LoadQuestion {
  readonly scenario: Scenario
  /** Connections are distributed evenly over these ports. */
  readonly ports: readonly number[]
  readonly connections: number
  readonly ms: number
}

export type LoadRun = Drive
