import { setTimeout } from 'node:timers/promises'
import type { Moment, Passage } from '@shop/test-support/wire-proxy'
import type { Stage } from './stage.js'

export interface Struck {
  /** The statement's message, or its answer, waits for this. */
  readonly wait?: Promise<unknown>
  /** Resolves when everything is up again. */
  readonly settled: Promise<unknown>
}

/** Something that goes wrong on the wire: where, and what. */
export interface Strike {
  readonly name: string
  /** At each of these of every statement in turn. */
  readonly moments: readonly Moment[]
  /** And at each of these of every commit. */
  readonly momentsOfCommits: readonly Moment[]
  act(stage: Stage, passage: Passage): Struck
}

/** A server that answers before its statement is through gets the time to do so, and is found out. */
const temptationMs = 30

export const serverKilled: Strike = {
  name: 'server killed',
  moments: ['before forward', 'after forward', 'after the reply'],
  momentsOfCommits: ['before the reply'],
  act(stage, { moment, cut }) {
    if (moment !== 'before forward') return { settled: stage.killServer() }
    const settled = setTimeout(temptationMs).then(() => {
      const again = stage.killServer()
      cut()
      return again
    })
    return { wait: settled, settled }
  },
}

export const backendTerminated: Strike = {
  name: 'backend terminated',
  moments: ['before forward', 'after forward'],
  momentsOfCommits: ['before the reply', 'after the reply'],
  act(stage, { backend = 0 }) {
    const settled = stage.terminateBackend(backend)
    return { wait: settled, settled }
  },
}

export const postgresCrashed: Strike = {
  name: 'Postgres crashed',
  moments: ['after forward'],
  momentsOfCommits: ['before forward', 'before the reply'],
  act: (stage) => ({ settled: stage.crashPostgres() }),
}

/** Of a commit: it is never sent; it is sent, and nobody waits for it; it is done, and its answer is lost. */
export const connectionCut: Strike = {
  name: 'connection cut',
  moments: ['before forward', 'after forward'],
  momentsOfCommits: ['before the reply'],
  act(_, { moment, cut }) {
    if (moment === 'before forward') {
      const settled = setTimeout(temptationMs).then(cut)
      return { wait: settled, settled }
    }
    cut()
    return { settled: Promise.resolve() }
  },
}
