import type { Drive } from '../figures/drive.js'

export interface ByHandOptions {
  readonly url: string
  readonly users: number
}

export type ByHandVerb = 'charge' | 'issue' | 'checkout'

export interface ByHandQuestion {
  readonly verb: ByHandVerb
  readonly ms: number
}

export type ByHandRun = Drive
