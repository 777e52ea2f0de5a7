import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { phasesOf } from '../src/upgrade/phases.js'
import { stageOf, type UpgradeResults, upgradeTables } from '../src/upgrade/upgrade-results.js'
import { differing } from '../src/upgrade/verify.js'

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8')

test('the page about operating has the tables of the last upgrade', () => {
  const results = JSON.parse(read('bench/results/upgrade.json')) as UpgradeResults
  expect(results.stages.length).toBeGreaterThan(0)
  expect(read('docs/operate/operating.md')).toContain(`\n${upgradeTables(results)}\n`)
})

test('phases are the statements that take locks, and a lock that is tried again begins with its first attempt', () => {
  const texts = [
    'begin',
    'lock table "shop".payments in access exclusive mode',
    'rollback to savepoint trx2',
    'lock table "shop".payments in access exclusive mode',
    'create view "shop".payments as select 1',
    'COMMIT;',
    'drop index concurrently if exists "shop".orders_open',
    'create  index concurrently orders_open on "shop".orders (user_id)',
    'drop index concurrently if exists "shop".orders_pending',
  ]
  const phases = phasesOf(texts.map((text, index) => ({ text, hasFailed: false, began: index, ended: index + 1 })))
  expect(phases).toEqual([
    { what: '0012_payments: put the view in place of the table', began: 1, ended: 6 },
    { what: 'build the index orders_open', began: 7, ended: 8 },
    { what: 'drop the index orders_pending', began: 8, ended: 9 },
  ])
})

test('a stage has the longest call that it met, and every call that failed', () => {
  const call = (what: string, began: number, ended: number) => ({ what, began, ended })
  const report = {
    began: [0, 15, 18, 31],
    slowest: [call('pay', 0, 9), call('charge', 15, 40), call('place', 18, 22), call('issue', 31, 99)],
    failed: [{ ...call('pay', 12, 13), error: 'lost' }],
    orders: {},
    charges: {},
    issues: [],
  }
  const samples = [
    { at: 20, locks: ['payments AccessExclusiveLock'], blocked: 3 },
    { at: 50, locks: ['orders ShareLock'], blocked: 9 },
  ]
  expect(stageOf({ what: 'a phase', began: 10, ended: 30 }, [report], samples)).toEqual({
    what: 'a phase',
    ms: 20,
    longestMs: 25,
    longestCall: 'charge',
    longestAfterMs: 5,
    failed: 1,
    locks: ['payments AccessExclusiveLock'],
    blocked: 3,
  })
})

test('one charge lost and another one doubled are two differences', () => {
  const told = new Map([
    ['ann', 1],
    ['bob', 1],
    ['cas', 3],
  ])
  const stored = new Map([
    ['bob', 2],
    ['cas', 3],
  ])
  expect(differing(told, stored, (one, other) => one === other)).toBe(2)
})
