import type { AddressInfo } from 'node:net'
import { answerParent } from '../processes/answer-parent.js'
import { bareExpress } from './bare-app.js'

const server = bareExpress().listen(0, '127.0.0.1')
const listening = new Promise<number>((resolve) => {
  server.once('listening', () => resolve((server.address() as AddressInfo).port))
})

answerParent<'port', number>(
  () => listening,
  async () => {
    server.closeAllConnections()
  },
)
