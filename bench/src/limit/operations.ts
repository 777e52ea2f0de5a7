import { randomBytes } from 'node:crypto'
import { charge } from './charge.js'
import { checkout } from './checkout.js'
import { batchOf } from './choices.js'
import { issued, outcomesKept } from './issue.js'
import type { Lane } from './lane.js'
import { pair } from './pair.js'
import type { LimitOperation } from './questions.js'

/** New users, whose ids are as long as those of the library's workload. */
const newUsers = (): (() => string) => {
  const run = randomBytes(4).toString('hex')
  let number = 0
  return () => {
    number += 1
    return `caller-${run}-${number}`
  }
}

const nextUser = newUsers()

/** Each writes one batch. */
export const operations: Record<LimitOperation, (lane: Lane) => Promise<void>> = {
  issue(lane) {
    const at = new Date()
    return lane.commit(issued(batchOf(nextUser), at), at)
  },
  'issue-keyed'(lane) {
    const at = new Date()
    const users = batchOf(nextUser)
    return lane.commit([...issued(users, at), outcomesKept(users, at)], at)
  },
  charge,
  checkout,
  pair,
}
