import { backendTerminated, connectionCut, postgresCrashed } from './strikes.js'
import { describeStrikes } from './suite.js'

describeStrikes({
  title: 'the database, or the way to it, fails in the middle of an operation',
  strikes: [backendTerminated, connectionCut, postgresCrashed],
  sample: (strike, turn) => {
    if (strike !== postgresCrashed) return 'more'
    return turn % 4 === 0 ? 'brief' : 'none'
  },
})
