import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createShop } from '@shop/core'
import sqlite from 'node-sqlite3-wasm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSqliteStore } from '../src/sqlite-store.js'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'custom-store-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A file that another process has locked in a transaction. */
const takenFile = async (name: string, waitMs: number) => {
  const file = join(folder, name)
  const store = await openSqliteStore(file, { waitMs, synchronous: 'off' })
  const other = new sqlite.Database(file)
  other.exec('begin immediate')
  const close = () => {
    other.close()
    store.close()
  }
  return { store, other, close }
}

test("a command waits for another process's transaction without blocking this process", async () => {
  const { store, other, close } = await takenFile('waits.db', 60_000)
  const charged = createShop({ store }).balance.charge({ userId: 'ann', amount: 10_000 })
  setTimeout(() => other.exec('commit'), 20)
  expect(await charged).toMatchObject({ balance: 10_000 })
  close()
})

test('a file that stays locked is reported as busy', async () => {
  const { store, close } = await takenFile('busy.db', 20)
  await expect(store.ping()).rejects.toMatchObject({ name: 'StoreError', kind: 'busy' })
  close()
})
