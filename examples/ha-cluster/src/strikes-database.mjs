import { setTimeout } from 'node:timers/promises'
import { until } from './daemon.mjs'

const seconds = (ms) => `${(ms / 1_000).toFixed(1)} s`

/** Resolves with the roles once another node is the primary. */
const nextPrimary = (cluster, old) =>
  until('another primary', async () => {
    const now = await cluster.roles()
    return now && now.primary !== old ? now : undefined
  })

const killPrimary = async ({ cluster }) => {
  const { primary } = await cluster.whole()
  primary.killPostgres()
  await until('the death is noticed', async () => (await primary.state())?.state !== 'running')
  const after = await cluster.whole()
  return {
    note: after.primary === primary ? `${primary.name} started again` : `${primary.name} to ${after.primary.name}`,
  }
}

const killNode = async ({ cluster }) => {
  const { primary } = await cluster.whole()
  await primary.killAll()
  const { primary: next } = await nextPrimary(cluster, primary)
  await setTimeout(3_000)
  await primary.start()
  return { note: `${primary.name} to ${next.name}` }
}

/** The old primary cannot learn that another one follows. It has to give up by itself. */
const cutPrimary = async ({ cluster }) => {
  const { primary } = await cluster.whole()
  const began = performance.now()
  primary.host.cut()
  try {
    const demoted = until('the cut off primary gives up', async () => !(await cluster.takesWritesInside(primary))).then(
      () => performance.now() - began,
    )
    const { primary: next } = await nextPrimary(cluster, primary)
    const gaveUpMs = await demoted
    await setTimeout(3_000)
    return { note: `${primary.name} to ${next.name}; the old one gave up after ${seconds(gaveUpMs)}` }
  } finally {
    primary.host.heal()
  }
}

/** As a machine that is suspended: it goes on later, and believes that it is still the primary. */
const freezePrimary = async ({ cluster }) => {
  const { primary } = await cluster.whole()
  primary.freeze()
  try {
    const { primary: next } = await nextPrimary(cluster, primary)
    await setTimeout(3_000)
    return { note: `${primary.name} to ${next.name}` }
  } finally {
    primary.thaw()
  }
}

const switchTo = async ({ primary, synchronous }) => {
  const { status, text } = await primary.ask('POST', '/switchover', {
    leader: primary.name,
    candidate: synchronous.name,
  })
  if (status !== 200) throw new Error(`switchover: ${status} ${text}`)
}

const switchover = async ({ cluster }) => {
  const now = await cluster.whole()
  await switchTo(now)
  const { primary: next } = await nextPrimary(cluster, now.primary)
  return { note: `${now.primary.name} to ${next.name}` }
}

/** Frozen, not killed: nothing tells the primary that it is gone. Commits wait until it is taken out. */
const freezeStandby = async ({ cluster }) => {
  const { synchronous } = await cluster.whole()
  synchronous.freeze()
  try {
    await setTimeout(15_000)
  } finally {
    synchronous.thaw()
  }
  return { note: `${synchronous.name} frozen for 15 s` }
}

const etcdAwayMs = 25_000

const stopEtcds = async ({ cluster }) => {
  const { primary } = await cluster.whole()
  const etcds = cluster.nodes.slice(0, 2).map(({ etcd }) => etcd)
  const began = performance.now()
  await Promise.all(etcds.map((etcd) => etcd.kill()))
  let gaveUpMs
  try {
    await until('the primary gives up', async () => !(await cluster.takesWritesInside(primary)))
    gaveUpMs = performance.now() - began
    await setTimeout(Math.max(0, etcdAwayMs - gaveUpMs))
  } finally {
    await Promise.all(etcds.map((etcd) => etcd.start()))
  }
  const awayMs = performance.now() - began
  return { awayMs, note: `away for ${seconds(awayMs)}; the primary gave up after ${seconds(gaveUpMs)}` }
}

const restartPostgres = async (node) => {
  const { status, text } = await node.ask('POST', '/restart', {})
  if (status !== 200) throw new Error(`restart of ${node.name}: ${status} ${text}`)
}

/** The replicas first; then the primary hands over, and restarts as a replica. */
const restartPostgresInTurn = async ({ cluster }) => {
  const first = await cluster.whole()
  await restartPostgres(first.other)
  const second = await cluster.whole()
  await restartPostgres(second.synchronous)
  const third = await cluster.whole()
  await switchTo(third)
  await nextPrimary(cluster, third.primary)
  await cluster.whole()
  await restartPostgres(third.primary)
  return { note: 'two replicas, switchover, the old primary' }
}

export const databaseStrikes = [
  { name: 'kill-primary', title: 'the primary Postgres killed', window: 'ttl', run: killPrimary },
  { name: 'kill-node', title: 'the whole node of the primary killed', window: 'ttl', run: killNode },
  {
    name: 'cut-primary',
    title: 'the node of the primary cut off while it lives',
    window: 'ttl',
    lacks: ({ network }) => network.reason,
    run: cutPrimary,
  },
  { name: 'freeze-primary', title: 'the node of the primary frozen and thawed', window: 'ttl', run: freezePrimary },
  { name: 'switchover', title: 'switchover', window: 'ttl', run: switchover },
  { name: 'freeze-standby', title: 'the synchronous standby frozen', window: 'ttl', run: freezeStandby },
  { name: 'etcd-majority', title: 'two of three etcd away', window: 'away', run: stopEtcds },
  {
    name: 'rolling-postgres',
    title: 'rolling restart of Postgres',
    window: 'ttl',
    failsNothing: true,
    run: restartPostgresInTurn,
  },
]
