import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'
import { linesOf } from '../support/tenants-command.js'

const servers = serverStarter()
let a: FreshDatabase
let b: FreshDatabase
let file: string

const write = (shops: object): void =>
  writeFileSync(file, JSON.stringify({ databases: { a: '$A_URL', b: b.url }, shops }), { mode: 0o600 })

beforeEach(async () => {
  ;[a, b] = await Promise.all([freshDatabase(), freshDatabase()])
  file = join(servers.folder, 'shops.json')
  write({})
})
afterEach(() => Promise.all([a.drop(), b.drop()]))

const start = (words: readonly string[], environment: Record<string, string> = {}) =>
  servers.start({ SHOP_TENANTS: file, A_URL: a.url, LOG_LEVEL: 'warn', ...environment }, ['tenants', ...words])

const run = async (words: readonly string[], environment?: Record<string, string>) => {
  const started = start(words, environment)
  const { code } = await started.ended
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

test('a shop is created and listed', async () => {
  const created = await run(['create', 'books', '--database', 'a', '--preset', 'one-call', '--currency', 'USD'])
  expect(created).toMatchObject({ code: 0, stdout: 'created books in the schema books of a\n' })
  expect(JSON.parse(readFileSync(file, 'utf8')).shops).toEqual({
    books: { database: 'a', schema: 'books', preset: 'one-call', currency: 'USD' },
  })
  const { stdout } = await run(['list'])
  expect(stdout).toMatch(/^SHOP +DATABASE +SCHEMA +SIZE +STATE\nbooks +a +books +\d\.\d MB +up to date\n$/)
})

// On a slow machine, each program takes seconds to start.
test('a migration goes on where a run was killed, and ends early on a signal', { timeout: 180_000 }, async () => {
  const schemas = Array.from({ length: 6 }, (_, index) => `s${index}`)
  write(Object.fromEntries(schemas.map((schema) => [schema, { database: 'a', schema }])))
  const has = (schema: string) => async () =>
    (await a.knex.raw(`select from pg_namespace where nspname = '${schema}'`)).rows.length
  const killed = start(['migrate', '--concurrency', '1'])
  await expect.poll(has('s1'), { timeout: 60_000 }).toBe(1)
  killed.child.kill('SIGKILL')
  await killed.ended
  const stopped = start(['migrate', '--concurrency', '1'])
  await expect.poll(has('s2'), { timeout: 60_000 }).toBe(1)
  expect((await servers.stop(stopped)).code).toBe(143)
  expect(stopped.stdout()).toMatch(/ not begun: run it again to go on\n$/)
  const { code, stdout } = await run(['migrate'])
  expect(code).toBe(0)
  const [, ran = '', before = ''] = /^migrated (\d), up to date before (\d), failed 0\n$/.exec(stdout) ?? []
  expect([Number(ran) + Number(before), Number(before) >= 3]).toEqual([6, true])
  const listed = linesOf((await run(['list', '--json'])).stdout)
  expect(listed.map(({ shop, pending }) => [shop, pending])).toEqual(schemas.map((schema) => [schema, []]))
})

test('a file that is not named is a wrong setting', async () => {
  const { code, stderr } = await run(['list'], { SHOP_TENANTS: '' })
  expect([code, stderr]).toEqual([78, 'SHOP_TENANTS must be set: it names the file of the shops\n'])
})
