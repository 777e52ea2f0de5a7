import { describe, expect, test } from 'vitest'
import { defaultRetry, retrying, systemWorld } from '../../src/client/retry.js'

type ScriptedResponse = number | Error | readonly [status: number, retryAfter: string]

/** A server with these responses in sequence, and the delays before each retry. */
const world = (responses: readonly ScriptedResponse[], now = 0) => {
  const pauses: number[] = []
  const bodies: string[] = []
  const left = [...responses]
  const fetch = retrying(
    async (request) => {
      bodies.push(await request.text())
      const answer = left.shift()
      if (answer === undefined) throw new Error('more requests than responses')
      if (answer instanceof Error) throw answer
      const [status, retryAfter] = typeof answer === 'number' ? [answer, undefined] : answer
      return new Response(null, { status, headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter } })
    },
    defaultRetry,
    { pause: async (ms) => void pauses.push(ms), random: () => 1, now: () => now },
  )
  const send = () => fetch(new Request('http://shop.example/api', { method: 'POST', body: 'the body' }))
  return { send, pauses, bodies }
}

const lost = new TypeError('fetch failed')

test('retries up to four times with doubling delays, and sends the body each time', async () => {
  const { send, pauses, bodies } = world([503, lost, 429, lost, 503])
  expect((await send()).status).toBe(503)
  expect(pauses).toEqual([200, 400, 800, 1_600])
  expect(bodies).toEqual(Array(5).fill('the body'))
})

test.each([200, 201, 400, 401, 404, 409, 422, 500, 502, 504])('does not retry %i', async (status) => {
  const { send, pauses } = world([status])
  expect([(await send()).status, pauses]).toEqual([status, []])
})

describe('Retry-After', () => {
  test.each([
    ['3', 3_000],
    ['0', 200],
    ['Thu, 01 Jan 1970 00:00:05 GMT', 5_000],
    ['nonsense', 200],
  ])('%s sets the delay to %i ms', async (retryAfter, pauseMs) => {
    const { send, pauses } = world([[503, retryAfter], 200])
    expect([(await send()).status, pauses]).toEqual([200, [pauseMs]])
  })

  test('beyond the maximum delay returns the response to the caller', async () => {
    const { send, pauses } = world([[429, '60']])
    expect([(await send()).status, pauses]).toEqual([429, []])
  })
})

test('throws the connection error after the last attempt', async () => {
  const { send, pauses } = world(Array(5).fill(lost))
  await expect(send()).rejects.toBe(lost)
  expect(pauses).toHaveLength(4)
})

test('throws other errors immediately', async () => {
  const bug = new RangeError('bug')
  const { send, pauses } = world([bug])
  await expect(send()).rejects.toBe(bug)
  expect(pauses).toEqual([])
})

test('an abort ends a delay immediately', async () => {
  const abort = new AbortController()
  const fetch = retrying(
    async () => new Response(null, { status: 503 }),
    { ...defaultRetry, firstPauseMs: 60_000 },
    systemWorld,
  )
  const answered = fetch(new Request('http://shop.example', { signal: abort.signal }))
  abort.abort(new Error('enough'))
  await expect(answered).rejects.toThrow('enough')
})
