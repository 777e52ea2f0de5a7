import { createServer as createNetServer } from 'node:net'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import type { DatabaseUrlOptions } from '../../../src/options.js'
import { createServer, type ShopServer } from '../../../src/server/create-server.js'
import { urlOf } from '../../../src/server/start-text.js'
import { type ApiCaller, administratorOf, secret } from '../../support/tokens.js'

export interface OpenServer {
  readonly server: ShopServer
  readonly url: string
  /** Calls the server as an administrator. */
  readonly call: ApiCaller
  /** The messages logged at this level. */
  logged(level: 'warn' | 'info' | 'error'): readonly string[]
  /** The value of a metric with these labels. Undefined if it was never recorded. */
  metric(name: string, labels?: string): Promise<number | undefined>
  close(): Promise<void>
}

/** Starts a server in this process, on a free port. */
export const openServer = async (options: Omit<DatabaseUrlOptions, 'auth'>): Promise<OpenServer> => {
  const lines: { readonly level: number; readonly msg: string }[] = []
  const sink = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  const server = await createServer({ auth: { secret }, logger: pino({ level: 'info' }, sink), ...options })
  const url = urlOf(await server.listen(0))
  return {
    server,
    url,
    call: await administratorOf(url),
    logged(level) {
      const { [level]: value } = pino.levels.values
      return lines.filter((line) => line.level === value).map(({ msg }) => msg)
    },
    async metric(name, labels = '') {
      const text = await (await fetch(`${url}/metrics`)).text()
      const line = text.split('\n').find((each) => each.startsWith(`${name}${labels && `{${labels}}`} `))
      return line === undefined ? undefined : Number(line.split(' ').at(-1))
    },
    close: () => server.close(),
  }
}

/** An address on which nothing listens. */
export const deadUrl = (): Promise<string> =>
  new Promise((resolve) => {
    const probe = createNetServer().listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(`redis://127.0.0.1:${port}`))
    })
  })

export const codesOf = (answers: readonly { readonly status: number; readonly body: { code?: string } }[]) =>
  answers.map(({ status, body }) => (status < 300 ? 'ok' : (body.code ?? String(status))))

export const count = (codes: readonly string[], code: string): number => codes.filter((each) => each === code).length
