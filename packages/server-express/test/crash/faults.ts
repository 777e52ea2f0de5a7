import { setTimeout } from 'node:timers/promises'
import type { Moment, Passage } from '@shop/test-support/wire-proxy'
import type { TestSystem } from './test-system.js'

export interface InjectedFault {
  /** The statement's message, or its response, waits for this promise. */
  readonly wait?: Promise<unknown>
  /** Resolves when everything runs again. */
  readonly settled: Promise<unknown>
}

/** A fault on the wire: its moment and its kind. */
export interface Fault {
  readonly name: string
  /** The moments of every statement to inject the fault at. */
  readonly moments: readonly Moment[]
  /** The moments of every commit to inject the fault at. */
  readonly momentsOfCommits: readonly Moment[]
  inject(system: TestSystem, passage: Passage): InjectedFault
}

/** Gives a server that responds before its statement completes the time to do so, and reports it. */
const earlyResponseMs = 30

export const serverKilled: Fault = {
  name: 'server killed',
  moments: ['before forward', 'after forward', 'after the reply'],
  momentsOfCommits: ['before the reply'],
  inject(system, { moment, cut }) {
    if (moment !== 'before forward') return { settled: system.killServer() }
    const settled = setTimeout(earlyResponseMs).then(() => {
      const again = system.killServer()
      cut()
      return again
    })
    return { wait: settled, settled }
  },
}

export const backendTerminated: Fault = {
  name: 'backend terminated',
  moments: ['before forward', 'after forward'],
  momentsOfCommits: ['before the reply', 'after the reply'],
  inject(system, { backend = 0 }) {
    const settled = system.terminateBackend(backend)
    return { wait: settled, settled }
  },
}

export const postgresCrashed: Fault = {
  name: 'Postgres crashed',
  moments: ['after forward'],
  momentsOfCommits: ['before forward', 'before the reply'],
  inject: (system) => ({ settled: system.crashPostgres() }),
}

/** Faults of a commit: never sent; sent, with nothing waiting for it; done, with the response lost. */
export const connectionCut: Fault = {
  name: 'connection cut',
  moments: ['before forward', 'after forward'],
  momentsOfCommits: ['before the reply'],
  inject(_, { moment, cut }) {
    if (moment === 'before forward') {
      const settled = setTimeout(earlyResponseMs).then(cut)
      return { wait: settled, settled }
    }
    cut()
    return { settled: Promise.resolve() }
  },
}
