// Runs three servers under load while servers and Redis are killed, then verifies that nothing is lost.
// node examples/three-servers/run.mjs [--seconds 60] [--users 32]
// node examples/three-servers/run.mjs --url http://localhost:8080
// The second form runs only load and verification, on running servers.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { ensureBuilt } from '../../scripts/build.mjs'
import { startBalancer } from './src/balancer.mjs'
import { callerOf, liveAs, makeProducts, namesOf } from './src/load.mjs'
import { freePort, redisOn, serverOn } from './src/processes.mjs'
import { verify } from './src/verify.mjs'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    users: { type: 'string', default: '32' },
    url: { type: 'string' },
  },
})
const seconds = Number(values.seconds)
const users = Number(values.users)
const say = (text) => console.log(text)

/** Cleanups, to run in reverse order. */
const undo = []
const undoAll = async () => {
  for (const step of undo.splice(0).reverse()) await step().catch((error) => console.error(error))
}
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => undoAll().finally(() => process.exit(130)))

const openAll = async () => {
  await ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'shop-three-'))
  // For root: Postgres then runs as another user, who needs access.
  chmodSync(folder, 0o711)
  undo.push(async () => rmSync(folder, { recursive: true, force: true }))
  const { startEmbeddedPostgres } = await import('@shop/server-express/embedded-postgres')
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres') })
  undo.push(() => postgres.stop())
  const redisPort = await freePort()
  const redis = redisOn(redisPort, folder)
  undo.push(() => redis.kill())
  await redis.start()
  const ports = [await freePort(), await freePort(), await freePort()]
  const servers = ports.map((port) =>
    serverOn(port, { folder, databaseUrl: postgres.url, redisUrl: `redis://127.0.0.1:${redisPort}` }),
  )
  for (const server of servers) undo.push(() => server.stop())
  await Promise.all(servers.map((server) => server.start()))
  const port = await freePort()
  const balancer = await startBalancer(port, ports, join(folder, 'balancer'), { isRouted: true })
  undo.push(() => balancer.stop())
  say(`three servers on Postgres and Redis, behind ${balancer.name}: http://127.0.0.1:${port}`)
  return { url: `http://127.0.0.1:${port}`, redis, servers }
}

/** The phases. A restart is not awaited: the load continues meanwhile. */
const phasesOf = ({ redis, servers: [first, second, third] }) => [
  ['all servers run', () => undefined],
  ['Redis is killed', () => redis.kill()],
  ['Redis restarts, empty', () => redis.start()],
  ['a server is killed as well', () => first.kill()],
  ['it restarts; Redis is frozen', () => [void redis.freeze(), first.start()][1]],
  ['Redis resumes; a server is stopped', () => [void redis.thaw(), second.stop()][1]],
  ['it restarts; a third one is killed', () => [third.kill(), second.start()][1]],
  ['all servers run again', () => third.start()],
]

const attack = async (phases, report) => {
  const deeds = []
  for (const [name, deed] of phases) {
    report.begin(name)
    deeds.push(Promise.resolve(deed()))
    await setTimeout((seconds / phases.length) * 1_000)
    report.end()
  }
  await Promise.all(deeds)
}

const reportTo = (write) => {
  const phases = []
  let phase
  return {
    phases,
    onAnswer: () => {
      if (phase) phase.answers += 1
    },
    onTrouble: () => {
      if (phase) phase.again += 1
    },
    begin(name) {
      phase = { name, began: performance.now(), answers: 0, again: 0 }
    },
    end() {
      const { name, began, answers, again } = phase
      const perSecond = Math.round((answers / (performance.now() - began)) * 1_000)
      phases.push({ name, answers })
      write(`  ${name.padEnd(42)} ${String(perSecond).padStart(6)} responses/s ${String(again).padStart(6)} retries`)
    },
  }
}

const run = async () => {
  const opened = values.url === undefined ? await openAll() : undefined
  const url = values.url ?? opened.url
  const report = reportTo(say)
  const caller = callerOf(url, report)
  undo.push(async () => caller.close())
  const names = namesOf(Date.now().toString(36))
  await makeProducts(caller, names)

  say(`${users} users charge, claim coupons, order, pay and cancel for ${seconds} s`)
  let isOver = false
  const lives = Array.from({ length: users }, (_, n) => liveAs(n, names, caller, () => isOver))
  const living = Promise.all(lives)
  living.catch(() => undefined)
  const phases = opened ? phasesOf(opened) : [['existing servers', () => undefined]]
  await Promise.race([attack(phases, report), living.then(() => new Promise(() => undefined))])
  isOver = true
  const promises = await living

  const orders = promises.reduce((sum, each) => sum + each.orders.size, 0)
  const coupons = promises.reduce((sum, each) => sum + each.coupons.length, 0)
  const { wrong, audit } = await verify(caller, names, promises)
  for (const line of [...wrong, ...audit.violations.map((each) => JSON.stringify(each))].slice(0, 20)) say(`  ${line}`)
  say(`acknowledged: ${orders} orders, ${coupons} coupons; lost or wrong: ${wrong.length}`)
  say(`audit: ${audit.ok ? 'no law is broken' : `${audit.violations.length} violations`}`)
  return wrong.length === 0 && audit.ok
}

try {
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  await undoAll()
}
