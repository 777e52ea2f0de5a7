import { setTimeout } from 'node:timers/promises'
import { type EventSender, relayOnce, type Shop, type Store, timeOrderedIds } from '@shop/core'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** Outcomes of idempotency keys are guaranteed for 24 hours. */
const retention = { outcomesMs: 25 * hour, sentEventsMs: 7 * 24 * hour, groupsMs: hour }

export interface KeepUp {
  readonly shop: Pick<Shop, 'upkeep'>
  /** The store of the shop. */
  readonly store: Pick<Store, 'outbox'>
  /** Delivers order events. Times out within 30 seconds. */
  readonly sender: EventSender
  /** A failed job is retried at its next interval. */
  readonly onError: (error: unknown) => void
}

/** Runs all jobs of the server's scheduler until `signal` is aborted. Safe to run in several processes. */
export const keepUp = async ({ shop, store, sender, onError }: KeepUp, signal: AbortSignal): Promise<void> => {
  const { upkeep } = shop
  const relay = { store: store.outbox, sender, newId: timeOrderedIds(), random: Math.random }
  const repeat = async (everyMs: number, job: () => Promise<unknown>) => {
    while (!signal.aborted) {
      await job().catch(onError)
      await setTimeout(everyMs, undefined, { signal }).catch(() => undefined)
    }
  }
  const untilDone = async (job: () => Promise<boolean>) => {
    while (!signal.aborted && (await job()));
  }
  await upkeep.ensureSales().catch(onError)
  await Promise.all([
    repeat(second, () => untilDone(async () => (await relayOnce(relay, signal)) > 0)),
    repeat(second, () => upkeep.flushViews()),
    repeat(5 * second, () => untilDone(async () => (await upkeep.expireOrders()) === 500)),
    // The interval at which your catalogue refreshes its popular products.
    repeat(15 * minute, () => upkeep.refreshRanking()),
    repeat(10 * minute, () => untilDone(async () => (await upkeep.purge(retention)) >= 10_000)),
  ])
}
