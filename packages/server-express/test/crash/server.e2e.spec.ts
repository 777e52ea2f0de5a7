import { serverKilled } from './faults.js'
import { describeFaults } from './suite.js'

describeFaults({
  title: 'the server is killed in the middle of an operation',
  faults: [serverKilled],
  sample: (_, turn) => (turn % 4 === 1 ? 'more' : 'brief'),
})
