import type { Moment } from '@shop/test-support/wire-proxy'
import type { Answer } from '../support/tokens.js'
import { Client } from './client.js'
import type { Scenario } from './scenarios/scenario.js'
import type { Stage } from './stage.js'
import type { Strike, Struck } from './strikes.js'

export interface Point {
  readonly scenario: Scenario
  readonly strike: Strike
  readonly moment: Moment
  readonly of: 'statements' | 'commits'
  /** Which of them, from 1, over all connections. */
  readonly nth: number
}

export interface Result {
  readonly wasHit: boolean
  /** Attempts of clients that had no definite answer. */
  readonly retries: number
  readonly violations: readonly string[]
}

interface Violation {
  readonly law: string
  readonly subject: string
}

/** A connection that was cut may still be in the pool: who borrows it hears UNAVAILABLE, and the next one is served. */
const untilServed = async (stage: Stage, attempts = 20): Promise<Answer> => {
  const answer = await stage.call('GET', '/api/admin/audit')
  return answer.status === 503 && attempts > 1 ? untilServed(stage, attempts - 1) : answer
}

const auditOf = async (stage: Stage): Promise<string[]> => {
  const { status, body } = await untilServed(stage)
  if (status !== 200) return [`the audit answered ${status}`]
  if (body.ok && body.violations.length === 0) return []
  return (body.violations as Violation[]).map((each) => `the audit: ${JSON.stringify(each)}`)
}

const pendingEvents = async (stage: Stage): Promise<number> =>
  (await stage.call('GET', '/api/admin/outbox?limit=1')).body.counts.pending

let runs = 0

/** The statements that an operation sends when nothing goes wrong. */
export const statementsOf = async (stage: Stage, scenario: Scenario): Promise<string[]> => {
  await stage.listening()
  const sent: string[] = []
  const client = new Client(stage)
  runs += 1
  const { callers } = await scenario.prepare(client, `run-${runs}`)
  stage.watch(({ moment, sql }) => {
    if (moment === 'before forward') sent.push(sql)
    return undefined
  })
  await Promise.all(callers.map((call) => call()))
  stage.watchNoMore()
  return sent
}

/** Runs the operation once, strikes at the point, and looks at everything when each client knows how it came out. */
export const runPoint = async (stage: Stage, { scenario, strike, moment, of, nth }: Point): Promise<Result> => {
  const client = new Client(stage)
  runs += 1
  const { callers, check } = await scenario.prepare(client, `run-${runs}`)
  const before = await pendingEvents(stage)
  let seen = 0
  let struck: Struck | undefined
  stage.watch((passage) => {
    if (struck || passage.moment !== moment || (of === 'commits' && passage.sql !== 'commit')) return undefined
    seen += 1
    if (seen < nth) return undefined
    struck = strike.act(stage, passage)
    return struck.wait
  })
  const violations: string[] = []
  for (const called of await Promise.allSettled(callers.map((call) => call()))) {
    if (called.status === 'rejected') violations.push(String(called.reason))
  }
  stage.watchNoMore()
  await struck?.settled
  if (!stage.isServerRunning) {
    violations.push(`the server ended by itself: ${stage.serverOutput}`)
    await stage.killServer()
  } else {
    await client.repeatAll()
    violations.push(...client.complaints, ...(await auditOf(stage)))
    const { faults, events } = await check()
    const found = (await pendingEvents(stage)) - before
    if (found !== events) violations.push(`${found} events instead of ${events}`)
    violations.push(...faults)
  }
  return { wasHit: struck !== undefined, retries: client.retries, violations }
}
