import { randomBytes } from 'node:crypto'
import { knexConnection, knexStore } from '@shop/adapter-knex'
import { createShop, resolvePolicies, type Shop } from '@shop/core'
import { maxBalanceLimit } from '@shop/core/commands'
import { drive } from '../figures/drive.js'
import { median } from '../figures/statistics.js'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import { crowd } from './crowd.js'
import type { LibraryAnswer, LibraryOptions, LibraryQuestion } from './questions.js'
import { workloadsOf } from './workloads.js'

const { url, users, pays, limits } = argumentOfParent<LibraryOptions>()

const policies = resolvePolicies('standard', {
  charge: { balanceLimit: maxBalanceLimit },
  ...(pays === 'at-once' && { order: { checkout: 'order-and-pay' } }),
})

let groups: number[] = []
const knex = knexConnection(url)
const shop = createShop({
  store: knexStore(knex),
  policies,
  observer: { onGroup: ({ size }) => groups.push(size) },
  ...(limits && { limits }),
})
const workloads = workloadsOf(shop as Shop<never>, { run: randomBytes(4).toString('hex'), users })

const answer = async (question: LibraryQuestion): Promise<LibraryAnswer> => {
  switch (question.kind) {
    case 'run': {
      groups = []
      const figures = await drive(workloads[question.workload], question)
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
    case 'refresh': {
      const began = performance.now()
      await shop.upkeep.refreshRanking()
      return { kind: 'refresh', ms: performance.now() - began }
    }
    case 'audit':
      return { kind: 'audit', violations: (await shop.audit()).violations.map((each) => JSON.stringify(each)) }
  }
}

answerParent(answer, async () => {
  await shop.close()
  await knex.destroy()
})
