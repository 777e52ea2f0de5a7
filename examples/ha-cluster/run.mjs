// Runs the shop on a cluster under load, while each part of it fails, and verifies that nothing is lost.
// node examples/ha-cluster/run.mjs --help
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ensureBuilt } from '../../scripts/build.mjs'
import { openReleaseBefore } from '../../scripts/release-before.mjs'
import { startHaproxy } from './src/balancers.mjs'
import { readCall } from './src/call.mjs'
import { campaign } from './src/campaign.mjs'
import { startCluster } from './src/cluster.mjs'
import { startDataPlatform } from './src/data-platform.mjs'
import { documentRun } from './src/last-run.mjs'
import { openNetwork } from './src/network.mjs'
import { findPrograms } from './src/programs.mjs'
import { startRedisGroup } from './src/redis.mjs'
import { progressOf, tableOf } from './src/report.mjs'
import { startServers } from './src/servers.mjs'
import { newSettings } from './src/upgrade.mjs'

const end = (status, text) => {
  console[status === 0 ? 'log' : 'error'](text)
  process.exit(status)
}

const call = readCall(process.argv.slice(2))
if ('text' in call) end(call.status, call.text)

/** Postgres refuses root. */
const postgresUser = () => {
  if (process.getuid() !== 0) return undefined
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, name], { stdio: 'pipe' })))
      return { uid, gid }
    } catch {
      // The next one.
    }
  }
  throw new Error('neither the user postgres nor nobody exists')
}

/** Cleanups, to run in reverse order. */
const undo = []
let undoing = Promise.resolve()
/** Resolves when every cleanup has run, also those of a call before. */
const undoAll = () => {
  undoing = undoing.then(async () => {
    for (let step = undo.pop(); step; step = undo.pop()) {
      await Promise.resolve()
        .then(step)
        .catch((error) => console.error(error))
    }
  })
  return undoing
}

/** The parts that start. A signal waits for it: a part that has started meanwhile has a cleanup, too. */
let opening
let stopBegan
const stopOnSignal = async () => {
  if (stopBegan !== undefined) {
    // A package manager repeats Ctrl-C at once. A person who repeats it does not want to wait.
    if (performance.now() - stopBegan > 1_000) process.exit(130)
    return
  }
  stopBegan = performance.now()
  console.error('stopping: all parts end, and the folder is removed unless --keep is set')
  await undoAll()
  await Promise.race([Promise.allSettled([opening]), setTimeout(10_000)])
  await undoAll()
  process.exit(130)
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, stopOnSignal)

const open = async (strikes, programs, say) => {
  const folder = mkdtempSync(join(tmpdir(), 'shop-ha-'))
  // For root: Postgres then runs as another user, who needs access.
  chmodSync(folder, 0o711)
  undo.push(() => (call.keep ? say(`the logs are in ${folder}`) : rmSync(folder, { recursive: true, force: true })))
  const isUpgrade = strikes.some(({ name }) => name === 'release-before')
  const releaseBefore = isUpgrade ? await openReleaseBefore(say) : { reason: 'not chosen' }
  const network = openNetwork(3)
  undo.push(() => network.remove())
  const place = { folder, user: postgresUser(), ...programs }
  const cluster = await startCluster(network, place)
  undo.push(() => cluster.stop())
  await cluster.start()
  const redis = await startRedisGroup(place)
  undo.push(() => redis.stop())
  const haproxy = await startHaproxy(cluster.nodes, { ...place, redisPorts: redis.redisPorts })
  undo.push(() => haproxy.stop())
  const dataPlatform = await startDataPlatform()
  undo.push(() => dataPlatform.stop())
  const urls = {
    databaseUrl: `postgres://shop:${cluster.passwords.shop}@127.0.0.1:${haproxy.writes}/shop`,
    // Every release knows one address. Sentinel is among the new settings.
    redisUrl: `redis://127.0.0.1:${haproxy.redis}`,
    env: { SHOP_DATA_PLATFORM_URL: dataPlatform.url, SHOP_DATA_PLATFORM_SECRET: dataPlatform.secret },
  }
  const { checkout } = releaseBefore
  const shop = await startServers(urls, { folder, checkout, env: checkout ? {} : newSettings(redis) })
  undo.push(() => shop.stop())
  return { network, cluster, redis, dataPlatform, shop, releaseBefore }
}

const run = async () => {
  const programs = findPrograms()
  if (programs.missing.length > 0) end(69, programs.missing.join('\n'))
  const { strikes, users, minutes } = call
  await ensureBuilt()
  const progress = progressOf(strikes.length)
  progress.say('starting the cluster')
  opening = open(strikes, programs, progress.say)
  const parts = await opening
  const { network } = parts
  progress.say(
    `three nodes ${network.reason ? `on this address (${network.reason})` : 'in networks of their own'}, ${parts.shop.url}`,
  )
  const options = { users, minutes, ttl: 20 }
  const results = await campaign(parts, strikes, options, progress)
  undo.push(() => progress.clear())
  if (call.document) documentRun(results)
  else writeFileSync(call.results, `${JSON.stringify(results, undefined, 2)}\n`)
  progress.say(`\n${tableOf(results)}`)
  return results.goals.every(({ met }) => met)
}

try {
  process.exitCode = (await run()) ? 0 : 1
} catch (error) {
  // What fails after a signal fails because its parts end.
  if (stopBegan === undefined) console.error(error)
  process.exitCode = 1
} finally {
  await undoAll()
  // A strike may still wait for a part that no longer exists. After a signal, the signal's handler ends the process.
  if (stopBegan === undefined) process.exit()
}
