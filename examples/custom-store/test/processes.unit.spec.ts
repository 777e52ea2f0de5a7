import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { auditStore } from '@shop/core/store'
import { build } from 'tsup'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteStore } from '../src/sqlite-store.js'

const packageFolder = fileURLToPath(new URL('..', import.meta.url))
let folder: string

beforeAll(async () => {
  // Inside the package, so that its imports resolve.
  folder = await mkdtemp(join(packageFolder, 'node_modules', '.processes-'))
  await build({
    entry: [join(packageFolder, 'test/charge.ts')],
    outDir: folder,
    format: ['esm'],
    target: 'node20',
    config: false,
    silent: true,
    noExternal: [/^@shop\//],
    external: ['node-sqlite3-wasm'],
    esbuildOptions: (options) => {
      options.conditions = ['@shop/source']
    },
    outExtension: () => ({ js: '.mjs' }),
  })
}, 60_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

test('three processes charge one wallet in a new file concurrently and lose nothing', {
  timeout: 120_000,
}, async () => {
  const file = join(folder, 'shop.db')
  const charge = () => promisify(execFile)(process.execPath, [join(folder, 'charge.mjs'), file, '10'])
  await Promise.all([charge(), charge(), charge()])
  const store = await openSqliteStore(file)
  expect(await store.reads.wallet('ann')).toMatchObject({ found: { balance: 300_000, entries: 30 } })
  expect((await auditStore(store)).violations).toEqual([])
  store.close()
})
