import { connect, createServer, type Socket } from 'node:net'

/** What the client sends. `sql` is the text of a plain query, or of a statement that is being prepared. */
export interface ClientMessage {
  readonly type: string
  readonly sql: string | undefined
}

/**
 * - `forward`: as if there were no proxy.
 * - `swallow`: the message is lost, and nobody is told.
 * - `lose`: the message is held back, and with it all that follow. When the server has answered those before it, the
 *   client's connection is cut; the server's stays open until `letGo`.
 * - `drop`: the same, and the server's side is cut, too.
 * - `lose answer`: the message goes on; the client's connection is cut when the server has answered it.
 */
export type Fate = 'forward' | 'swallow' | 'lose' | 'drop' | 'lose answer'

export interface WireProxy {
  readonly url: string
  /** Decides over every message of the client. */
  fate: (message: ClientMessage) => Fate
  /** Times the client has waited for an answer, and statements it has sent. */
  readonly counts: { roundTrips: number; statements: number }
  /** Sends the messages that were held back to the server, and resolves when it has answered them all. */
  sendHeldBack(): Promise<void>
  /** Cuts the server's side of connections whose client was cut. */
  letGo(): void
  stop(): Promise<void>
}

/** Cuts a stream into messages: a type, a length, a body. The first one of a client has no type. */
const messagesOf = (hasStartup: boolean) => {
  let rest = Buffer.alloc(0)
  let started = !hasStartup
  return (chunk: Buffer): Buffer[] => {
    rest = Buffer.concat([rest, chunk])
    const messages: Buffer[] = []
    for (;;) {
      const head = started ? 1 : 0
      if (rest.length < head + 4) return messages
      const length = head + rest.readInt32BE(head)
      if (rest.length < length) return messages
      messages.push(rest.subarray(0, length))
      rest = rest.subarray(length)
      started = true
    }
  }
}

const typeOf = (message: Buffer): string => String.fromCharCode(message[0] as number)

/** ReadyForQuery follows every plain query and every Sync. */
const isAnswered = (message: Buffer): boolean => 'QS'.includes(typeOf(message))

const sqlOf = (type: string, message: Buffer): string | undefined => {
  const parts = message.subarray(5).toString('utf8').split('\0')
  if (type === 'Q') return parts[0]
  return type === 'P' ? parts[1] : undefined
}

/** Stands between a client and Postgres and understands enough of both to lose a message on purpose. */
export const startWireProxy = async (target: string): Promise<WireProxy> => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const abandoned = new Set<{ server: Socket; held: Buffer[] }>()
  const counts = { roundTrips: 0, statements: 0 }

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const fromClient = messagesOf(true)
    const fromServer = messagesOf(false)
    const held: Buffer[] = []
    let isStartup = true
    let unanswered = 0
    let cutAfterCommit = false
    let isDropped = false
    const abandon = () => {
      abandoned.add({ server: upstream, held })
      client.destroy()
      if (isDropped) upstream.destroy()
    }
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    client.on('data', (chunk: Buffer) => {
      for (const message of fromClient(chunk)) {
        const type = isStartup ? 'startup' : typeOf(message)
        if (type === 'Q' || type === 'E') counts.statements += 1
        if (unanswered === 0 && 'QS'.includes(type)) counts.roundTrips += 1
        const fate = held.length > 0 ? 'lose' : proxy.fate({ type, sql: sqlOf(type, message) })
        if (fate === 'swallow') continue
        if (fate === 'drop') isDropped = true
        if (fate === 'lose' || fate === 'drop') {
          held.push(message)
          continue
        }
        if (fate === 'lose answer') cutAfterCommit = true
        if (!isStartup && isAnswered(message)) unanswered += 1
        isStartup = false
        upstream.write(message)
      }
      if (held.length > 0 && unanswered === 0) abandon()
    })
    upstream.on('data', (chunk: Buffer) => {
      for (const message of fromServer(chunk)) {
        if (typeOf(message) === 'Z' && unanswered > 0) unanswered -= 1
        if (held.length > 0 && unanswered === 0) abandon()
        if (cutAfterCommit && message.toString('utf8', 5).startsWith('COMMIT')) abandon()
        if (!client.destroyed) client.write(message)
      }
    })
    client.on('close', () => {
      if (![...abandoned].some((each) => each.server === upstream)) upstream.destroy()
    })
    upstream.on('close', () => {
      client.destroy()
      for (const each of abandoned) if (each.server === upstream) abandoned.delete(each)
    })
  })

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const url = new URL(target)
  if (address && typeof address === 'object') url.port = String(address.port)
  const proxy: WireProxy = {
    url: url.href,
    fate: () => 'forward',
    counts,
    async sendHeldBack() {
      for (const { server: upstream, held } of abandoned) {
        let due = held.filter(isAnswered).length
        const answered = new Promise<void>((resolve) => {
          const messages = messagesOf(false)
          upstream.on('data', (chunk: Buffer) => {
            due -= messages(chunk).filter((message) => typeOf(message) === 'Z').length
            if (due <= 0) resolve()
          })
        })
        upstream.write(Buffer.concat(held.splice(0)))
        await answered
      }
    },
    letGo() {
      for (const { server: upstream } of abandoned) upstream.destroy()
      abandoned.clear()
    },
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}
