import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@shop/test-support/child'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bundle, bundleServer } from '../support/server-process.js'

const page = readFileSync(new URL('../../../../docs/operate/tenants.md', import.meta.url), 'utf8')
const blocks = (language: string): readonly string[] =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)\`\`\`$`, 'gm'))].map(([, text = '']) => text)

let bundle: Bundle
let europe: FreshDatabase
let asia: FreshDatabase
const folder = mkdtempSync(join(tmpdir(), 'shop-tenants-page-'))

beforeAll(async () => {
  ;[bundle, europe, asia] = await Promise.all([bundleServer(), freshDatabase(), freshDatabase()])
})
afterAll(async () => {
  rmSync(folder, { recursive: true, force: true })
  await Promise.all([bundle.remove(), europe.drop(), asia.drop()])
})

test('the commands of the page create two shops, sell in one, and move the other', { timeout: 90_000 }, async () => {
  const port = await freePort()
  writeFileSync(join(folder, 'shops.json'), blocks('json')[0] ?? '', { mode: 0o600 })
  writeFileSync(join(folder, 'token.mjs'), blocks('js')[0] ?? '')
  writeFileSync(join(folder, 'shop-server'), `#!/bin/sh\nexec '${process.execPath}' '${bundle.main}' "$@"\n`)
  chmodSync(join(folder, 'shop-server'), 0o755)
  const [start = '', add = '', sell = '', move = ''] = blocks('sh')
  const [list = '', moved = ''] = blocks('text')
  const script = [
    `trap 'kill $(jobs -p); wait' EXIT`,
    start,
    `until curl -sf http://localhost:${port}/readyz > /dev/null; do kill -0 $! || exit 1; sleep 0.1; done`,
    add,
    'echo --- sell',
    sell,
    'echo; echo --- move',
    move.replace('move books', 'move books --wait 0'),
  ].join('\n')
  const { stdout } = await promisify(execFile)(
    'bash',
    ['-c', script.replaceAll('localhost:3000', `localhost:${port}`)],
    {
      cwd: folder,
      env: {
        PATH: `${folder}:${process.env['PATH']}`,
        PORT: String(port),
        LOG_LEVEL: 'error',
        EUROPE_DATABASE_URL: europe.url,
        ASIA_DATABASE_URL: asia.url,
      },
    },
  )
  expect(stdout).toContain('created books in the schema books of europe\n')
  expect(stdout).toContain('created music in the schema music of asia\n')
  expect(stdout).toContain(list)
  const [, sold = ''] = stdout.split('--- sell\n')
  expect(sold).toMatch(/"productId":"record".*"status":"pending".*"products":\[\],"page":0/s)
  expect(sold.trim()).toContain(blocks('json')[1]?.trim())
  const stamp = /\d{14}/
  expect(stdout.split('--- move\n')[1]?.replace(stamp, '')).toBe(moved.replace(stamp, '').replaceAll('10 s', '0 s'))
  const { rows } = await asia.knex.raw(
    `select nspname from pg_namespace where nspname in ('books', 'music') order by 1`,
  )
  expect(rows.map(({ nspname }: { nspname: string }) => nspname)).toEqual(['books', 'music'])
})
