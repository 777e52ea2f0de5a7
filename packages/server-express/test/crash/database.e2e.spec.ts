import { backendTerminated, connectionCut, postgresCrashed } from './faults.js'
import { describeFaults } from './suite.js'

describeFaults({
  title: 'the database, or the way to it, fails in the middle of an operation',
  faults: [backendTerminated, connectionCut, postgresCrashed],
  sample: (fault, turn) => {
    if (fault !== postgresCrashed) return 'more'
    return turn % 4 === 0 ? 'brief' : 'none'
  },
})
