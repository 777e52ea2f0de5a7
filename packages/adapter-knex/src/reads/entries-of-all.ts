import { type EntryKind, entryKinds, type Instant, type Reads, type WalletEntry } from '@shop/core/store'
import type { Database } from '../database/database.js'
import { databaseNow, prepared, toInstant } from '../database/statement.js'
import { entries } from '../rows/row-maps.js'
import { oneOf, type PageKey, page, pageKey, pageValues, variants } from './read.js'

/** All other kinds are rare: an index has their entries by time. */
const commonKinds: readonly EntryKind[] = ['charge', 'payment']

/** The first window of time, in milliseconds, and how much longer each next one is. */
const firstWindowMs = 60_000
const growth = 8

/** Some decades. From this length on, a window has no beginning. */
const longestWindowMs = 2 ** 40

/**
 * Entries of all users, the newest first. No index has the common entries by time: every payment would pay for it. A summary
 * of the times in each range of pages finds those of a window of time. Each window that holds too few is followed by a
 * longer one.
 */
export const entriesOfAll = ({ names, query, now }: Database, scan: Database['query']): Reads['allEntries'] => {
  const time = prepared(`select coalesce($1::bigint, ${databaseNow})`)
  const newest = (which: PageKey, first: number) =>
    page({ time: 'e.at', id: 'e.entry_id', first, isFirst: which === 'first' })

  const referenced = variants((key: `${EntryKind | 'any'} ${PageKey}`) => {
    const [kind, which] = key.split(' ') as [EntryKind | 'any', PageKey]
    return `select ${entries.list('e')}
from ${names.wallet_entries} e
where e.reference = $1::text ${kind === 'any' ? '' : `and e.kind = '${kind}'`} ${newest(which, 2)}`
  })
  const rare = variants((key: `${EntryKind} ${PageKey}`) => {
    const [kind, which] = key.split(' ') as [EntryKind, PageKey]
    return `select ${entries.list('e')} from ${names.wallet_entries} e
where e.kind = '${kind}' ${newest(which, 1)}`
  })
  /** The window begins after `$1` and ends with the page before; null means that it has no beginning. */
  const within = variants((key: `${EntryKind | 'any'} ${PageKey} ${'window' | 'all'}`) => {
    const [kind, which, length] = key.split(' ') as [EntryKind | 'any', PageKey, 'window' | 'all']
    const begin = length === 'all' ? '$1::bigint is null' : `e.at > ${toInstant('$1::bigint')}`
    const end = which === 'first' ? '' : `and e.at <= ${toInstant('$2::bigint')}`
    return `select ${entries.list('e')} from ${names.wallet_entries} e
where ${begin} ${end} ${kind === 'any' ? '' : `and e.kind = '${kind}'`} ${newest(which, 2)}`
  })

  const timeNow = async (): Promise<Instant> => Number((await query(time, [now()]))[0]?.[0])

  return async ({ kind, reference, ...place }): Promise<readonly WalletEntry[]> => {
    const wanted = oneOf(entryKinds, kind)
    const which = pageKey(place)
    const read = (rows: Awaited<ReturnType<typeof query>>) => rows.map((row) => entries.read(row))
    if (reference !== undefined) {
      return read(await query(referenced(`${wanted} ${which}`), [reference, ...pageValues(place)]))
    }
    if (wanted !== 'any' && !commonKinds.includes(wanted)) {
      return read(await query(rare(`${wanted} ${which}`), pageValues(place)))
    }
    const end = place.after?.at ?? (await timeNow())
    for (let length = firstWindowMs; ; length *= growth) {
      const isAll = length >= longestWindowMs
      const statement = within(`${wanted} ${which} ${isAll ? 'all' : 'window'}`)
      const rows = await scan(statement, [isAll ? null : end - length, ...pageValues(place)])
      if (isAll || rows.length === place.limit) return read(rows)
    }
  }
}
