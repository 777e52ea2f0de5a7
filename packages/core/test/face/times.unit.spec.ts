import { beforeEach, describe, expect, it } from 'vitest'
import { createCoupon } from '../../src/commands.js'
import { fingerprint } from '../../src/engine/outcome.js'
import { inMemoryStore } from '../../src/in-memory/index.js'
import { createShop, type Shop, type TimeInput } from '../../src/index.js'
import { manualClock } from '../../src/testing/index.js'
import { refused } from '../unit/finding.js'

const now = Date.UTC(2029, 0, 1)
const noon = Date.UTC(2030, 0, 1, 12)
const terms = { name: 'Opening', discount: { kind: 'fixed', amount: 500 }, quantity: 10 } as const

const forms: readonly (readonly [string, TimeInput])[] = [
  ['a Date', new Date(noon)],
  ['UTC text', '2030-01-01T12:00:00Z'],
  ['UTC text with milliseconds', '2030-01-01T12:00:00.000Z'],
  ['text with an offset', '2030-01-01T21:00:00+09:00'],
  ['text without seconds', '2030-01-01T12:00Z'],
  ['milliseconds', noon],
]

const noTimes: readonly unknown[] = [
  'tomorrow',
  '2030-01-01',
  '2030-01-01T12:00:00',
  '2030-02-30T00:00:00Z',
  '2030-13-01T00:00:00Z',
  '2030-01-01T25:00:00Z',
  '1969-12-31T23:59:59Z',
  '1893456000000',
  '',
  new Date(Number.NaN),
  new Date(-1),
  -1,
  1.5,
  Number.NaN,
  // In UTC these are in the year 10000.
  Date.UTC(10_000, 0, 1),
  new Date(8.64e15),
  '9999-12-31T23:59:59.999-00:01',
  null,
  true,
  {},
]

let shop: Shop
beforeEach(() => {
  shop = createShop({ store: inMemoryStore({ clock: manualClock(now) }) })
})

describe('a time', () => {
  it.each(forms)('goes in as %s and comes out as ISO 8601 text in UTC', async (_, time) => {
    const created = await shop.coupons.create({ ...terms, couponId: 'c1', validFrom: time, validUntil: noon + 1 })
    expect(created).toMatchObject({ validFrom: '2030-01-01T12:00:00.000Z', validUntil: '2030-01-01T12:00:00.001Z' })
    const ending = await shop.coupons.create({ ...terms, couponId: 'c2', validUntil: time })
    expect(ending).toMatchObject({ validFrom: '2029-01-01T00:00:00.000Z', validUntil: '2030-01-01T12:00:00.000Z' })
    const updated = await shop.coupons.create({ ...terms, couponId: 'c3', validUntil: noon + 99 })
    expect(await shop.coupons.update({ couponId: updated.couponId, validUntil: time })).toMatchObject({
      validUntil: '2030-01-01T12:00:00.000Z',
    })
  })

  it.each(noTimes)('cannot be %j: the error names the field', async (value) => {
    const time = value as TimeInput
    const invalid = (path: string) => ({
      code: 'INVALID_REQUEST',
      errors: [
        {
          path,
          message: 'must be a time from 1970 to 9999: a Date, ISO 8601 text with its time zone, or milliseconds',
        },
      ],
    })
    expect(await refused(shop.coupons.create({ ...terms, validUntil: time }))).toEqual(invalid('validUntil'))
    expect(await refused(shop.coupons.create({ ...terms, validFrom: time, validUntil: noon }))).toEqual(
      invalid('validFrom'),
    )
    await shop.coupons.create({ ...terms, couponId: 'c1', validUntil: noon })
    expect(await refused(shop.coupons.update({ couponId: 'c1', validUntil: time }))).toEqual(invalid('validUntil'))
  })

  it('can be the last millisecond of the year 9999, in every form', async () => {
    const last = '9999-12-31T23:59:59.999Z'
    for (const validUntil of [last, '9999-12-31T12:59:59.999-11:00', new Date(last), Date.parse(last)])
      expect(await shop.coupons.create({ ...terms, validUntil })).toMatchObject({ validUntil: last })
  })

  it('is compared as an instant: an end at or before the beginning is refused in every form', async () => {
    for (const [, time] of forms) {
      expect(await refused(shop.coupons.create({ ...terms, validFrom: noon, validUntil: time }))).toMatchObject({
        errors: [{ path: 'validUntil', message: 'must be after validFrom' }],
      })
    }
  })
})

describe('an idempotency key', () => {
  const key = { idempotency: { scope: 'admin', key: 'k1' } }

  it('treats a Date and its text as the same request', async () => {
    const first = await shop.coupons.create({ ...terms, validUntil: new Date(noon) }, key)
    const again = { ...terms, validUntil: '2030-01-01T12:00:00.000Z' }
    expect(await shop.execute(createCoupon, again, key)).toEqual({ ok: true, result: first, replayed: true })
  })

  it('distinguishes two different Dates', async () => {
    await shop.coupons.create({ ...terms, validUntil: new Date(noon) }, key)
    expect(await refused(shop.coupons.create({ ...terms, validUntil: new Date(noon + 1) }, key))).toEqual({
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
  })

  it('keeps the fingerprints of HTTP requests and of milliseconds', () => {
    const input = { ...terms, validUntil: noon }
    const request = { params: {}, body: { ...terms, validUntil: '2030-01-01T12:00:00Z' } }
    const call = { command: createCoupon, input }
    expect(fingerprint({ ...call, idempotency: { scope: 's', key: 'k', request } })).toBe(
      'create-coupon {"body":{"discount":{"amount":500,"kind":"fixed"},"name":"Opening","quantity":10,"validUntil":"2030-01-01T12:00:00Z"},"params":{}}',
    )
    expect(fingerprint(call)).toBe(
      'create-coupon {"discount":{"amount":500,"kind":"fixed"},"name":"Opening","quantity":10,"validUntil":1893499200000}',
    )
  })
})
