import type { Drive } from '../figures/drive.js'

export interface ByHandOptions {
  readonly url: string
  readonly users: number
}

export type ByHandCommand = 'charge' | 'issue' | 'checkout'

export interface ByHandQuestion {
  readonly command: ByHandCommand
  readonly ms: number
}

export type ByHandRun = Drive
