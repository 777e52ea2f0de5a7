import { drive } from '../figures/drive.js'
import { answerParent, argumentOfParent } from '../processes/answer-parent.js'
import { batchSize } from './choices.js'
import { Lane } from './lane.js'
import { operations } from './operations.js'
import type { LimitOptions, LimitQuestion, LimitRun } from './questions.js'

const { url, operation, users } = argumentOfParent<LimitOptions>()

/** As many as the shop's groups that run at once. All issues change one row, so a second one would wait for it. */
const lanes = operation === 'issue' || operation === 'issue-keyed' ? 1 : 2
const opened = Promise.all(Array.from({ length: lanes }, (_, lane) => Lane.open({ url, users, lane, lanes })))

answerParent<LimitQuestion, LimitRun>(
  async ({ ms }) => {
    const each = await opened
    const write = async (caller: number): Promise<void> => {
      const lane = each[caller]
      if (lane) await operations[operation](lane)
    }
    const { count, perSecond } = await drive(write, { callers: lanes, ms })
    return { count: count * batchSize, perSecond: perSecond * batchSize }
  },
  async () => {
    for (const lane of await opened) await lane.close()
  },
)
