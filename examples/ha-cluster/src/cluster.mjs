import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { until } from './daemon.mjs'
import { nodeAt, placeNode } from './node.mjs'
import { needsOldEtcd } from './programs.mjs'

const run = promisify(execFile)
const password = () => randomBytes(18).toString('base64url')

/** Three machines of etcd, Patroni and Postgres: one primary, one synchronous standby and one more. */
export const startCluster = async (network, { folder, user, paths, postgresFolder }) => {
  const passwords = { superuser: password(), replication: password(), shop: password() }
  const places = []
  for (const [n, host] of network.hosts.entries()) places.push(await placeNode(`node${n + 1}`, host))
  const speaksOldEtcd = needsOldEtcd(paths.patroni)
  const settings = { folder, user, paths, postgresFolder, passwords, speaksOldEtcd }
  const nodes = places.map((place) => nodeAt(place, places, settings))

  /** Runs one statement as superuser on this node, inside its network. Resolves with the output of psql. */
  const sqlOn = async ({ address, postgres, host }, text, { database = 'shop', timeout = 60_000 } = {}) => {
    const env = { ...process.env, PGPASSWORD: passwords.superuser, PGCONNECT_TIMEOUT: '2' }
    const to = ['-h', address, '-p', String(postgres), '-U', 'postgres', '-d', database]
    const [file, ...args] = [...host.enter, paths.psql, '-XqAt', '-v', 'ON_ERROR_STOP=1', ...to, '-c', text]
    const { stdout } = await run(file, args, { env, timeout })
    return stdout.trim()
  }

  /** The members as this node sees them, by role. Undefined if it does not answer. */
  const membersSeenBy = async (node) => {
    try {
      const { status, text } = await node.ask('GET', '/cluster')
      return status === 200 ? JSON.parse(text).members : undefined
    } catch {
      return undefined
    }
  }

  /**
   * The node that holds the lock, its synchronous standby and the third one. Undefined without a primary.
   * `isWhole`: all run, on one timeline, and both others replicate.
   */
  const roles = async () => {
    const states = await Promise.all(nodes.map(async (node) => ({ node, state: await node.state() })))
    const held = states.find(({ state }) => state?.state === 'running' && /^(master|primary)$/.test(state.role))
    if (!held) return undefined
    const primary = held.node
    const members = (await membersSeenBy(primary)) ?? []
    if (!members.some(({ name, role }) => name === primary.name && role === 'leader')) return undefined
    const name = members.find(({ role }) => role === 'sync_standby')?.name
    const synchronous = nodes.find((node) => node.name === name)
    const timelines = new Set(members.map(({ timeline }) => timeline))
    return {
      primary,
      synchronous,
      other: nodes.find((node) => node !== primary && node !== synchronous),
      isWhole:
        synchronous !== undefined &&
        members.length === 3 &&
        timelines.size === 1 &&
        states.every(({ state }) => state?.state === 'running') &&
        held.state.replication?.filter((each) => each.state === 'streaming').length === 2,
    }
  }

  return {
    nodes,
    roles,
    sqlOn,
    passwords,
    /** Asks a node from inside its network whether its Postgres runs and is not a standby. */
    takesWritesInside: (node) =>
      sqlOn(node, 'select pg_is_in_recovery()', { database: 'postgres', timeout: 4_000 }).then(
        (answer) => answer === 'f',
        () => false,
      ),
    /** Resolves with the roles once all members run and replicate, one of them synchronously. */
    whole: (withinMs = 90_000) =>
      until(
        'the cluster is whole',
        async () => {
          const now = await roles()
          return now?.isWhole ? now : undefined
        },
        withinMs,
      ),
    async start() {
      await Promise.all(nodes.map((node) => node.etcd.start()))
      await nodes[0].patroni.start()
      await until('the first primary', roles, 90_000)
      await Promise.all(nodes.slice(1).map((node) => node.patroni.start()))
      const { primary } = await this.whole()
      const create = `create role shop login password '${passwords.shop}'`
      await sqlOn(primary, create, { database: 'postgres' })
      await sqlOn(primary, 'create database shop owner shop', { database: 'postgres' })
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.killAll()))
    },
  }
}
