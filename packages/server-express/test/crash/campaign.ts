import type { Moment } from '@shop/test-support/wire-proxy'
import type { ApiResponse } from '../support/tokens.js'
import { Client } from './client.js'
import type { Fault, InjectedFault } from './faults.js'
import type { Scenario } from './scenarios/scenario.js'
import type { TestSystem } from './test-system.js'

export interface FaultPoint {
  readonly scenario: Scenario
  readonly fault: Fault
  readonly moment: Moment
  readonly of: 'statements' | 'commits'
  /** Number of the statement, from 1, over all connections. */
  readonly nth: number
}

export interface PointResult {
  readonly wasHit: boolean
  /** Client attempts without a definite response. */
  readonly retries: number
  readonly violations: readonly string[]
}

interface Violation {
  readonly law: string
  readonly subject: string
}

/** A cut connection may still be in the pool. Its next borrower gets UNAVAILABLE, and the one after that succeeds. */
const untilServed = async (system: TestSystem, attempts = 20): Promise<ApiResponse> => {
  const answer = await system.call('GET', '/api/admin/audit')
  return answer.status === 503 && attempts > 1 ? untilServed(system, attempts - 1) : answer
}

const auditOf = async (system: TestSystem): Promise<string[]> => {
  const { status, body } = await untilServed(system)
  if (status !== 200) return [`the audit answered ${status}`]
  if (body.ok && body.violations.length === 0) return []
  return (body.violations as Violation[]).map((each) => `the audit: ${JSON.stringify(each)}`)
}

const pendingEvents = async (system: TestSystem): Promise<number> =>
  (await system.call('GET', '/api/admin/outbox?limit=1')).body.counts.pending

let runs = 0

/** The statements that an operation sends without a fault. */
export const statementsOf = async (system: TestSystem, scenario: Scenario): Promise<string[]> => {
  await system.listening()
  const sent: string[] = []
  const client = new Client(system)
  runs += 1
  const { callers } = await scenario.prepare(client, `run-${runs}`)
  system.watch(({ moment, sql }) => {
    if (moment === 'before forward') sent.push(sql)
    return undefined
  })
  await Promise.all(callers.map((call) => call()))
  system.unwatch()
  return sent
}

/** Runs the operation once, injects the fault at the point, and checks everything once each client knows its result. */
export const runPoint = async (
  system: TestSystem,
  { scenario, fault, moment, of, nth }: FaultPoint,
): Promise<PointResult> => {
  const client = new Client(system)
  runs += 1
  const { callers, check } = await scenario.prepare(client, `run-${runs}`)
  const before = await pendingEvents(system)
  let seen = 0
  let injected: InjectedFault | undefined
  system.watch((passage) => {
    if (injected || passage.moment !== moment || (of === 'commits' && passage.sql !== 'commit')) return undefined
    seen += 1
    if (seen < nth) return undefined
    injected = fault.inject(system, passage)
    return injected.wait
  })
  const violations: string[] = []
  for (const called of await Promise.allSettled(callers.map((call) => call()))) {
    if (called.status === 'rejected') violations.push(String(called.reason))
  }
  system.unwatch()
  await injected?.settled
  if (!system.isServerRunning) {
    violations.push(`the server ended by itself: ${system.serverOutput}`)
    await system.killServer()
  } else {
    await client.repeatAll()
    violations.push(...client.violations, ...(await auditOf(system)))
    const { mismatches, events } = await check()
    const found = (await pendingEvents(system)) - before
    if (found !== events) violations.push(`${found} events instead of ${events}`)
    violations.push(...mismatches)
  }
  return { wasHit: injected !== undefined, retries: client.retries, violations }
}
