import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { answerParent } from '../processes/answer-parent.js'

/** Tells the parent process the port of a server that is about to listen. Closes it when the parent disconnects. */
export const answerWithPort = (server: Server, close: () => Promise<void> = async () => {}): void => {
  const listening = new Promise<number>((resolve) => {
    server.once('listening', () => resolve((server.address() as AddressInfo).port))
  })
  answerParent<'port', number>(
    () => listening,
    () => {
      server.closeAllConnections()
      return close()
    },
  )
}
