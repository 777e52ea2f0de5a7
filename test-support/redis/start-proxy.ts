import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A proxy between clients and a server that simulates network faults. */
export interface NetworkProxy {
  /** The target's URL, with the address of this proxy. */
  readonly url: string
  /** Delays all further replies by this time. Requests still arrive immediately. */
  delayReplies(ms: number): void
  /** Closes every connection. New ones are accepted. */
  cut(): void
  /** Routes new connections to another server. Existing ones stay. */
  leadTo(target: string): void
  /** Drops all data in both directions, silently. */
  blackHole(): void
  /** Ends all faults. After a black hole it closes every connection, because data was lost. */
  heal(): void
  stop(): Promise<void>
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

export const startProxy = async (target: string): Promise<NetworkProxy> => {
  let { hostname, port } = new URL(target)
  const clients = new Set<Socket>()
  let delayMs = 0
  let isBlackHole = false

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    let said: Promise<unknown> = Promise.resolve()
    clients.add(client)
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true)
      socket.on('error', () => {})
    }
    client.on('data', (chunk) => !isBlackHole && upstream.write(chunk))
    upstream.on('data', (chunk) => {
      const due = performance.now() + delayMs
      said = said
        .then(() => (due > performance.now() ? pause(due - performance.now()) : undefined))
        .then(() => !isBlackHole && client.writable && client.write(chunk))
    })
    client.on('close', () => {
      clients.delete(client)
      upstream.destroy()
    })
    upstream.on('close', () => said.then(() => client.destroy()))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const url = new URL(target)
  url.port = String(typeof address === 'object' && address ? address.port : '')

  const cut = () => {
    for (const client of clients) client.destroy()
  }
  return {
    url: url.href,
    delayReplies(ms) {
      delayMs = ms
    },
    cut,
    leadTo(other) {
      ;({ hostname, port } = new URL(other))
    },
    blackHole() {
      isBlackHole = true
    },
    heal() {
      if (isBlackHole) cut()
      delayMs = 0
      isBlackHole = false
    },
    async stop() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
