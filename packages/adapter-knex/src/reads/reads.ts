import type { Reads } from '@shop/core'
import type { Database } from '../database/database.js'
import { catalogReads } from './catalog-reads.js'
import { couponReads } from './coupon-reads.js'
import { eventReads } from './event-reads.js'
import { orderReads } from './order-reads.js'
import { walletReads } from './wallet-reads.js'

export const readsOn = (database: Database): Reads => ({
  ...walletReads(database),
  ...catalogReads(database),
  ...couponReads(database),
  ...orderReads(database),
  ...eventReads(database),
})
