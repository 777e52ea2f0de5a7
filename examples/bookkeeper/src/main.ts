import { createShop } from '@shop/core'
import { inMemoryStore } from '@shop/core/in-memory'
import { dayOf } from '@shop/core/store'
import { printed, trade } from './books.js'

const shop = createShop({ store: inMemoryStore() })
const from = dayOf(Date.now(), shop.policies.ranking.timeZone)
await trade(shop, new Date(Date.now() + 86_400_000))
console.log(printed(await shop.statement({ from, to: dayOf(Date.now(), shop.policies.ranking.timeZone) })))
console.log((await shop.audit()).ok ? 'No law is broken.' : 'Some laws are broken: see shop.audit().')
await shop.close()
