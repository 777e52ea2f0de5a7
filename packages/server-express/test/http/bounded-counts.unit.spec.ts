import type { Options } from 'express-rate-limit'
import { expect, onTestFinished, test } from 'vitest'
import { BoundedCounts } from '../../src/util/bounded-counts.js'

test('counts of very many callers take bounded memory, and those who keep coming stay counted', async () => {
  const counts = new BoundedCounts(100)
  counts.init({ windowMs: 60_000 } as Options)
  onTestFinished(() => counts.shutdown())
  let most = 0
  for (let n = 0; n < 1_000; n += 1) {
    await counts.increment(`address ${n}`)
    if (n % 50 === 0) await counts.increment('user busy')
    most = Math.max(most, counts.current.size + counts.previous.size)
  }
  expect(most).toBeLessThanOrEqual(200)
  expect((await counts.increment('user busy')).totalHits).toBe(21)
})
