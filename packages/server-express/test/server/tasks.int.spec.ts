import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, resolvePolicies } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'

type Connection = ReturnType<typeof knexConnection>

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

/** Does some work on the database of this test. */
const connected = async <T>(work: (knex: Connection) => Promise<T>): Promise<T> => {
  const knex = knexConnection(database.url)
  try {
    return await work(knex)
  } finally {
    await knex.destroy()
  }
}

const sql = (text: string): Promise<readonly unknown[]> => connected(async (knex) => (await knex.raw(text)).rows)

const migrated = (): Promise<void> => connected((knex) => migrate(knex))

/** Places an order whose deadline passes at once. */
const placeOverdue = (): Promise<void> =>
  connected(async (knex) => {
    const policies = resolvePolicies('standard', { order: { holdMinutes: 0.000_01 } })
    const shop = createShop({ store: knexStore(knex), policies })
    const { productId } = await shop.products.create({ name: 'Mug', price: 1, stock: 1 })
    await shop.orders.place({ userId: 'ann', products: [{ productId, quantity: 1 }] })
    await shop.close()
  })

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
    const production = { NODE_ENV: 'production', LOG_LEVEL: 'info' }
    const first = await run(['migrate'], production)
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/^applied 0001_\w+(, \d{4}_\w+)+\n$/)
    expect(await sql('select * from shop.wallets')).toEqual([])
    expect(await run(['migrate'], production)).toMatchObject({ code: 0, stdout: 'the tables are up to date\n' })
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
  test('prints the report as JSON and logs to stderr: status 0 if all laws hold, 1 if not', async () => {
    await migrated()
    const sound = await run(['audit'], { LOG_LEVEL: 'info' })
    expect([sound.code, JSON.parse(sound.stdout)]).toEqual([0, expect.objectContaining({ ok: true, violations: [] })])
    await sql(`insert into shop.wallets (user_id, balance, entries, created_at) values ('ann', 7, 0, now())`)
    expect(sound.stderr).toContain('"msg":"stopped"')
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

describe('repair', () => {
  /** A product whose count of held units is wrong: it has one safe cure. */
  const breakHeld = async (): Promise<void> => {
    await migrated()
    await placeOverdue()
    await sql('update shop.products set held = 0')
  }

  const heldOf = async () => ((await sql('select held from shop.products')) as readonly { held: unknown }[])[0]?.held

  test('cures what has one safe cure, prints it as JSON, and needs no secret in production', async () => {
    await breakHeld()
    const { code, stdout, stderr } = await run(['repair'], { NODE_ENV: 'production', LOG_LEVEL: 'info' })
    const report = JSON.parse(stdout)
    expect([code, report.ok, report.dryRun, report.left]).toEqual([0, true, false, []])
    expect(report.cures.map(({ law }: { law: string }) => law)).toContain('STOCK-HELD')
    expect(stderr).toContain('"msg":"stopped"')
    expect(await heldOf()).toBe('0')
    expect(await run(['repair', '--dry-run'])).toMatchObject({ code: 0 })
    expect(await sql('select count(*) from shop.repairs')).toEqual([{ count: String(report.cures.length) }])
  })

  test('--dry-run prints the cures, changes nothing, and ends with 1', async () => {
    await breakHeld()
    const before = await heldOf()
    const { code, stdout } = await run(['repair', '--dry-run'])
    const report = JSON.parse(stdout)
    expect([code, report.ok, report.dryRun]).toEqual([1, false, true])
    expect(report.cures.map(({ law }: { law: string }) => law)).toContain('STOCK-HELD')
    expect(await heldOf()).toBe(before)
    expect(await sql('select * from shop.repairs')).toEqual([])
  })

  test('prints what has no safe cure, and ends with 1', async () => {
    await migrated()
    await sql(`insert into shop.wallets (user_id, balance, entries, created_at) values ('ann', 7, 0, now())`)
    const { code, stdout } = await run(['repair'])
    expect([code, JSON.parse(stdout)]).toMatchObject([
      1,
      { ok: false, cures: [], left: [{ law: 'WALLET-LEDGER', subject: 'wallet ann' }] },
    ])
    expect(await sql('select balance from shop.wallets')).toEqual([{ balance: '7' }])
  })

  test('of a database without tables names the command that creates them', async () => {
    const { code, stdout, stderr } = await run(['repair'])
    expect([code === 0, stdout]).toEqual([false, ''])
    expect(stderr).toMatch(/migrate/)
  })
})

test('jobs expires overdue orders, answers no HTTP, and ends with status 0', async () => {
  await migrated()
  await placeOverdue()
  const server = start(['jobs'], { LOG_LEVEL: 'info' })
  await server.saying(/the scheduled jobs run/)
  await expect.poll(() => sql('select status from shop.orders'), { timeout: 30_000 }).toEqual([{ status: 'expired' }])
  expect(server.stdout()).not.toContain('Listening')
  expect(await servers.stop(server)).toEqual({ code: 0, signal: null })
})
