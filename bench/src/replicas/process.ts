import { knexConnection, knexStore } from '@shop/adapter-knex'
import { createShop, resolvePolicies } from '@shop/core'
import { maxBalanceLimit } from '@shop/core/commands'
import { type Drive, drive } from '../figures/drive.js'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import { productCount, userId } from '../stage/seed.js'
import type { ShopAnswer, ShopOptions, ShopQuestion } from './questions.js'

const { primary, replica, users } = argumentOfParent<ShopOptions>()

const knex = knexConnection(primary)
const replicas = replica === undefined ? [] : [knexConnection(replica)]
const read = { replica: 0, primary: 0 }
const observer = {
  onRead(from: 'replica' | 'primary') {
    read[from] += 1
  },
}
const shop = createShop({
  store: knexStore(knex, { replicas, replicaReads: { observer } }),
  policies: resolvePolicies('standard', { charge: { balanceLimit: maxBalanceLimit } }),
})

const size = 20
const list = () => shop.products.list({ page: Math.floor((Math.random() * productCount) / size), size })
const charge = () => shop.balance.charge({ userId: userId(1 + Math.floor(Math.random() * users)), amount: 100 })

const run = async (question: ShopQuestion): Promise<Drive> => {
  if (question.kind !== 'warm') return drive(question.kind === 'lists' ? list : charge, question)
  for (let lists = 0; lists < 20 || (replica !== undefined && read.replica < 20); lists += 1) {
    await list()
    if (lists > 100_000) throw new Error('the replica takes no reads')
  }
  return drive(charge, { callers: 1, ms: 1 })
}

const answer = async (question: ShopQuestion): Promise<ShopAnswer> => {
  read.primary = 0
  return { ...(await run(question)), fromPrimary: read.primary }
}

answerParent(answer, async () => {
  await shop.close()
  await Promise.all([knex, ...replicas].map((each) => each.destroy()))
})
