import { expect, test } from 'vitest'
import { readConfig } from '../../src/config/config.js'
import { linesOf } from './support.js'

test.each([
  [{}, 1],
  [{ SHOP_WORKERS: '' }, 1],
  [{ SHOP_WORKERS: '256' }, 256],
  [{ SHOP_WORKERS: 'auto' }, 'auto'],
])('with %j, the workers are %s', async (given, workers) => {
  expect((await readConfig(given)).workers).toBe(workers)
})

test.each(['0', '257', '2.5', '-1', 'all'])('SHOP_WORKERS=%s is refused', async (value) => {
  expect((await linesOf({ SHOP_WORKERS: value })).join('\n')).toContain(
    'SHOP_WORKERS must be auto or a whole number from 1 to 256',
  )
})
