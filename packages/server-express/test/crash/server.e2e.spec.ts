import { serverKilled } from './strikes.js'
import { describeStrikes } from './suite.js'

describeStrikes({
  title: 'the server is killed in the middle of an operation',
  strikes: [serverKilled],
  sample: (_, turn) => (turn % 4 === 1 ? 'more' : 'brief'),
})
