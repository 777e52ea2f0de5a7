import { randomUUID } from 'node:crypto'
import { createShopClient, type ShopClient } from '@shop/server-express/client'
import type { Sale } from './arguments.js'
import { endingOf, inParallel, openCounter } from './buyers.js'
import { type Measured, Meter } from './meter.js'

/** Callbacks that report progress. */
export interface Watcher {
  preparing(done: number, of: number): void
  selling(meter: Meter, of: number): void
}

export interface Result extends Measured {
  /** Whether the number of winners is the smaller of quantity and buyers. */
  readonly soldAll: boolean
  /** Violations in the server's own audit after the sale. */
  readonly violations: number
}

const tokenOf = async (sale: Sale): Promise<string | undefined> => {
  if (sale.token !== undefined) return sale.token
  const { token } = await createShopClient({ baseUrl: sale.baseUrl }).post('/api/demo/sign-in', {
    body: { userId: 'administrator' },
  })
  return token ?? undefined
}

const connect = async (sale: Sale): Promise<ShopClient> => {
  const token = await tokenOf(sale)
  return createShopClient({ baseUrl: sale.baseUrl, token: () => token })
}

/** Runs all buyers, then audits every law of the server. */
export const runSale = async (sale: Sale, watcher: Watcher): Promise<Result> => {
  const { buyers, concurrency, quantity } = sale
  const client = await connect(sale)
  const counter = await openCounter(client, sale)
  const saleId = randomUUID().slice(0, 8)
  const buyer = (index: number) => `flash-${saleId}-${index}`

  let prepared = 0
  await inParallel(buyers, concurrency, async (index) => {
    await counter.prepare(buyer(index))
    prepared += 1
    watcher.preparing(prepared, buyers)
  })

  const meter = new Meter(buyers)
  await inParallel(buyers, concurrency, async (index) => {
    await meter.time(() => endingOf(counter.buy(buyer(index))))
    watcher.selling(meter, buyers)
  })
  const measured = meter.finish()
  const { violations } = await client.get('/api/admin/audit')
  return { ...measured, soldAll: measured.won === Math.min(quantity, buyers), violations: violations.length }
}
