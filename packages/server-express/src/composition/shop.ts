import { EventEmitter } from 'node:events'
import { createShop, type NewId } from '@shop/core'
import type { Container } from 'inversify'
import { pino } from 'pino'
import { LostHistory } from '../health/lost-history.js'
import { Metrics } from '../observability/metrics.js'
import type { ServerOptions } from '../options.js'
import { executorObserver } from './observers.js'
import { tokens as T } from './tokens.js'

/** Binds the shop and what observes it. */
export const bindShop = (container: Container, options: ServerOptions, newId: NewId): void => {
  const { limits, logger, middleware = [], guards = [], currency } = options
  container.bind(T.logger).toConstantValue(logger ?? pino({ level: 'silent' }))
  container.bind(T.commits).toConstantValue(new EventEmitter())
  container.bind(T.metrics).toResolvedValue(() => new Metrics())
  container
    .bind(T.shop)
    .toResolvedValue(
      (storage, redis, policies, metrics, commits) => {
        const observer = executorObserver(metrics, commits, options.observer)
        const store = redis?.cached(storage) ?? storage
        const layers = [...middleware, ...(redis?.middleware(storage) ?? [])]
        const executing = { observer, guards, middleware: layers, ...(limits && { limits }) }
        return createShop({ store, policies, currency, newId, ...executing })
      },
      [T.store, T.redis, T.policies, T.metrics, T.commits],
    )
    .onDeactivation((shop) => shop.close())
  container
    .bind(T.history)
    .toResolvedValue(
      (store, shop, redis, logger, metrics) =>
        store.history && new LostHistory({ shop, logger, metrics, onChange: () => redis?.forgetDatabase() }),
      [T.store, T.shop, T.redis, T.logger, T.metrics],
    )
}
