import { expect, test } from 'vitest'
import { positionCursor } from '../../src/http/cursor.js'

const { write, query } = positionCursor('coupons')

test.each(['a', '.', '..'])('a list continues after a row with the id %s', (id) => {
  expect(query.parse(write({ at: 5, id }))).toEqual({ at: 5, id })
})

test.each(['', 'a b', 'x'.repeat(65), 'a\0'])('refuses a position with the id %j', (id) => {
  expect(query.safeParse(write({ at: 5, id })).success).toBe(false)
})
