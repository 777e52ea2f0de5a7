import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type FreshDatabase, freshDatabase } from '@shop/test-support/database'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { tokenFor } from '../http/support/tokens.js'
import { type Bundle, bundleServer, type ServerProcess, startProcess } from '../support/server-process.js'
import { secret } from '../support/tokens.js'

let bundle: Bundle
let database: FreshDatabase
let folder: string
beforeAll(async () => {
  ;[bundle, database, folder] = await Promise.all([
    bundleServer(),
    freshDatabase(),
    mkdtemp(join(tmpdir(), 'shop-attack-')),
  ])
})
afterAll(() => Promise.all([bundle.remove(), database.drop(), rm(folder, { recursive: true, force: true })]))

let server: ServerProcess
let url: string
let port: number
const sockets: Socket[] = []
beforeEach(async () => {
  server = startProcess(bundle.main, folder, {
    DATABASE_URL: database.url,
    SHOP_JWT_SECRET: secret,
    LOG_LEVEL: 'error',
    NODE_OPTIONS: '--max-old-space-size=256',
  })
  url = await server.url
  port = Number(new URL(url).port)
  await fetch(`${url}/metrics`)
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  server.child.kill('SIGKILL')
  await server.ended
})

const ahead = (count: number, path: string): string => `GET ${path} HTTP/1.1\r\nhost: x\r\n\r\n`.repeat(count)

/** A client that sends this text at once and reads nothing. */
const attacker = (text: string): Socket => {
  const socket = connect(port, '127.0.0.1')
  sockets.push(socket)
  socket.on('error', () => undefined).pause()
  socket.write(text)
  return socket
}

/** Processor time that the server used, in milliseconds. Wall-clock time says little on a busy machine. */
const processorMs = async (): Promise<number> => {
  const stat = await readFile(`/proc/${server.child.pid}/stat`, 'utf8')
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
  return (Number(user) + Number(system)) * 10
}

/** The maximum processor time that the server used before it responded to `/healthz`, until the work was done. */
const slowestHealth = async (work: Promise<unknown>): Promise<number> => {
  let isDone = false
  const done = work.finally(() => {
    isDone = true
  })
  let slowest = 0
  while (!isDone) {
    const before = await processorMs()
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    slowest = Math.max(slowest, (await processorMs()) - before)
  }
  await done
  return slowest
}

const residentMegabytes = async (): Promise<number> => {
  const status = await readFile(`/proc/${server.child.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024
}

const answered = async (route: string): Promise<number> => {
  // Metrics are cached for at most a second.
  await pause(1_100)
  const text = await (await fetch(`${url}/metrics`)).text()
  const pattern = new RegExp(`^shop_http_request_seconds_count\\{[^}]*route="${route}"[^}]*\\} (\\d+)$`, 'gm')
  return [...text.matchAll(pattern)].reduce((sum, [, count]) => sum + Number(count), 0)
}

test('the server responds within a second while 20 connections pipeline 1,000 scrapes each', async () => {
  const attack = async () => {
    for (let n = 0; n < 20; n += 1) attacker(ahead(1_000, '/metrics'))
    await pause(200)
    for (const socket of sockets) socket.destroy()
    await pause(2_000)
  }
  expect(await slowestHealth(attack())).toBeLessThan(1_000)
})

test('bodies sent one byte at a time take little memory', async () => {
  const before = await residentMegabytes()
  const head =
    'POST /api/users HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n'
  for (let n = 0; n < 30; n += 1) attacker(head + '1\r\n \r\n'.repeat(100_000))
  let most = 0
  // The server reads at most 64 kB of each body between two of these.
  for (let n = 0; n < 30; n += 1) {
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
    most = Math.max(most, await residentMegabytes())
  }
  for (const socket of sockets) socket.write('0\r\n\r\n')
  const answers = await Promise.all(sockets.map(async (socket) => String((await once(socket.resume(), 'data'))[0])))
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 401 /)
  expect(most - before).toBeLessThan(150)
})

test.each([1_900, 17])(
  '%i pipelined scrapes on 12 connections that are never read take little memory',
  async (count) => {
    const before = await residentMegabytes()
    for (let n = 0; n < 12; n += 1) attacker(ahead(count, '/metrics'))
    let most = 0
    for (let used = 1_000; used > 50; ) {
      const since = await processorMs()
      await pause(1_500)
      used = (await processorMs()) - since
      most = Math.max(most, await residentMegabytes())
    }
    expect(most - before).toBeLessThan(100)
    expect((await fetch(`${url}/healthz`)).status).toBe(200)
  },
)

test('pipelined searches do not run after their client disconnected', async () => {
  const attackers = Array.from({ length: 20 }, () => attacker(ahead(17, '/api/products?keyword=a')))
  await Promise.all(attackers.map((socket) => once(socket.resume(), 'data')))
  for (const socket of attackers) socket.destroy()
  expect(await answered('/api/products')).toBeLessThan((20 * 17) / 2)
})

test('15,000 long spellings of one token are refused and take no memory', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  const token = tokenFor('mina', '', { key: secret })
  const cut = token.lastIndexOf('.') + 9
  const ask = (authorization: string) =>
    new Promise<number | undefined>((resolve, reject) => {
      const outgoing = request({ agent, port, path: '/api/balance/mina', headers: { authorization } }, (response) => {
        response.resume().on('end', () => resolve(response.statusCode))
      })
      outgoing.on('error', reject).end()
    })
  const spelling = (n: number) => {
    const blanks = [...n.toString(2).padStart(14, '0')].map((digit) => (digit === '1' ? '\t' : ' ')).join('')
    return `Bearer ${token.slice(0, cut)}${blanks}${' '.repeat(12_000)}${token.slice(cut)}`
  }
  const before = await residentMegabytes()
  for (let n = 0; n < 15_000; n += 50) {
    const statuses = await Promise.all(Array.from({ length: 50 }, (_, m) => ask(spelling(n + m))))
    expect(new Set(statuses)).toEqual(new Set([401]))
  }
  expect((await residentMegabytes()) - before).toBeLessThan(100)
  expect(await ask(`Bearer ${token}`)).not.toBe(401)
  agent.destroy()
})
