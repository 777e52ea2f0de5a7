import { StoreError } from '@shop/core/store'
import { expect, test } from 'vitest'
import type { Session } from '../src/database/session.js'
import { index, runLater } from '../src/migrations/later-steps.js'

/** As Postgres answers if a build commits just after it has released its lock. */
const concurrentlyUpdated = () => {
  const cause = Object.assign(new Error('tuple concurrently updated'), { code: 'XX000', severity: 'ERROR' })
  return new StoreError('rejected', cause.message, { cause })
}

/** A session on which the index is valid from the given drop on; every drop before it fails. */
const sessionOf = (failures: number) => {
  const drops: string[] = []
  const send = async ({ text }: { readonly text: string }) => {
    if (text.startsWith('drop index')) {
      drops.push(text)
      if (drops.length <= failures) throw concurrentlyUpdated()
    }
    return { rows: [[drops.length > 0 && drops.length < 2 && failures === 1 ? 't' : 'f']], command: '' }
  }
  return { drops, session: { send } as unknown as Session }
}

const step = index('orders_by_day', 'orders', '(paid_at)')

test('an index that was completed meanwhile is kept', async () => {
  const { drops, session } = sessionOf(1)
  await runLater(session, '"shop"', [step])
  expect(drops).toHaveLength(1)
})

test('a step that never succeeds ends with the error of the database', async () => {
  const { drops, session } = sessionOf(Number.POSITIVE_INFINITY)
  await expect(runLater(session, '"shop"', [step])).rejects.toThrow('tuple concurrently updated')
  expect(drops).toHaveLength(5)
})
