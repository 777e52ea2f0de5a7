import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { until } from './daemon.mjs'
import { nodeAt, placeNode } from './node.mjs'

const run = promisify(execFile)
const password = () => randomBytes(18).toString('base64url')

/** Three machines of etcd, Patroni and Postgres: one primary, one synchronous standby and one more. */
export const startCluster = async (network, { folder, user, paths, postgresFolder }) => {
  const passwords = { superuser: password(), replication: password(), shop: password() }
  const places = []
  for (const [n, host] of network.hosts.entries()) places.push(await placeNode(`node${n + 1}`, host))
  const settings = { folder, user, paths, postgresFolder, passwords }
  const nodes = places.map((place) => nodeAt(place, places, settings))

  const sqlOn = async ({ address, postgres }, text, { database = 'shop' } = {}) => {
    const env = { ...process.env, PGPASSWORD: passwords.superuser, PGCONNECT_TIMEOUT: '2' }
    const to = ['-h', address, '-p', String(postgres), '-U', 'postgres', '-d', database]
    const { stdout } = await run(paths.psql, ['-XqAt', '-v', 'ON_ERROR_STOP=1', ...to, '-c', text], { env })
    return stdout.trim()
  }

  const states = async () => Promise.all(nodes.map(async (node) => ({ node, state: await node.state() })))
  const isPrimary = ({ state }) => state?.role === 'master' || state?.role === 'primary'

  /** The node that holds the lock, its synchronous standby and the third one. Undefined without a primary. */
  const roles = async () => {
    const all = await states()
    const primary = all.find((each) => isPrimary(each) && each.state.state === 'running')
    if (!primary) return undefined
    const sync = all.find(({ state }) => state?.sync_standby === true || state?.sync_standby === 'true')
    const standby = (primary.state.replication ?? []).find((each) => each.sync_state === 'sync')?.application_name
    const synchronous = sync?.node ?? nodes.find(({ name }) => name === standby)
    return {
      primary: primary.node,
      synchronous,
      other: nodes.find((node) => node !== primary.node && node !== synchronous),
      isWhole: all.every(({ state }) => state?.state === 'running') && primary.state.replication?.length === 2,
    }
  }

  return {
    nodes,
    roles,
    sqlOn,
    passwords,
    /** Resolves with the roles once all members run and replicate, one of them synchronously. */
    whole: (withinMs = 120_000) =>
      until(
        'the cluster is whole',
        async () => {
          const now = await roles()
          return now?.isWhole && now.synchronous && now.synchronous !== now.primary ? now : undefined
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
