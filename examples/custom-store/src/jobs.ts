import { dayOf, everythingLeft, type OutboxStore, type Upkeep } from '@shop/core/store'
import { addSales } from './transact.js'
import { all, each, find, type Run } from './transaction.js'

const due = `as own where status = 'pending' and nextAttemptAt <= ? and leaseUntil <= ? and not exists (
    select 1 from events as earlier
    where earlier.status = 'pending' and earlier.subjectId = own.subjectId and earlier.subject = own.subject
      and earlier.sequence < own.sequence
  ) order by nextAttemptAt limit ?`

export const outbox = (run: Run): OutboxStore =>
  each<OutboxStore>(run, (db, now) => ({
    claimEvents: ({ limit, leaseMs, lease }) =>
      find(db, 'events', due, now, now, limit).map((found) => {
        const event = { ...found, attempts: found.attempts + 1 }
        const values = [JSON.stringify(event), lease, now + leaseMs, event.eventId]
        db.run('update events set data = ?, lease = ?, leaseUntil = ? where key = ?', values)
        return { event, lease }
      }),
    recordDeliveries: (settlements) => {
      for (const each of settlements) {
        const [event] = find(db, 'events', 'where key = ? and lease = ?', each.eventId, each.lease)
        if (!event) continue
        const { status } = each
        const lastError = status === 'sent' ? null : each.error
        const nextAttemptAt = status === 'pending' ? now + each.retryInMs : event.nextAttemptAt
        const values = [JSON.stringify({ ...event, status, lastError, nextAttemptAt }), status === 'sent' ? now : null]
        const set = 'set data = ?, sentAt = ?, lease = null, leaseUntil = 0'
        db.run(`update events ${set} where key = ?`, [...values, each.eventId])
      }
    },
  }))

export const upkeep = (run: Run): Upkeep =>
  each<Upkeep>(run, (db, now) => ({
    addViews: (views) => {
      const sql = `insert into views select key, ? from products where key = ?
        on conflict do update set count = count + excluded.count`
      for (const [productId, count] of views) db.run(sql, [count, productId])
    },
    purge: ({ outcomesMs, sentEventsMs, groupsMs }, limit) => {
      const remove = (table: string, at: string, ageMs: number) => {
        const sql = `delete from ${table} where rowid in (select rowid from ${table} where ${at} < ? limit ?)`
        return db.run(sql, [now - ageMs, limit]).changes
      }
      return (
        remove('outcomes', 'at', outcomesMs) +
        remove('events', 'sentAt', sentEventsMs) +
        remove('groups', 'at', groupsMs)
      )
    },
    ensureSales: (timeZone, { rebuild = false } = {}) => {
      const [kept] = all<{ value: string }>(db, `select value from settings where name = 'salesZone'`)
      if (kept?.value === timeZone && !rebuild) return false
      db.run(`insert or replace into settings values ('salesZone', ?)`, [timeZone])
      db.run('delete from sales')
      for (const order of find(db, 'orders', `where status = 'paid'`)) {
        const day = dayOf(order.paidAt ?? 0, timeZone)
        for (const { productId, quantity } of everythingLeft(order))
          addSales(db, { timeZone, day, productId, quantity })
      }
      return true
    },
  }))
