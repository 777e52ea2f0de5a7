import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { serverStarter } from '../support/server-starter.js'

const servers = serverStarter()
let database: FreshDatabase

beforeEach(async () => {
  database = await freshDatabase()
})
afterEach(() => database.drop())

const start = (args: readonly string[], environment: Record<string, string> = {}, input = '') =>
  servers.start({ DATABASE_URL: database.url, LOG_LEVEL: 'warn', ...environment }, ['import', ...args], input)

/** Runs an import to its end. */
const run = async (args: readonly string[], environment: Record<string, string> = {}, input = '') => {
  const started = start(args, environment, input)
  const { code } = await started.ended
  return { code, stdout: started.stdout(), stderr: started.stderr() }
}

const file = async (lines: readonly (object | string)[]): Promise<string> => {
  const path = join(servers.folder, 'shop.ndjson')
  await writeFile(path, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return path
}

/** What it printed of bad lines: a slow machine gets lines of progress, too. */
const badLines = ({ stderr }: { readonly stderr: string }) =>
  stderr.split('\n').filter((line) => /^line \d+: (?!imported)/.test(line))

const rows = async (sql: string): Promise<readonly unknown[]> => (await database.knex.raw(sql)).rows

const sound = 'audit: every law holds\n'
const coupon = {
  type: 'coupon',
  discount: { kind: 'fixed', amount: 1 },
  validUntil: '2020-01-01T00:00:00Z',
  validFrom: '2019-01-01T00:00:00Z',
  name: 'C',
}
const small = [
  { type: 'user', userId: 'mina', balance: 2_500_000, reference: 'old-1' },
  { type: 'product', productId: 'mug', name: 'Mug', price: 700, stock: 12 },
  { ...coupon, couponId: 'c', quantity: 1 },
  { type: 'issued-coupon', couponId: 'c', userId: 'mina' },
]

describe('an import', () => {
  test('makes the tables, needs no secret in production, and skips everything the second time', async () => {
    const path = await file(small)
    const production = { NODE_ENV: 'production' }
    expect(await run([path], production)).toEqual({
      code: 0,
      stdout: `imported 4, skipped 0, bad 0\n${sound}`,
      stderr: '',
    })
    expect(await run([path], production)).toMatchObject({ code: 0, stdout: `imported 0, skipped 4, bad 0\n${sound}` })
    expect(await rows('select kind, amount, balance, reference from shop.wallet_entries')).toEqual([
      { kind: 'opening', amount: '2500000', balance: '2500000', reference: 'old-1' },
    ])
    expect(await rows('select issued from shop.coupons')).toEqual([{ issued: '1' }])
  })

  test('prints bad lines with their numbers, goes on, and ends with 65', async () => {
    const path = await file([small[0] ?? '', '', '{"type":', { ...small[0], balance: 1 }, ...small.slice(1)])
    const ended = await run([path])
    expect(ended).toMatchObject({ code: 65, stdout: `imported 4, skipped 0, bad 2\n${sound}` })
    expect(badLines(ended)).toEqual([
      'line 3: is not JSON',
      'line 4: user mina already exists with another opening balance',
    ])
  })

  test('without DATABASE_URL says that it fills the embedded Postgres', async () => {
    const path = await file(small)
    const { code, stderr } = await run([path], { DATABASE_URL: '', SHOP_DATA_DIR: join(servers.folder, 'data') })
    expect([code, JSON.parse(stderr.split('\n')[0] ?? '')]).toMatchObject([
      0,
      { dataDir: join(servers.folder, 'data'), msg: expect.stringContaining('DATABASE_URL is not set') },
    ])
  })

  test('prints names of fields without control characters, and not without end', async () => {
    const path = await file([
      { type: 'user', userId: 'mina', '\u001b[2J\nline 9: fake': 1 },
      { type: 'user', userId: 'mina', ['x'.repeat(9_000)]: 1 },
    ])
    const { stderr } = await run([path, '--dry-run'])
    expect(stderr).toMatch(/^line 1: \ufffd\[2J\ufffdline 9: fake is not known here\nline 2: x{499}…\n$/)
  })

  test('--dry-run counts the same and writes nothing', async () => {
    const path = await file([...small, small[0] ?? '', '{'])
    const dry = await run([path, '--dry-run'])
    expect(dry).toEqual({
      code: 65,
      stdout: 'imported 4, skipped 1, bad 1 (dry run: nothing is written)\n',
      stderr: 'line 6: is not JSON\n',
    })
    expect(await rows('select user_id from shop.wallets union all select product_id from shop.products')).toEqual([])
    expect(await run([path])).toMatchObject({ code: 65, stdout: `imported 4, skipped 1, bad 1\n${sound}` })
  })

  test('reads the standard input', async () => {
    const input = `${JSON.stringify(small[0])}\n${JSON.stringify(small[1])}`
    expect(await run(['-'], {}, input)).toMatchObject({ code: 0, stdout: `imported 2, skipped 0, bad 0\n${sound}` })
  })

  test('ends with 66 if the file cannot be read, before it looks for a database', async () => {
    await mkdir(join(servers.folder, 'folder'))
    for (const [name, reason] of [
      ['none.ndjson', 'none.ndjson cannot be read: ENOENT'],
      ['folder', 'folder cannot be read: it is a folder'],
    ] as const) {
      const { code, stdout, stderr } = await run([name], { DATABASE_URL: 'postgres://127.0.0.1:1/none' })
      expect([code, stdout]).toEqual([66, ''])
      expect(stderr).toContain(reason)
    }
  })

  test('ends with 1 and the broken laws if the data is unsound at the end', async () => {
    const path = await file(small)
    await run([path])
    await rows(`update shop.wallets set balance = balance + 1`)
    const { code, stdout } = await run([path])
    expect([code, stdout]).toEqual([
      1,
      'imported 0, skipped 4, bad 0\naudit: WALLET-LEDGER is broken for wallet mina\n',
    ])
  })

  test('ends with 1 and the totals if the database refuses to write, and goes on when it runs again', async () => {
    const path = await file(small)
    await run([path, '--dry-run'])
    await rows(`create function refuse() returns trigger language plpgsql as $$ begin
      raise exception 'the disk is full' using errcode = '53100'; end $$`)
    await rows('create trigger refuse before insert on shop.coupons execute function refuse()')
    const { code, stdout, stderr } = await run([path])
    expect({ code, stdout }).toEqual({ code: 1, stdout: 'imported 0, skipped 0, bad 0\n' })
    expect(stderr).toContain('the import ended early: run it again to go on\n')
    await rows('drop trigger refuse on shop.coupons')
    expect(await run([path])).toMatchObject({ code: 0, stdout: expect.stringContaining(sound) })
  })

  test('of tables that are not up to date is refused where SHOP_MIGRATE is off', async () => {
    const { code, stderr } = await run([await file(small)], { SHOP_MIGRATE: 'off' })
    expect(code).toBe(78)
    expect(stderr).toContain('SHOP_MIGRATE is off')
  })
})

describe('an import that ends early', () => {
  const count = 16_000
  /** Users, coupons that some of them have, and now and then a bad line. */
  const shop = [
    ...Array.from({ length: count }, (_, n) => [
      ...(n % 4_000 === 7 ? ['{'] : []),
      { type: 'user', userId: `u${n}`, balance: (n * 7_919) % 100_000, ...(n % 3 === 0 && { reference: `old-${n}` }) },
      ...(n % 8_000 === 0 ? [{ ...coupon, couponId: `c${n / 8_000}`, quantity: 300 }] : []),
      ...(n % 10 === 0 ? [{ type: 'issued-coupon', couponId: `c${Math.floor(n / 8_000)}`, userId: `u${n}` }] : []),
    ]).flat(),
    { type: 'product', productId: 'mug', name: 'Mug', price: 700, stock: 12 },
  ]

  const data = async () =>
    Promise.all(
      [
        'select user_id, balance, entries from shop.wallets order by 1',
        'select user_id, sequence, kind, amount, balance, reference from shop.wallet_entries order by 1, 2',
        'select coupon_id, issued from shop.coupons order by 1',
        'select coupon_id, user_id from shop.issued_coupons order by 1, 2',
        'select product_id, stock from shop.products',
      ].map(rows),
    )

  /** Resolves once the tables have so many users. */
  const untilUsers = async (wanted: number): Promise<void> => {
    const find = `select case when to_regclass('shop.wallets') is null then 0
      else (xpath('/row/n/text()', query_to_xml('select count(*) as n from shop.wallets', false, true, '')))[1]::text::int end as users`
    for (;;) {
      const [found] = (await rows(find)) as readonly { readonly users: number }[]
      if ((found?.users ?? 0) >= wanted) return
      // The import needs the processor.
      await pause(10)
    }
  }

  /** Of three intervals of the file, one random number of users each. */
  const points = Array.from({ length: 3 }, (_, n) => Math.floor(((n + Math.random()) * (count - 4_000)) / 3))

  test('by kill -9 at random points, and runs again, leaves the data of one that does not', {
    timeout: 180_000,
  }, async () => {
    console.log(`killed after ${points.join(', ')} users`)
    const path = await file(shop)
    const control = await run([path])
    const due = await data()
    await rows('drop schema shop cascade')
    for (const wanted of points) {
      const killed = start([path])
      await untilUsers(wanted)
      killed.child.kill('SIGKILL')
      await killed.ended
    }
    const last = await run([path])
    expect([control.code, last.code, badLines(last)]).toEqual([65, 65, badLines(control)])
    expect(last.stdout).toContain(sound)
    expect(await data()).toEqual(due)
    const [, imported, skipped, bad] = /imported (\d+), skipped (\d+), bad (\d+)/.exec(last.stdout) ?? []
    const [, whole, , wholeBad] = /imported (\d+), skipped (\d+), bad (\d+)/.exec(control.stdout) ?? []
    expect([Number(imported) + Number(skipped), bad]).toEqual([Number(whole), wholeBad])
    expect(Number(skipped)).toBeGreaterThanOrEqual(points.at(-1) ?? 0)
  })

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)(
    'by %s ends with %i after what it has begun, and goes on when it runs again',
    { timeout: 120_000 },
    async (signal, status) => {
      const path = await file(shop)
      const stopped = start([path])
      await untilUsers(1)
      stopped.child.kill(signal)
      const { code } = await stopped.ended
      const [, imported = ''] = /^imported (\d+), skipped 0, bad \d+\n$/.exec(stopped.stdout()) ?? []
      expect([code, stopped.stderr()]).toEqual([status, expect.stringContaining('run the import again to go on')])
      const made =
        '(select count(*) from shop.wallets) + (select count(*) from shop.coupons) + (select count(*) from shop.issued_coupons)'
      expect(await rows(`select ${made} as made`)).toEqual([{ made: imported }])
      expect(Number(imported)).toBeLessThan(count)
      expect((await run([path])).stdout).toContain(`skipped ${imported}, `)
    },
  )
})
