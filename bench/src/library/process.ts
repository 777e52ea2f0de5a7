import { randomBytes } from 'node:crypto'
import { knexConnection, knexStore } from '@shop/adapter-knex'
import { createShop, resolvePolicies } from '@shop/core'
import { maxBalanceLimit } from '@shop/core/commands'
import { drain, drive } from '../figures/drive.js'
import { median } from '../figures/statistics.js'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import { crowd } from './crowd.js'
import type { LibraryAnswer, LibraryOptions, LibraryQuestion } from './questions.js'
import { Refunds } from './refunds.js'
import { bonusUser, bonusUsers, companions, createNotes, workloadsOf } from './workloads.js'

const { url, users, pays, pendingPerUser, limits } = argumentOfParent<LibraryOptions>()

const policies = resolvePolicies('standard', {
  charge: { balanceLimit: maxBalanceLimit },
  order: {
    ...(pays === 'at-once' && { checkout: 'order-and-pay' as const }),
    ...(pendingPerUser !== undefined && { pendingPerUser }),
  },
})

let groups: number[] = []
const knex = knexConnection(url)
const shop = createShop({
  store: knexStore(knex, { companions }),
  policies,
  observer: { onGroup: ({ size }) => groups.push(size) },
  ...(limits && { limits }),
})
const workloads = workloadsOf(shop, { run: randomBytes(4).toString('hex'), users })

const refunds = new Refunds(shop, users)

const timed = async <T>(work: () => Promise<T>): Promise<{ readonly ms: number; readonly result: T }> => {
  const began = performance.now()
  const result = await work()
  return { ms: performance.now() - began, result }
}

const dayMs = 86_400_000

/** Large lots that end later and later, the last one never: each payment takes from the first one. */
const grantLots = (lots: number, callers: number): Promise<void> => {
  const ends = Array.from({ length: lots }, (_, lot) =>
    lot === lots - 1 ? null : new Date(Date.now() + 30 * dayMs * (lot + 1)),
  )
  const granted = Array.from({ length: bonusUsers(users) }, (_, number) => bonusUser(users, number))
  const grants = granted.flatMap((userId) =>
    ends.map((expiresAt) => () => shop.balance.grant({ userId, amount: 1_000_000_000, expiresAt })),
  )
  return drain(grants, callers)
}

const answer = async (question: LibraryQuestion): Promise<LibraryAnswer> => {
  switch (question.kind) {
    case 'run': {
      groups = []
      const figures = await drive((caller) => workloads[question.workload](caller, question.share), question)
      return { kind: 'run', ...figures, maxGroupSize: median(groups) }
    }
    case 'rush': {
      const [charges, issues] = await Promise.all([
        drive(workloads.charge, { callers: question.charging, ms: question.ms }),
        drive(workloads.issue, { callers: question.issuing, ms: question.ms }),
      ])
      return { kind: 'rush', charges, issues }
    }
    case 'crowd':
      return { kind: 'crowd', ...(await crowd(workloads.charge, question.callers)) }
    case 'buyers': {
      await knex.raw(createNotes)
      const { ms, result } = await timed(() => crowd(workloads[question.workload], question.callers))
      return { kind: 'buyers', ms, ...result }
    }
    case 'refresh':
      return { kind: 'refresh', ms: (await timed(() => shop.upkeep.refreshRanking())).ms }
    case 'grant':
      await grantLots(question.lots, question.callers)
      return { kind: 'grant' }
    case 'prepare-refunds':
      await refunds.prepare(question.which, question.count, question.callers)
      return { kind: 'prepare-refunds' }
    case 'refund':
      return { kind: 'refund', ...(await refunds.run(question.callers)) }
    case 'statement': {
      const { from, to } = question
      return { kind: 'statement', ms: (await timed(() => shop.statement({ from, to }))).ms }
    }
    case 'audit': {
      const { ms, result } = await timed(() => shop.audit())
      return { kind: 'audit', ms, violations: result.violations.map((each) => JSON.stringify(each)) }
    }
  }
}

answerParent(answer, async () => {
  await shop.close()
  await knex.destroy()
})
