import { defaultRelayOptions, type EventSender, type NewId, type RelayOptions } from '@shop/core'
import type { Container } from 'inversify'
import { defaultTimeoutMs } from '../data-platform/timeout.js'
import { demoReceiver } from '../demo/demo-receiver.js'
import type { DataPlatformOptions, ServerOptions } from '../options.js'
import { Scheduler } from '../scheduler/scheduler.js'
import { nowOf } from './now.js'
import { jobObserver } from './observers.js'
import { tokens as T } from './tokens.js'

/** An attempt that outlives its lease would be made by another server, too. */
export const checkLease = (timeoutMs: number, relay: Partial<RelayOptions> | undefined): void => {
  const { leaseMs } = { ...defaultRelayOptions, ...relay }
  if (timeoutMs >= leaseMs) throw new RangeError(`timeoutMs (${timeoutMs}) must be below relay.leaseMs (${leaseMs})`)
}

const senderOf = async (dataPlatform: DataPlatformOptions): Promise<EventSender> => {
  if (dataPlatform.sender) return dataPlatform.sender
  checkLease(dataPlatform.timeoutMs ?? defaultTimeoutMs, dataPlatform.relay)
  const { httpSender } = await import('../data-platform/http-sender.js')
  return httpSender(dataPlatform)
}

/** With demo data, events flow even if nobody else receives them. */
const receiverOf = ({ dataPlatform, demoData }: ServerOptions): DataPlatformOptions | undefined =>
  dataPlatform ?? (demoData ? { sender: demoReceiver } : undefined)

const bindRelay = (container: Container, options: ServerOptions, newId: NewId): void => {
  const dataPlatform = receiverOf(options)
  if (!dataPlatform) {
    container.bind(T.relay).toConstantValue(undefined)
    return
  }
  container.bind(T.relay).toResolvedValue(
    async (store, metrics) => ({
      store: store.outbox,
      sender: await senderOf(dataPlatform),
      newId,
      random: Math.random,
      onAttempt: (event, sent) => metrics.onAttempt(event, sent),
      ...(dataPlatform.relay && { options: dataPlatform.relay }),
    }),
    [T.store, T.metrics],
  )
}

/** Binds the scheduled jobs, unless other servers run them. */
export const bindJobs = (container: Container, options: ServerOptions, newId: NewId): void => {
  if (options.scheduler === false) {
    container.bind(T.scheduler).toConstantValue(undefined)
    return
  }
  bindRelay(container, options, newId)
  const isFenced = !('store' in options) || options.locks !== undefined
  const now = nowOf(options)
  container
    .bind(T.scheduler)
    .toResolvedValue(
      (shop, locks, relay, logger, metrics, commits) => {
        const observer = jobObserver(metrics, options.observer)
        const scheduler = new Scheduler({ shop, locks, isFenced, relay, logger, observer, now, enabled: options.jobs })
        commits.on('events', () => scheduler.run('relay'))
        return scheduler
      },
      [T.shop, T.locks, T.relay, T.logger, T.metrics, T.commits],
    )
    .onDeactivation((scheduler) => scheduler?.stop())
}
