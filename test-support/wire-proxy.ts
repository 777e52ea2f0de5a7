import { connect, createServer, type Socket } from 'node:net'

/** A message of the client. `sql` is the text of a simple query, or of a statement being prepared. */
export interface ClientMessage {
  readonly type: string
  readonly sql: string | undefined
}

/**
 * - `forward`: passes the message on.
 * - `swallow`: drops the message silently.
 * - `lose`: holds back this message and all later ones. After the replies to earlier messages, cuts the
 * client's connection; the server's stays open until `letGo`.
 * - `drop`: like `lose`, and also cuts the server's connection.
 * - `lose answer`: passes the message on, and cuts the client's connection once the server has replied.
 */
export type Fate = 'forward' | 'swallow' | 'lose' | 'drop' | 'lose answer'

/**
 * Before and after a statement is forwarded to the server, and before and after its reply is forwarded to the
 * client.
 */
export const moments = ['before forward', 'after forward', 'before the reply', 'after the reply'] as const

export type Moment = (typeof moments)[number]

/** A statement in transit. */
export interface Passage {
  readonly moment: Moment
  readonly sql: string
  /** Process id of the server's backend for this connection. */
  readonly backend: number | undefined
  /** Cuts both sides of this connection. Nothing more is forwarded. */
  cut(): void
}

export interface WireProxy {
  readonly url: string
  /** Decides the fate of every client message. */
  fate: (message: ClientMessage) => Fate
  /**
   * Called for every statement at each of its moments. A returned promise delays the statement and everything
   * after it.
   */
  watch: (passage: Passage) => Promise<unknown> | undefined
  /** Number of round trips of the client, and the statements it sent. */
  readonly counts: { roundTrips: number; statements: number }
  /** Forwards the held messages to the server. Resolves when it has replied to all of them. */
  sendHeldBack(): Promise<void>
  /** Cuts the server side of connections whose client side was cut. */
  letGo(): void
  stop(): Promise<void>
}

/** Splits a stream into messages of type, length and body. The first client message has no type. */
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

/** ReadyForQuery follows every simple query and every Sync. */
const isAnswered = (message: Buffer): boolean => 'QS'.includes(typeOf(message))

const sqlOf = (type: string, message: Buffer): string | undefined => {
  const parts = message.subarray(5).toString('utf8').split('\0')
  if (type === 'Q') return parts[0]
  return type === 'P' ? parts[1] : undefined
}

/** Tracks the statements of one client: which one a message executes, and which one a reply belongs to. */
class Statements {
  readonly #prepared = new Map<string, string>()
  readonly #unanswered: { readonly sql: string | undefined; isBegun: boolean }[] = []
  #bound = ''
  #hasExecuted = false

  /** The SQL that a client message executes, if any. */
  executedBy(type: string, message: Buffer): string | undefined {
    const parts = message.subarray(5).toString('latin1').split('\0')
    if (type === 'P') this.#prepared.set(parts[0] as string, sqlOf(type, message) as string)
    if (type === 'B') this.#bound = this.#prepared.get(parts[1] as string) ?? ''
    if (type === 'Q') return sqlOf(type, message)
    return type === 'E' ? this.#bound : undefined
  }

  /** One entry per expected ReadyForQuery. */
  forwarded(type: string, sql: string | undefined): void {
    if (type === 'Q' || type === 'E') this.#unanswered.push({ sql, isBegun: false })
    if (type === 'S' && !this.#hasExecuted) this.#unanswered.push({ sql: undefined, isBegun: false })
    if (type === 'E' || type === 'S') this.#hasExecuted = type === 'E'
  }

  /** The statement whose reply begins with this server message: it completed, or it failed. */
  begunBy(type: string): string | undefined {
    const [head] = this.#unanswered
    if (!head || head.isBegun || !'CIE'.includes(type)) return undefined
    head.isBegun = true
    return head.sql
  }

  /** The statement whose reply ends with this server message. */
  endedBy(type: string): string | undefined {
    return type === 'Z' ? this.#unanswered.shift()?.sql : undefined
  }
}

type Handling = Promise<unknown> | undefined

/** Handles messages one at a time: a slow one delays those after it. */
const inTurn = (handle: (message: Buffer) => Handling, whenIdle: () => void) => {
  const waiting: Buffer[] = []
  let isBusy = false
  const next = () => {
    while (!isBusy && waiting.length > 0) {
      const handling = handle(waiting.shift() as Buffer)
      if (!handling) continue
      isBusy = true
      void handling.finally(() => {
        isBusy = false
        next()
      })
    }
    if (!isBusy) whenIdle()
  }
  return (messages: readonly Buffer[]) => {
    waiting.push(...messages)
    next()
  }
}

/** A proxy between a client and Postgres that understands enough of the protocol to lose messages on purpose. */
export const startWireProxy = async (target: string): Promise<WireProxy> => {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const abandoned = new Set<{ server: Socket; held: Buffer[] }>()
  const counts = { roundTrips: 0, statements: 0 }

  const server = createServer((client) => {
    const upstream = connect(Number(port), hostname)
    const fromClient = messagesOf(true)
    const fromServer = messagesOf(false)
    const statements = new Statements()
    const held: Buffer[] = []
    let isStartup = true
    let unanswered = 0
    let backend: number | undefined
    let cutAfterCommit = false
    let isDropped = false
    const abandon = () => {
      abandoned.add({ server: upstream, held })
      client.destroy()
      if (isDropped) upstream.destroy()
    }
    const cut = () => {
      client.destroy()
      upstream.destroy()
    }
    const tell = (moment: Moment, sql: string | undefined): Handling =>
      sql === undefined ? undefined : proxy.watch({ moment, sql, backend, cut })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => {})
      socket.on('close', () => sockets.delete(socket))
    }
    const toServer = inTurn(
      (message) => {
        const type = isStartup ? 'startup' : typeOf(message)
        const executed = statements.executedBy(type, message)
        if (executed !== undefined) counts.statements += 1
        if (unanswered === 0 && 'QS'.includes(type)) counts.roundTrips += 1
        const fate = held.length > 0 ? 'lose' : proxy.fate({ type, sql: sqlOf(type, message) })
        if (fate === 'swallow') return undefined
        if (fate === 'drop') isDropped = true
        if (fate === 'lose' || fate === 'drop') {
          held.push(message)
          return undefined
        }
        if (fate === 'lose answer') cutAfterCommit = true
        if (!isStartup && isAnswered(message)) unanswered += 1
        isStartup = false
        const forward = () => {
          if (upstream.destroyed) return undefined
          statements.forwarded(type, executed)
          upstream.write(message)
          return tell('after forward', executed)
        }
        const before = tell('before forward', executed)
        return before ? before.then(forward) : forward()
      },
      () => {
        if (held.length > 0 && unanswered === 0) abandon()
      },
    )
    const toClient = inTurn(
      (message) => {
        const type = typeOf(message)
        if (type === 'K') backend = message.readInt32BE(5)
        if (type === 'Z' && unanswered > 0) unanswered -= 1
        if (held.length > 0 && unanswered === 0) abandon()
        if (cutAfterCommit && message.toString('utf8', 5).startsWith('COMMIT')) abandon()
        const pass = () => {
          if (!client.destroyed) client.write(message)
          return tell('after the reply', statements.endedBy(type))
        }
        const before = tell('before the reply', statements.begunBy(type))
        return before ? before.then(pass) : pass()
      },
      () => {},
    )
    client.on('data', (chunk: Buffer) => toServer(fromClient(chunk)))
    upstream.on('data', (chunk: Buffer) => toClient(fromServer(chunk)))
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
    watch: () => undefined,
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
