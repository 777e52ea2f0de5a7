import { knexConnection, migrate } from '@shop/adapter-knex'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'

const servers = serverStarter()
let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const start = (args: readonly string[], environment: Record<string, string> = {}) =>
  servers.start({ DATABASE_URL: database.url, LOG_LEVEL: 'warn', ...environment }, args)

/** Runs a task to its end. */
const run = async (args: readonly string[], environment?: Record<string, string>) => {
  const started = start(args, environment)
  const { code } = await started.ended
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

/** Runs SQL on the database of this test. */
const sql = async <Row>(text: string): Promise<readonly Row[]> => {
  const knex = knexConnection(database.url, { pool: { max: 1 } })
  try {
    return (await knex.raw(text)).rows
  } finally {
    await knex.destroy()
  }
}

const migrated = async (): Promise<void> => {
  const knex = knexConnection(database.url, { pool: { max: 1 } })
  try {
    await migrate(knex)
  } finally {
    await knex.destroy()
  }
}

describe('the arguments', () => {
  test('--help and --version print to stdout and leave the settings alone', async () => {
    const help = await run(['--help'], { PORT: 'x' })
    expect([help.code, help.stderr]).toEqual([0, ''])
    expect(help.stdout).toMatch(/^Usage: shop-server /)
    expect(await run(['--version'], { PORT: 'x' })).toMatchObject({ code: 0, stderr: '' })
  })

  test.each([[['--no-such-option']], [['no-such-command']], [['migrate', 'no-such-command']]])(
    '%j is refused with status 64 before the settings are read',
    async (args) => {
      const stderr = `unknown argument ${args.at(-1)}: see shop-server --help\n`
      expect(await run(args, { PORT: 'x' })).toEqual({ code: 64, stdout: '', stderr })
    },
  )
})

describe('migrate', () => {
  test('creates the tables once, and needs no secret in production', async () => {
    const production = { NODE_ENV: 'production' }
    const first = await run(['migrate'], production)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toMatch(/^applied 0001_\w+(, \d{4}_\w+)+\n$/)
    expect(await sql('select * from shop.wallets')).toEqual([])
    expect(await run(['migrate'], production)).toEqual({ code: 0, stdout: 'the tables are up to date\n', stderr: '' })
  })

  test('names the variable of a database that does not answer', async () => {
    const url = new URL(database.url)
    url.pathname = '/no_such_database'
    const { code, stderr } = await run(['migrate'], { DATABASE_URL: url.href })
    expect(code).toBe(78)
    expect(stderr).toMatch(/^DATABASE_URL [^\n]+\n$/)
  })
})

describe('audit', () => {
  test('prints the report as JSON: status 0 if all laws hold, 1 if not', async () => {
    await migrated()
    const sound = await run(['audit'])
    expect([sound.code, JSON.parse(sound.stdout)]).toEqual([0, expect.objectContaining({ ok: true, violations: [] })])
    await sql(`insert into shop.wallets (user_id, balance, entries, created_at) values ('ann', 7, 0, now())`)
    const broken = await run(['audit'])
    expect([broken.code, JSON.parse(broken.stdout)]).toMatchObject([1, { ok: false }])
    expect(broken.stdout).toContain('ann')
  })

  test('of a database without tables names the command that creates them', async () => {
    const { code, stdout, stderr } = await run(['audit'])
    expect([code === 0, stdout]).toEqual([false, ''])
    expect(stderr).toMatch(/migrate/)
  })
})

test('jobs expires overdue orders, answers no HTTP, and ends with status 0', async () => {
  await migrated()
  const server = start(['jobs'], { LOG_LEVEL: 'info' })
  await server.saying(/the scheduled jobs run/)
  expect(server.stdout()).not.toContain('Listening')
  expect(await servers.stop(server)).toEqual({ code: 0, signal: null })
})
