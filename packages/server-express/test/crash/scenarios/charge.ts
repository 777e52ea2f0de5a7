import type { ApiResponse } from '../../support/tokens.js'
import { Market } from './market.js'
import { Mismatches, numbered, quiet, type Scenario } from './scenario.js'

const amount = 600_000

/** Each wallet is charged twice, but its limit allows one charge: one succeeds and one is refused. */
const charge = ({ name, wallets, times }: { name: string; wallets: number; times: number }): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const users = numbered(wallets, (n) => market.userId(n))
    const answers = users.map((): ApiResponse[] => [])
    return {
      callers: users.flatMap((userId, n) =>
        numbered(times, () => async () => answers[n]?.push(await market.charge(userId, amount))),
      ),
      async check() {
        const mismatches = new Mismatches()
        for (const [n, userId] of users.entries()) {
          const statuses = (answers[n] ?? []).map(({ status }) => status).sort()
          mismatches.same(`${userId} charges`, statuses, [200, ...numbered(times - 1, () => 400)])
          mismatches.same(`${userId} entries`, await market.entries(userId), [
            { kind: 'charge', amount, orderId: null },
          ])
        }
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
})

/** The client does not retry, so the server may retry only if it knows that nothing happened. */
const withoutKey: Scenario = {
  name: 'charge without a key',
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const userId = await market.user(0, 1)
    let answer: ApiResponse | undefined
    const charged = (charge: number) => ({ kind: 'charge', amount: charge, orderId: null })
    return {
      callers: [
        async () => {
          answer = await client.postOnce('/api/balance/charge', { userId, amount: 1_000 })
        },
      ],
      async check() {
        const mismatches = new Mismatches()
        const [first, ...others] = await market.entries(userId)
        mismatches.same('the first entry', first, charged(1))
        if (answer || others.length > 0) mismatches.same('the other entries', others, [charged(1_000)])
        if (answer) mismatches.same('the answer', answer.status, 200)
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
}

/** A provider sends each webhook several times, and without a key. */
const webhooks = ({ name, times }: { name: string; times: number }): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const userId = await market.user(0, 1)
    const answers: ApiResponse[] = []
    return {
      callers: numbered(times, () => async () => answers.push(await market.chargeReferenced(userId, 1_000, run))),
      async check() {
        const mismatches = new Mismatches()
        const [first] = answers
        for (const { status, body } of answers) mismatches.same('an answer', [status, body], [200, first?.body])
        mismatches.same('the entries', await market.entries(userId), [
          { kind: 'charge', amount: 1, orderId: null },
          { kind: 'charge', amount: 1_000, orderId: null },
        ])
        return { mismatches: mismatches.list, events: 0 }
      },
    }
  },
})

export const charges: readonly Scenario[] = [
  charge({ name: 'charge', wallets: 1, times: 1 }),
  charge({ name: 'charge, 2 wallets twice', wallets: 2, times: 2 }),
  withoutKey,
  webhooks({ name: 'charge with a reference', times: 1 }),
  webhooks({ name: 'charge with a reference, 4 times at once', times: 4 }),
]
