import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** Stands between clients and a server, and spoils the network between them. */
export interface NetworkProxy {
  /** The target's URL, with this proxy in its place. */
  readonly url: string
  /** Holds back whatever the server says from now on, for so many milliseconds. Requests still arrive at once. */
  delayReplies(ms: number): void
  /** Closes every connection; new ones are accepted. */
  cut(): void
  /** Leads new connections to another server. Those that are there stay where they are. */
  leadTo(target: string): void
  /** Lets nothing through in either direction, and says nothing about it. */
  blackHole(): void
  /** As at the start. After a black hole it closes every connection, because they have lost something. */
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
