import type { Outcome } from '@shop/core'
import { describe, expect, test } from 'vitest'
import { CodeAttempts } from '../../src/http/code-attempts.js'
import { RequestRefused } from '../../src/http/problem.js'

const right: Outcome<string> = { ok: true, result: 'issued', replayed: false }
const wrong: Outcome<string> = { ok: false, refusal: { code: 'COUPON_NOT_FOUND' }, replayed: false }
const replay: Outcome<string> = { ...wrong, replayed: true }
const owned: Outcome<string> = { ok: false, refusal: { code: 'COUPON_ALREADY_ISSUED', couponId: 'a' }, replayed: false }

const guessing = () => {
  let now = 0
  const attempts = new CodeAttempts(() => now)
  const attempt = async (subject: string, outcome: Outcome<string> | Promise<Outcome<string>>) => {
    try {
      return await attempts.attempt(subject, async () => outcome)
    } catch (error) {
      if (error instanceof RequestRefused) return error.problem
      throw error
    }
  }
  return {
    attempt,
    move: (ms: number) => {
      now += ms
    },
    async times(count: number, outcome: Outcome<string>, subject = 'mina') {
      for (let n = 0; n < count; n += 1) expect(await attempt(subject, outcome)).toBe(outcome)
    },
  }
}

const limited = (seconds: number) => ({ code: 'RATE_LIMITED', headers: { 'retry-after': String(seconds) } })

describe('wrong codes', () => {
  test('are limited to 20 a minute; then a right one is refused, too', async () => {
    const { attempt, times, move } = guessing()
    await times(1, wrong)
    move(10_000)
    await times(19, wrong)
    expect(await attempt('mina', right)).toEqual(limited(50))
    expect(await attempt('jun', right)).toBe(right)
    move(49_999)
    expect(await attempt('mina', right)).toEqual(limited(1))
    move(1)
    await times(1, wrong)
    expect(await attempt('mina', right)).toEqual(limited(10))
  })

  test.each([
    ['right codes', right],
    ['replays', replay],
    ['other refusals', owned],
  ])('alone count: 100 %s do not', async (_, outcome) => {
    const { attempt, times } = guessing()
    await times(100, outcome)
    await times(20, wrong)
    expect(await attempt('mina', right)).toEqual(limited(60))
  })

  test('sent at once are decided 20 at most; right ones sent at once are all decided', async () => {
    const { attempt } = guessing()
    const answers = await Promise.all(Array.from({ length: 100 }, () => attempt('mina', wrong)))
    expect(answers.filter((answer) => answer === wrong)).toHaveLength(20)
    const others = await Promise.all(Array.from({ length: 100 }, () => attempt('jun', right)))
    expect(others.filter((answer) => answer === right)).toHaveLength(100)
  })

  test('wait while those under way could be too many, and go on if they were right', async () => {
    const { attempt, times } = guessing()
    await times(19, wrong)
    let finish = (_: Outcome<string>) => {}
    const first = attempt(
      'mina',
      new Promise((resolve) => {
        finish = resolve
      }),
    )
    const later = [attempt('mina', right), attempt('mina', wrong), attempt('mina', right)]
    finish(right)
    expect(await first).toBe(right)
    expect(await Promise.all(later)).toEqual([right, wrong, limited(60)])
  })

  test('that end in an error count as none', async () => {
    const { attempt, times } = guessing()
    for (let n = 0; n < 30; n += 1)
      await expect(attempt('mina', Promise.reject(new Error('away')))).rejects.toThrow('away')
    await times(20, wrong)
    expect(await attempt('mina', right)).toEqual(limited(60))
  })

  test('of many subjects take bounded memory: the one that tried least recently is forgotten', async () => {
    const { attempt, times } = guessing()
    await times(20, wrong, 'first')
    await times(20, wrong, 'second')
    for (let n = 0; n < 9_999; n += 1) await attempt(`other-${n}`, wrong)
    expect(await attempt('second', right)).toEqual(limited(60))
    expect(await attempt('first', right)).toBe(right)
  })
})
