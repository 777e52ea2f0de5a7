import { describeCall } from '../steps.js'
import { compareAlone, compareTogether } from './against-oracle.js'
import { answerLaws } from './answers.js'
import { companionLaws } from './companions.js'
import { conservationLaws } from './conservation.js'
import { deliveryLaws } from './delivery.js'
import { effectLaws } from './effects.js'
import { eventLaws } from './events.js'
import { purchaseLaws } from './purchases.js'
import { quoteLaws } from './quotes.js'
import type { HistoryLaw, Run } from './run.js'
import { statementLaws } from './statements.js'
import { storedLaws } from './stored.js'

const isAlone = ({ history }: Run): boolean => history.branches.length === 1

const orderLaws: readonly HistoryLaw[] = [
  {
    id: 'SEQUENTIAL',
    sentence:
      'A single caller gets every answer that an independent model of the policies gives, reads included. A list that the store may show late is that of the present or of one earlier moment.',
    kind: 'history',
    check: (run) => (isAlone(run) ? compareAlone(run.journal, run.history.policies, run.staleReads) : []),
  },
  {
    id: 'LINEARIZABLE',
    sentence:
      'Concurrent calls behave as if they ran one by one: an order that respects real time explains every answer and the final state.',
    kind: 'history',
    check: (run) =>
      isAlone(run) || run.isOrderUnknown ? [] : compareTogether(run.journal, run.history.policies, run.staleReads),
  },
]

const replayLaws: readonly HistoryLaw[] = [
  {
    id: 'REPLAY-SAME-ANSWER',
    sentence: 'A repeated call with its key or its reference gets its first answer, marked as a replay.',
    kind: 'history',
    check: ({ replays }) =>
      replays.flatMap(({ call, before, again, isMarked, isReused }) => {
        if (before !== again) return `${describeCall(call)} was answered with ${before}, and again with ${again}`
        return isMarked === isReused ? `${describeCall(call)} is ${isMarked ? '' : 'not '}marked as a replay` : []
      }),
  },
  {
    id: 'REPLAY-NO-EFFECT',
    sentence: 'Replaying a whole history with the same keys and references changes nothing.',
    kind: 'history',
    check: ({ beforeReplays, afterReplays }) =>
      beforeReplays === afterReplays ? [] : [`replaying changed ${beforeReplays} to ${afterReplays}`],
  },
]

/** The laws of every history that is played on a store. */
export const historyLaws: readonly HistoryLaw[] = [
  ...answerLaws,
  ...orderLaws,
  ...effectLaws,
  ...conservationLaws,
  ...purchaseLaws,
  ...quoteLaws,
  ...statementLaws,
  ...companionLaws,
  ...deliveryLaws,
  ...eventLaws,
  ...replayLaws,
  ...storedLaws,
]
