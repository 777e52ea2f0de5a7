import type { Answer } from '../../support/tokens.js'
import { Market } from './market.js'
import { Faults, numbered, quiet, type Scenario } from './scenario.js'

const amount = 600_000

/** Each wallet is charged twice, and its limit leaves room for one: in the end one charge is there, and one was refused. */
const charge = ({ name, wallets, times }: { name: string; wallets: number; times: number }): Scenario => ({
  name,
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const users = numbered(wallets, (n) => market.userId(n))
    const answers = users.map((): Answer[] => [])
    return {
      callers: users.flatMap((userId, n) =>
        numbered(times, () => async () => answers[n]?.push(await market.charge(userId, amount))),
      ),
      async check() {
        const faults = new Faults()
        for (const [n, userId] of users.entries()) {
          const statuses = (answers[n] ?? []).map(({ status }) => status).sort()
          faults.same(`${userId} charges`, statuses, [200, ...numbered(times - 1, () => 400)])
          faults.same(`${userId} entries`, await market.entries(userId), [{ kind: 'charge', amount, orderId: null }])
        }
        return { faults: faults.list, events: 0 }
      },
    }
  },
})

/** Nobody repeats it, so the server must not either, unless it knows that nothing has happened. */
const withoutKey: Scenario = {
  name: 'charge without a key',
  policies: quiet,
  async prepare(client, run) {
    const market = new Market(client, run)
    const userId = await market.user(0, 1)
    let answer: Answer | undefined
    const charged = (charge: number) => ({ kind: 'charge', amount: charge, orderId: null })
    return {
      callers: [
        async () => {
          answer = await client.postOnce('/api/balance/charge', { userId, amount: 1_000 })
        },
      ],
      async check() {
        const faults = new Faults()
        const [first, ...others] = await market.entries(userId)
        faults.same('the first entry', first, charged(1))
        if (answer || others.length > 0) faults.same('the other entries', others, [charged(1_000)])
        if (answer) faults.same('the answer', answer.status, 200)
        return { faults: faults.list, events: 0 }
      },
    }
  },
}

export const charges: readonly Scenario[] = [
  charge({ name: 'charge', wallets: 1, times: 1 }),
  charge({ name: 'charge, 2 wallets twice', wallets: 2, times: 2 }),
  withoutKey,
]
