import { setTimeout } from 'node:timers/promises'
import { until } from './daemon.mjs'
import { databaseStrikes } from './strikes-database.mjs'
import { upgrade } from './upgrade.mjs'

/** Kills the Redis that Sentinel calls the master, and starts it again as a replica. */
const sentinelFailover = async ({ redis }) => {
  const old = await redis.primary()
  const began = performance.now()
  await old.kill()
  const next = await until('Sentinel chooses another Redis', async () => {
    const now = await redis.primary()
    return now && now !== old ? now : undefined
  })
  const ms = performance.now() - began
  await setTimeout(3_000)
  await old.start()
  await redis.whole()
  return { note: `${old.name} to ${next.name} in ${(ms / 1_000).toFixed(1)} s` }
}

/** Each server in turn: it drains, ends, starts and is ready. */
const restartServers = async ({ shop }) => {
  for (const server of shop.servers) {
    await server.stop()
    await server.start()
    await setTimeout(1_500)
  }
}

/**
 * What can fail, in the order of a run.
 * - `window: 'ttl'`: the longest time without a write may be Patroni's ttl and 3 s; `'away'`: plus the time that the
 *   strike keeps a part away.
 * - `failsNothing`: no request may fail meanwhile. The upgrade stops servers of another release, which this one cannot
 *   answer for.
 * - `lacks`: why it cannot run here. Undefined if it can.
 */
export const strikes = [
  {
    name: 'release-before',
    title: 'rolling upgrade from the release before',
    window: 'ttl',
    lacks: ({ releaseBefore }) => releaseBefore.reason,
    run: upgrade,
  },
  ...databaseStrikes,
  { name: 'sentinel', title: 'the Redis master killed', window: 'ttl', failsNothing: true, run: sentinelFailover },
  {
    name: 'rolling-servers',
    title: 'rolling restart of the servers',
    window: 'ttl',
    failsNothing: true,
    run: restartServers,
  },
]
