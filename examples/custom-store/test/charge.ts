// A separate program that charges one user's wallet, concurrently with others on the same file.
import { createShop } from '@shop/core'
import { openSqliteStore } from '../src/sqlite-store.js'

const [file = '', times = '0'] = process.argv.slice(2)
const store = await openSqliteStore(file, { waitMs: 60_000, synchronous: 'off' })
const shop = createShop({ store, limits: { timeoutMs: 60_000 } })
for (let time = 0; time < Number(times); time += 1) await shop.balance.charge({ userId: 'ann', amount: 10_000 })
store.close()
