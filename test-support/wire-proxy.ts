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

/** Before and after a statement goes on to the server, and before and after its answer goes on to the client. */
export const moments = ['before forward', 'after forward', 'before the reply', 'after the reply'] as const

export type Moment = (typeof moments)[number]

/** A statement on its way. */
export interface Passage {
  readonly moment: Moment
  readonly sql: string
  /** The server's process behind this connection. */
  readonly backend: number | undefined
  /** Cuts both sides of this connection: nothing more goes on. */
  cut(): void
}

export interface WireProxy {
  readonly url: string
  /** Decides over every message of the client. */
  fate: (message: ClientMessage) => Fate
  /** Is told of every statement at each of its moments. What it returns is waited for, and all behind it waits, too. */
  watch: (passage: Passage) => Promise<unknown> | undefined
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

/** Statements of one client: which one a message executes, and which one the server's next answer belongs to. */
class Statements {
  readonly #prepared = new Map<string, string>()
  readonly #unanswered: { readonly sql: string | undefined; isBegun: boolean }[] = []
  #bound = ''
  #hasExecuted = false

  /** The SQL that a message of the client executes, if it does. */
  executedBy(type: string, message: Buffer): string | undefined {
    const parts = message.subarray(5).toString('latin1').split('\0')
    if (type === 'P') this.#prepared.set(parts[0] as string, sqlOf(type, message) as string)
    if (type === 'B') this.#bound = this.#prepared.get(parts[1] as string) ?? ''
    if (type === 'Q') return sqlOf(type, message)
    return type === 'E' ? this.#bound : undefined
  }

  /** Every entry is one ReadyForQuery to come. */
  forwarded(type: string, sql: string | undefined): void {
    if (type === 'Q' || type === 'E') this.#unanswered.push({ sql, isBegun: false })
    if (type === 'S' && !this.#hasExecuted) this.#unanswered.push({ sql: undefined, isBegun: false })
    if (type === 'E' || type === 'S') this.#hasExecuted = type === 'E'
  }

  /** The statement whose answer begins with this message of the server: it is done, or it failed. */
  begunBy(type: string): string | undefined {
    const [head] = this.#unanswered
    if (!head || head.isBegun || !'CIE'.includes(type)) return undefined
    head.isBegun = true
    return head.sql
  }

  /** The statement whose answer ends with this message of the server. */
  endedBy(type: string): string | undefined {
    return type === 'Z' ? this.#unanswered.shift()?.sql : undefined
  }
}

type Handling = Promise<unknown> | undefined

/** Handles messages one by one: where one takes its time, those behind it wait. */
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
