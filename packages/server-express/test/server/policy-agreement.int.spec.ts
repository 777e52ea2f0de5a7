import { resolvePolicies } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { fingerprintOf } from '../../src/health/policy-agreement.js'
import type { DatabaseUrlOptions } from '../../src/index.js'
import { type OpenServer, openServer } from '../redis/support/open-server.js'

let database: FreshDatabase
beforeAll(async () => {
  database = await freshDatabase()
})
afterAll(() => database.drop())

const serve = async (policies: DatabaseUrlOptions['policies'] = {}): Promise<OpenServer> => {
  const server = await openServer({ databaseUrl: database.url, databasePool: 2, scheduler: false, policies })
  onTestFinished(() => server.close())
  return server
}

const readiness = async ({ url }: OpenServer) => {
  const response = await fetch(`${url}/readyz`)
  const { status, checks } = (await response.json()) as { status: string; checks: { policies?: unknown } }
  return { code: response.status, status, policies: checks.policies }
}
const audit = async ({ call }: OpenServer) => {
  const { body } = await call('GET', '/api/admin/audit')
  return { ok: body.ok, violations: body.violations }
}

const agreed = { code: 200, status: 'up', policies: undefined }
const differing = {
  code: 200,
  status: 'degraded',
  policies: { status: 'degraded', detail: 'servers on this database have other policies' },
}
const warning = 'servers on this database have other policies'
const slow = { timeout: 30_000, interval: 250 }

test('servers with other policies on one database say so: in the log once, in readiness, in the audit; until one has ended', async () => {
  const [standard, twin] = [await serve(), await serve()]
  await expect.poll(() => audit(standard), slow).toEqual({ ok: true, violations: [] })
  expect(await readiness(standard)).toEqual(agreed)

  const other = await serve({ charge: { minimum: 7 } })
  const [own, others] = [resolvePolicies(), resolvePolicies('standard', { charge: { minimum: 7 } })].map(fingerprintOf)
  const violation = { law: 'POLICIES-AGREE', subject: 'servers', expected: own, actual: [others] }
  await expect.poll(() => readiness(other), slow).toEqual(differing)
  // The data is as it should be.
  expect(await audit(standard)).toEqual({ ok: true, violations: [violation] })
  for (const server of [standard, twin, other]) {
    await expect.poll(() => readiness(server), slow).toEqual(differing)
    expect(server.logged('warn')).toEqual([warning])
  }

  await other.close()
  expect(await audit(standard)).toEqual({ ok: true, violations: [] })
  await expect.poll(() => readiness(twin), slow).toEqual(agreed)
  expect(twin.logged('info')).toContain('all servers on this database have the same policies')
  expect(twin.logged('warn')).toEqual([warning])
}, 120_000)

test('policies have one fingerprint, however they were put together', () => {
  const [preset, laid] = [
    resolvePolicies('standard'),
    resolvePolicies('standard', { charge: resolvePolicies().charge }),
  ]
  expect(fingerprintOf(laid)).toBe(fingerprintOf(preset))
  expect(fingerprintOf(preset)).toMatch(/^[0-9a-f]{16}$/)
  expect(fingerprintOf(resolvePolicies('take-at-payment'))).not.toBe(fingerprintOf(preset))
})
