import { knexConnection, knexStore } from '@shop/adapter-knex'
import * as core from '@shop/core'
import * as commandEntry from '@shop/core/commands'
import type { Ask, ShopReply } from './remote-shop.js'

type AnyVerb = Parameters<core.Shop['execute']>[0]

const commands = new Map(
  Object.values(commandEntry as Readonly<Record<string, unknown>>)
    .filter((each): each is AnyVerb => typeof each === 'object' && each !== null && 'decide' in each)
    .map((command) => [command.name, command]),
)

let now = 0
let opened: { readonly shop: core.Shop<never>; readonly end: () => Promise<void> } | undefined

const ids = core.timeOrderedIds()

const open = ({ url, policies }: Extract<Ask, { readonly do: 'open' }>): void => {
  const pool = knexConnection(url, { pool: { max: 4 } })
  const store = knexStore(pool, { clock: { now: () => now } })
  // Greater than the ids that histories use.
  const newId = () => `y-${ids()}`
  const shop = core.createShop({
    store,
    policies,
    newId,
    limits: { maxGroupSize: 4, concurrentGroups: 2, maxRetries: 12 },
  })
  opened = { shop: shop as unknown as core.Shop<never>, end: () => pool.destroy() }
}

const answer = async (ask: Ask): Promise<unknown> => {
  if (ask.do === 'open') {
    await opened?.end()
    return open(ask)
  }
  const { shop } = opened ?? {}
  if (!shop) throw new Error('no shop is open')
  now = ask.now
  if (ask.do === 'read') {
    const methods = (shop as unknown as Record<string, Record<string, (input: unknown) => unknown>>)[ask.noun]
    return methods?.[ask.method]?.(ask.input)
  }
  return shop.execute(commands.get(ask.command) as AnyVerb, ask.input, { idempotency: ask.key })
}

const failure = (error: unknown): Partial<ShopReply> => {
  if (core.isShopRefusal(error)) return { refusal: error.refusal }
  if (core.isShopUnavailable(error)) return { unavailable: { message: error.message, ambiguous: error.ambiguous } }
  return { error: error instanceof Error ? (error.stack ?? error.message) : String(error) }
}

process.on('message', async (ask: Ask) => {
  const reply = await answer(ask).then((value) => ({ value }), failure)
  process.send?.({ id: ask.id, ...reply })
})
process.on('disconnect', () => process.exit(0))
