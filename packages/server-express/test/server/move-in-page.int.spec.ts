import { readFileSync } from 'node:fs'
import { knexConnection, knexStore, migrate } from '@shop/adapter-knex'
import { createShop, type ImportOptions } from '@shop/core'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, test } from 'vitest'

const page = readFileSync(new URL('../../../../docs/start/move-in.md', import.meta.url), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\`\`\`$`, 'gm'))].map(([, text = '']) => text)

const lines = (blocks('json')[0] ?? '').trimEnd().split('\n')
const [dryOutput, output] = blocks('text')

let database: FreshDatabase
let knex: ReturnType<typeof knexConnection>

beforeAll(async () => {
  database = await freshDatabase()
  knex = knexConnection(database.url)
  await migrate(knex)
})
afterAll(async () => {
  await knex.destroy()
  await database.drop()
})

/** Imports, and resolves with what the program prints. */
const printed = async (file: readonly string[], options?: ImportOptions): Promise<string> => {
  const told: string[] = []
  const { imported, skipped, bad, audit } = await createShop({ store: knexStore(knex) }).import(file, {
    ...options,
    onBadLine: ({ line, reason }) => told.push(`line ${line}: ${reason}\n`),
  })
  const end = audit ? `\naudit: ${audit.ok ? 'every law holds' : 'broken'}\n` : ' (dry run: nothing is written)\n'
  return `${told.join('')}imported ${imported}, skipped ${skipped}, bad ${bad}${end}`
}

test('a dry run of the lines of the page tells of a wrong price', async () => {
  const wrong = lines.map((line) => line.replace('"price":40000', '"price":-40000'))
  expect(await printed(wrong, { dryRun: true })).toBe(dryOutput)
})

test('the lines of the page are imported', async () => {
  expect(await printed(lines)).toBe(output)
  const again = await printed(lines)
  expect(again).toContain(`imported 0, skipped ${lines.length}, bad 0`)
})

test('the query of the page makes lines', async () => {
  await database.knex.raw(`create table members (id int, points bigint)`)
  await database.knex.raw(`insert into members values (91, 700), (92, 0)`)
  const { rows } = await database.knex.raw(blocks('sql')[0] ?? '')
  const made = rows.map((row: Record<string, unknown>) => JSON.stringify(Object.values(row)[0]))
  expect(await printed(made)).toContain('imported 2, skipped 0, bad 0')
  const { rows: entries } = await database.knex.raw(
    `select user_id, amount, reference from shop.wallet_entries where user_id like 'member-%' order by 1`,
  )
  expect(entries).toEqual([
    { user_id: 'member-91', amount: '700', reference: 'old-shop-91' },
    { user_id: 'member-92', amount: '0', reference: 'old-shop-92' },
  ])
})
