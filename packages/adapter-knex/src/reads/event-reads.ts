import { type EventStatus, eventStatuses } from '@shop/core'
import type { Reads } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { fromInstant, prepared } from '../database/statement.js'
import { events, historyLosses } from '../rows/row-maps.js'
import { oneOf, type PageKey, page, pageKey, pageValues, variants } from './read.js'

export const eventReads = ({ names, query }: Database): Pick<Reads, 'events' | 'eventCounts' | 'historyLosses'> => {
  const list = variants((key: `${EventStatus | 'any'} ${PageKey}`) => {
    const [status, which] = key.split(' ') as [EventStatus | 'any', PageKey]
    return `select ${events.list('e')} from ${names.events} e where ${status === 'any' ? 'true' : `e.status = '${status}'`}
${page({ time: 'e.at', id: 'e.event_id', first: 1, isFirst: which === 'first' })}`
  })
  const losses = variants((key: `${'open' | 'any'} ${PageKey}`) => {
    const [which, pages] = key.split(' ') as ['open' | 'any', PageKey]
    return `select ${historyLosses.list('l')} from ${names.history_losses} l
where ${which === 'open' ? 'l.acknowledged_at is null' : 'true'}
${page({ time: 'l.detected_at', id: 'l.loss_id', first: 1, isFirst: pages === 'first' })}`
  })
  const counts = prepared(
    `select count(*) filter (where e.status = 'pending'), count(*) filter (where e.status = 'sent'),
       count(*) filter (where e.status = 'dead'), ${fromInstant(`min(e.at) filter (where e.status = 'pending')`)}
     from ${names.events} e`,
  )
  return {
    async events({ status, ...place }) {
      const rows = await query(list(`${oneOf(eventStatuses, status)} ${pageKey(place)}`), pageValues(place))
      return rows.map((row) => events.read(row))
    },
    async historyLosses({ open, ...place }) {
      const rows = await query(losses(`${open ? 'open' : 'any'} ${pageKey(place)}`), pageValues(place))
      return rows.map((row) => historyLosses.read(row))
    },
    async eventCounts() {
      const [[pending, sent, dead, oldest] = []] = await query(counts)
      return {
        pending: Number(pending),
        sent: Number(sent),
        dead: Number(dead),
        oldestPendingAt: oldest === null || oldest === undefined ? null : Number(oldest),
      }
    },
  }
}
