import { isStoreError, type StoreErrorKind } from '@shop/core/store'
import { describe, expect, test } from 'vitest'
import { classify } from '../src/database/classify-error.js'

const sqlError = (code: string) => Object.assign(new Error(`error ${code}`), { code, severity: 'ERROR' })

const kindOf = (error: unknown, isInDoubt = false): StoreErrorKind | undefined => {
  const classified = classify(error, { isInDoubt, isOfCommit: isInDoubt })
  return isStoreError(classified.error) ? classified.error.kind : undefined
}

describe('an error of the database', () => {
  test.each<[StoreErrorKind, readonly string[]]>([
    ['conflict', ['40001', '40P01', '40002', '23505', '0A000']],
    ['busy', ['55P03', '57014', '55006']],
    ['rejected', ['22P02', '22003', '23514', '23502', '42P01', '25P02', 'XX000', '3F000']],
    [
      'unavailable',
      [
        ...['57P01', '57P02', '57P03', '08006', '53300', '53100', '25006', '25P03', '28P01', '3D000', '58030'],
        ...['26000', '42P05', '42501', '55000'],
      ],
    ],
    ['ambiguous', ['40003']],
  ])('is %s', (kind, codes) => {
    for (const code of codes) expect(kindOf(sqlError(code)), code).toBe(kind)
  })

  test('shows a standby, unless the server only hides its log', () => {
    const hidden = Object.assign(sqlError('55000'), { message: "wal_level must be set to 'logical'" })
    expect([classify(sqlError('55000')).unfit, classify(hidden).unfit]).toEqual(['standby', undefined])
  })

  test('in reply to a commit is definite, unless it ends the connection or is an internal error of the server', () => {
    for (const code of ['40001', '23503', '57014']) expect(kindOf(sqlError(code), true), code).not.toBe('ambiguous')
    for (const code of ['57P01', '57P02', '08006', '25P03', '53100', '58030', 'XX000'])
      expect(kindOf(sqlError(code), true), code).toBe('ambiguous')
  })

  test('of a statement before the commit is definite, although the commit was sent after it', () => {
    for (const code of ['53100', 'XX000', '23505']) {
      expect(classify(sqlError(code), { isInDoubt: true }).error, code).not.toMatchObject({ kind: 'ambiguous' })
    }
  })

  test('leaves the connection usable, unless it ends it', () => {
    expect(classify(sqlError('23505')).lost).toBe(false)
    expect(classify(sqlError('57P01')).lost).toBe(true)
    expect(classify(sqlError('58030'), { isInDoubt: true, isOfCommit: true }).lost).toBe(true)
  })

  test('marks a session that responds but must not be used again', () => {
    for (const code of ['25006', '55000']) expect(classify(sqlError(code)), code).toMatchObject({ unfit: 'standby' })
    for (const code of ['26000', '42P05', '0A000'])
      expect(classify(sqlError(code)), code).toMatchObject({ lost: false, unfit: 'out-of-sync' })
    for (const code of ['23505', '57014', '42501', '57P01'])
      expect(classify(sqlError(code)), code).toMatchObject({ unfit: undefined })
  })

  test('while connecting is always unavailable', () => {
    for (const code of ['55000', '42501', '42704', 'XX000', '0A000'])
      expect(classify(sqlError(code), { isConnecting: true }).error, code).toMatchObject({ kind: 'unavailable' })
  })

  test.each(['42P05', '26000'])('that a pooler in transaction mode causes names the remedy (%s)', (code) => {
    const { error } = classify(sqlError(code))
    expect(error).toMatchObject({ message: expect.stringMatching(/^error .*pgbouncer.*SHOP_DATABASE_PREPARED=off/) })
  })

  test('is kept as the cause', () => {
    const cause = sqlError('23505')
    expect(classify(cause).error).toMatchObject({ cause, message: 'error 23505' })
  })
})

describe('an error of the connection or the pool', () => {
  const errors = [
    Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }),
    Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }),
    new Error('Connection terminated unexpectedly'),
    new Error('Query read timeout'),
    Object.assign(new Error('Timeout acquiring a connection'), { name: 'KnexTimeoutError' }),
    new AggregateError([new Error('::1'), new Error('127.0.0.1')]),
  ]

  test('is unavailable, or ambiguous during a commit', () => {
    for (const error of errors) {
      expect(kindOf(error), error.message).toBe('unavailable')
      expect(kindOf(error, true), error.message).toBe('ambiguous')
      expect(classify(error).lost).toBe(true)
    }
  })
})

test('a bug is passed on unchanged', () => {
  const bug = new TypeError('undefined is not a function')
  expect(classify(bug, { isInDoubt: true }).error).toBe(bug)
})
